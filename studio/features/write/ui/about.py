"""What is known of a text, in words."""

from studio.app.services import Item
from studio.core.text import tr, tr_count
from studio.features.write.tasks.write import WriteFacts

LINE = 90
"""Characters of a text in the list of earlier ones."""


def line_of(item: Item) -> str:
    """An earlier text in a line or two: the prompt, and how it goes on."""
    prompt, begins = " ".join(item.prompt.split()), WriteFacts.of(item.notes).begins
    line = begins if begins.startswith(prompt) else f"{prompt} … {begins}"
    return line if len(line) <= LINE else f"{line[:LINE].rstrip()}…"


def facts_in_words(facts: WriteFacts) -> str:
    """Tokens and speed."""
    tokens, speed = facts.tokens, facts.tokens_per_second
    parts = [tr_count(tokens, "{count} token", "{count} tokens")] if tokens is not None else []
    parts += [tr("{speed} tokens/s", speed=round(speed))] if speed is not None else []
    return " · ".join(parts)

"""What is known of a text, in words."""

from collections.abc import Mapping
from typing import Any

from studio.app.desk import Item
from studio.core.text import tr, tr_count

LINE = 90
"""Characters of a text in the list of earlier ones."""


def line_of(item: Item) -> str:
    """An earlier text in a line or two: the prompt, and how it goes on."""
    prompt, begins = " ".join(item.prompt.split()), str(item.notes.get("begins", ""))
    line = begins if begins.startswith(prompt) else f"{prompt} … {begins}"
    return line if len(line) <= LINE else f"{line[:LINE].rstrip()}…"


def facts_of(notes: Mapping[str, Any]) -> str:
    """Tokens and speed in words."""
    tokens, speed = notes.get("tokens"), notes.get("tokens_per_second")
    parts = [tr_count(tokens, "{count} token", "{count} tokens")] if isinstance(tokens, int) else []
    parts += [tr("{speed} tokens/s", speed=round(speed))] if isinstance(speed, int | float) else []
    return " · ".join(parts)

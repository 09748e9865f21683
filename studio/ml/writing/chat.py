"""Chats into tokens through the model's own template, which is a stranger's program and is kept within bounds."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.writing.ends import turn_ends
from studio.ml.writing.template import (
    LONGEST,
    BrokenTemplateError,
    LostQuestionError,
    Rendered,
    TooLargeError,
    TooMuchError,
    render,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatPrompt:
    """What a model reads of a chat, and how its answer ends."""

    tokens: list[int]
    ends: frozenset[int]
    """Tokens that the template writes after an answer."""
    stops: tuple[str, ...]
    """Or the words that open the next question, where it writes no such token."""
    unread: bool
    """Whether the template leaves the instructions out."""


def chat_prompt(
    tokenizer: Any, messages: Sequence[Mapping[str, str]], begin: str, check: Callable[[], None]
) -> ChatPrompt:
    """``messages`` as the template writes them, the opening of an answer, and ``begin`` right after it.

    The template is rendered in a process of its own. What people wrote never turns into control tokens. ``check`` is
    called on the way. Raises StudioError when there is no template, when it fails or leaves the question out, or when
    it goes beyond its bounds.
    """
    try:
        template = tokenizer.get_chat_template()
    except ValueError as error:
        raise StudioError(tr("This model brings no chat template. Use it in Draft mode.")) from error
    if sum(len(message["content"]) for message in messages) > LONGEST:
        raise StudioError(tr("This chat is too long: {count} characters are the most. Shorten it.", count=LONGEST))
    from transformers.utils.chat_template_utils import mark_control_tokens

    before, _, after = mark_control_tokens("x", re.compile("x"))
    request = {
        "template": template,
        "messages": [dict(message) for message in messages],
        "variables": {name: str(token) for name, token in tokenizer.special_tokens_map.items()},
        "tokens": [(token.content, token.special) for token in tokenizer.added_tokens_decoder.values()],
        "marks": (before, after),
    }
    found = _rendered(request, tokenizer.name_or_path, check)
    tokens: list[int] = tokenizer(found.text, add_special_tokens=False, sanitize_control_tokens=True)["input_ids"]
    ends, stops = turn_ends(found.turn_end, tokenizer)
    return ChatPrompt([*tokens, *_after(tokenizer, begin)], ends, stops, found.unread)


def _rendered(request: Mapping[str, Any], path: str, check: Callable[[], None]) -> Rendered:
    try:
        return render(request, check)
    except TooMuchError as error:
        raise StudioError(
            tr("The chat template in {path} came to no end and was stopped. Use the model in Draft mode.", path=path),
            trouble="model_unusable",
        ) from error
    except TooLargeError as error:
        raise StudioError(
            tr(
                "The chat template in {path} wanted too much memory and was stopped. Use the model in Draft mode.",
                path=path,
            ),
            trouble="model_unusable",
        ) from error
    except BrokenTemplateError as error:
        log.info("the chat template in %s failed", path, exc_info=True)
        raise StudioError(
            tr("The chat template in {path} is broken. Use the model in Draft mode.", path=path),
            trouble="model_unusable",
        ) from error
    except LostQuestionError as error:
        raise StudioError(
            tr("The chat template in {path} leaves the question out. Use the model in Draft mode.", path=path),
            trouble="model_unusable",
        ) from error
    except ValueError as error:
        raise StudioError(
            tr("The chat template in {path} can't write this chat: {why}", path=path, why=error)
        ) from error


def _after(tokenizer: Any, text: str) -> list[int]:
    """``text`` as tokens in the middle of a text, where some tokenizers would put a space before it."""
    if not text:
        return []

    def encode(part: str) -> list[int]:
        ids: list[int] = tokenizer.encode(part, add_special_tokens=False, split_special_tokens=True)
        return ids

    lead, ids = encode("\n"), encode("\n" + text)
    return ids[len(lead) :] if ids[: len(lead)] == lead else encode(text)

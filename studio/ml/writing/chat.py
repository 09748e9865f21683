"""Turns chats into tokens with the model's own template, which is untrusted code and is sandboxed."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.writing.ends import turn_ends
from studio.ml.writing.template import (
    LONGEST,
    BrokenTemplateError,
    LostQuestionError,
    Rendered,
    Renderer,
    TooLargeError,
    TooMuchError,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatPrompt:
    """The tokens of a chat, and how the answer ends."""

    tokens: list[int]
    ends: frozenset[int]
    """Tokens that the template writes after an answer."""
    stops: tuple[str, ...]
    """Or the text that opens the next question, if there is no such token."""
    unread: bool
    """Whether the template ignores the instructions."""


class ChatWriter:
    """A model's own chat template, which renders chats within a ``with`` block, in a separate process.

    User text never turns into control tokens. ``check`` is called meanwhile. Raises StudioError if there is no
    template.
    """

    def __init__(self, tokenizer: Any, check: Callable[[], None]) -> None:
        try:
            template = tokenizer.get_chat_template()
        except ValueError as error:
            raise StudioError(tr("This model has no chat template. Use it in Draft mode.")) from error
        from transformers.utils.chat_template_utils import mark_control_tokens

        before, _, after = mark_control_tokens("x", re.compile("x"))
        self._tokenizer = tokenizer
        about = {
            "template": template,
            "variables": {name: str(token) for name, token in tokenizer.special_tokens_map.items()},
            "tokens": [(token.content, token.special) for token in tokenizer.added_tokens_decoder.values()],
            "marks": (before, after),
        }
        self._renderer = Renderer(about, check)

    def __enter__(self) -> Self:
        self._renderer.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._renderer.__exit__(*error)

    def prompt(self, messages: Sequence[Mapping[str, str]], begin: str) -> ChatPrompt:
        """``messages`` in the template's format, the opening of an answer, and ``begin`` right after it.

        Raises StudioError if the template fails, leaves the question out, or exceeds its limits.
        """
        if sum(len(message["content"]) for message in messages) > LONGEST:
            raise StudioError(tr("This chat is too long: the limit is {count} characters. Shorten it.", count=LONGEST))
        tokenizer = self._tokenizer
        found = _rendered(self._renderer, messages, tokenizer.name_or_path)
        tokens: list[int] = tokenizer(found.text, add_special_tokens=False, sanitize_control_tokens=True)["input_ids"]
        ends, stops = turn_ends(found.turn_end, tokenizer)
        return ChatPrompt([*tokens, *_after(tokenizer, begin)], ends, stops, found.unread)


def _rendered(renderer: Renderer, messages: Sequence[Mapping[str, str]], path: str) -> Rendered:
    try:
        return renderer.render([dict(message) for message in messages])
    except TooMuchError as error:
        raise StudioError(
            tr("The chat template in {path} never finished and was stopped. Use the model in Draft mode.", path=path),
            trouble="model_unusable",
        ) from error
    except TooLargeError as error:
        raise StudioError(
            tr(
                "The chat template in {path} used too much memory and was stopped. Use the model in Draft mode.",
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
    """``text`` as tokens within a text: some tokenizers would add a space before it."""
    if not text:
        return []

    def encode(part: str) -> list[int]:
        ids: list[int] = tokenizer.encode(part, add_special_tokens=False, split_special_tokens=True)
        return ids

    lead, ids = encode("\n"), encode("\n" + text)
    return ids[len(lead) :] if ids[: len(lead)] == lead else encode(text)

"""Chats into tokens through the model's own template, which is a stranger's program and is kept within bounds."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import jinja2
from jinja2 import TemplateError

from studio.core.errors import StudioError
from studio.core.text import tr

LIMIT = 5.0
"""Seconds that a template may take. Real ones take milliseconds."""

LONGEST = 2_000_000
"""Characters that a chat may have, before and after it is rendered: some seconds of work for a tokenizer."""

ROOM = 2 * 1024**3
"""Bytes of memory that a template may take, where the system can hold it to that (Linux)."""

_JINJA = str(Path(jinja2.__file__).parent)
_STEPPED = ("<template>", str(Path(jinja2.__file__).with_name("utils.py")))
"""Code that is watched line by line: the template, and lipsum, which can write for ever."""

_TROUBLES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What a template raises that doesn't fit this chat, or Python."""


class _TooMuchError(Exception):
    """Raised inside a template that takes too long or writes too much."""


def chat_tokens(
    tokenizer: Any, messages: Sequence[Mapping[str, str]], begin: str, check: Callable[[], None]
) -> list[int]:
    """``messages`` as the template writes them, the opening of an answer, and ``begin`` right after it.

    transformers renders in jinja2's ImmutableSandboxedEnvironment, so a template reaches no file and no attribute of
    Python; what people wrote never turns into control tokens. ``check`` is called on the way. Raises StudioError when
    there is no template, when it fails, or when it goes beyond ``LIMIT``, ``LONGEST`` or ``ROOM``.
    """
    try:
        template = tokenizer.get_chat_template()
    except ValueError as error:
        raise StudioError(tr("This model brings no chat template. Use it in Draft mode.")) from error
    if sum(len(message["content"]) for message in messages) > LONGEST:
        raise StudioError(tr("This chat is too long: {count} characters are the most. Shorten it.", count=LONGEST))
    try:
        with _bounded(check):
            _refuse_powers(template)
            found: list[int] = tokenizer.apply_chat_template(
                [dict(message) for message in messages],
                chat_template=template,
                add_generation_prompt=True,
                return_dict=False,
                sanitize_control_tokens=True,
            )
    except _TooMuchError as error:
        raise StudioError(
            tr("This model's chat template came to no end and was stopped. Use the model in Draft mode."),
            trouble="model_unusable",
        ) from error
    except (MemoryError, OverflowError) as error:
        raise StudioError(
            tr("This model's chat template wanted too much memory and was stopped. Use the model in Draft mode."),
            trouble="model_unusable",
        ) from error
    except _TROUBLES as error:
        raise StudioError(tr("This model's chat template can't write this chat: {why}", why=error)) from error
    return [*found, *_after(tokenizer, begin)]


@contextmanager
def _bounded(check: Callable[[], None]) -> Iterator[None]:
    """Hold the template that is rendered inside to ``LIMIT``, ``LONGEST`` and ``ROOM``.

    A thread that loops can't be ended from outside; the interpreter's trace function ends it from within, at any line
    of the template. A single operation can't be cut short, hence the limit on memory and the ban on powers.
    """
    end, written = time.monotonic() + LIMIT, 0

    def watch(frame: FrameType, event: str, value: Any) -> Any:
        nonlocal written
        file = frame.f_code.co_filename
        if file != "<template>" and not file.startswith(_JINJA):
            return None
        if event == "return" and isinstance(value, str):
            written += len(value)
        if written > LONGEST or time.monotonic() > end:
            raise _TooMuchError
        check()
        return watch if file in _STEPPED else None

    before = sys.gettrace()
    with _memory_limit():
        sys.settrace(watch)
        try:
            yield
        finally:
            sys.settrace(before)


@contextmanager
def _memory_limit() -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([pages * resource.getpagesize() + ROOM, *taken]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _refuse_powers(template: str) -> None:
    """``9 ** 9 ** 9`` is one operation without an end, and no real template needs a power."""
    before = ""
    for _, kind, text in jinja2.Environment().lex(template):
        if kind == "operator" and text == "**" and before not in ("(", ","):
            raise TemplateError("it uses powers (**), which can run without an end")
        if kind != "whitespace":
            before = text


def _after(tokenizer: Any, text: str) -> list[int]:
    """``text`` as tokens in the middle of a text, where some tokenizers would put a space before it."""
    if not text:
        return []

    def encode(part: str) -> list[int]:
        ids: list[int] = tokenizer.encode(part, add_special_tokens=False, split_special_tokens=True)
        return ids

    lead, ids = encode("\n"), encode("\n" + text)
    return ids[len(lead) :] if ids[: len(lead)] == lead else encode(text)

"""Renders a chat template, which is untrusted code, in a separate process that can be killed at any time.

jinja2's sandbox keeps a template away from files and Python. It doesn't limit time or memory, and a single operation
(comparing deep lists, dividing long numbers) can't be interrupted from within.
"""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import jinja2
import jinja2.ext
from jinja2.nodes import CallBlock, Const, Node, TemplateData
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from studio.core.override import override
from studio.core.resources import ROOT

LIMIT = 4.0
"""Seconds for rendering a chat, including the process start. Real templates take milliseconds, the start 0.2 s."""
LONGEST = 2_000_000
"""Characters of a chat, before and after rendering: a few seconds of work for a tokenizer."""
ROOM = 400 * 1024**2
"""Bytes of memory for a template, where the system can enforce it (Linux)."""
PAUSE = 0.05

_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from studio.ml.writing.template import serve; serve()"


_WORD, _ANSWER, _NEXT = "quixotry", "zephyrs", "jackdaws"
"""Placeholders for user text, to find whether and where a template writes it; letters only, since templates may trim,
quote or capitalise."""


class Rendered(NamedTuple):
    """A template's output."""

    text: str
    turn_end: str
    """The text between an answer and the next question; "" if unknown."""
    unread: bool
    """Whether it ignores the instructions."""


class LostQuestionError(Exception):
    """The template leaves the question out."""


class BrokenTemplateError(Exception):
    """The template is invalid or fails; with Jinja's message."""


class TooMuchError(Exception):
    """The template didn't finish, or wrote too much."""


class TooLargeError(Exception):
    """The template used too much memory."""


class Renderer:
    """A template in another process, which renders one chat after the other: starting takes longer than rendering.

    ``about``: "template"; "variables" for it; "tokens" [[text, special]], which get "marks" around them in user text.
    ``check`` is called while the template works. After ``render`` has raised anything, it must not be called again.
    """

    def __init__(self, about: Mapping[str, Any], check: Callable[[], None]) -> None:
        self._about, self._check = about, check
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._exchange, name="chat template", daemon=True)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._thread.start()
        self._lines.put(_line(self._about))
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._lines.put(None)
        self._thread.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # drop what wasn't written
                pipe.close()  # type: ignore[union-attr]  # both were asked for

    def render(self, messages: Sequence[Mapping[str, str]]) -> Rendered:
        """Render ``messages``. Raises TooMuchError, TooLargeError, LostQuestionError, BrokenTemplateError, or
        ValueError with the template's own objection to the messages.
        """
        end = time.monotonic() + LIMIT
        self._lines.put(_line(messages))
        while True:
            self._check()
            try:
                return _read(self._answers.get(timeout=PAUSE))
            except queue.Empty:
                if time.monotonic() > end:
                    raise TooMuchError from None

    def _exchange(self) -> None:
        """Write and read in a separate thread: both can block as long as the template likes."""
        given, said = self._process.stdin, self._process.stdout
        assert given is not None
        assert said is not None
        with contextlib.suppress(OSError):  # the process has died and won't answer
            given.write(self._lines.get() or b"")
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError):
                given.write(line)
                given.flush()
            self._answers.put(said.readline())


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _read(answer: bytes) -> Rendered:
    if not answer:  # the process died of it
        raise TooLargeError
    found = json.loads(answer)
    if found.get("trouble") == "memory":
        raise TooLargeError
    if found.get("trouble") == "length":
        raise TooMuchError
    if found.get("trouble") == "lost":
        raise LostQuestionError
    if "broken" in found:
        raise BrokenTemplateError(found["broken"])
    if "against" in found:
        raise ValueError(found["against"])
    return Rendered(str(found["text"]), str(found["turn_end"]), bool(found["unread"]))


class _TooLongError(Exception):
    pass


class _AgainstError(Exception):
    """An error that the template raised with ``raise_exception``."""


# -- in the process ------------------------------------------------------------------------------------------------


def serve() -> None:
    """Render chat after chat: the first line on stdin is ``Renderer``'s ``about``, every further one a chat's
    messages."""
    about = json.loads(sys.stdin.buffer.readline())
    _limit()
    chat: _Chat | None = None
    for line in sys.stdin.buffer:
        try:
            chat = chat or _Chat(about)
            answer: dict[str, Any] = _render(chat, json.loads(line))._asdict()
        except _TooLongError:
            answer = {"trouble": "length"}
        except LostQuestionError:
            answer = {"trouble": "lost"}
        except (MemoryError, OverflowError):
            answer = {"trouble": "memory"}
        except _AgainstError as error:
            answer = {"against": (str(error).strip() or "?").splitlines()[0][:300]}
        except Exception as error:  # noqa: BLE001  whatever a template raises is said of the template
            answer = {"broken": f"{type(error).__name__}: {error}"[:300]}
        sys.stdout.buffer.write(_line(answer))
        sys.stdout.buffer.flush()


def _limit() -> None:
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # and if it escapes the sandbox, it can't write a file


def _render(chat: "_Chat", written: list[dict[str, str]]) -> Rendered:
    messages = chat.marked(written)
    typed = _takes_parts(chat, messages)
    return Rendered(chat.write(messages, typed), _turn_end(chat, typed), _leaves_out(chat, messages, "system", typed))


class _Chat:
    """The template and its variables besides the messages."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        environment = _environment()
        self._template = environment.from_string(about["template"])
        self._variables = about["variables"]
        self._unsure = _control_tokens(environment.parse(about["template"]), about["tokens"])
        self._marks = about["marks"]

    def marked(self, value: Any) -> Any:
        """``value`` with marks around control tokens in user text."""
        if isinstance(value, list):
            return [self.marked(each) for each in value]
        if isinstance(value, dict):
            return {key: self.marked(each) for key, each in value.items()}
        begin, end = self._marks
        return self._unsure.sub(f"{begin}\\g<0>{end}", value.replace(begin, "").replace(end, ""))

    def write(self, messages: list[dict[str, str]], typed: bool, opened: bool = True) -> str:
        """Render the chat; ``typed``: contents as lists of parts. ``opened``: with the opening of an answer."""
        pieces: list[str] = []
        written = 0
        for piece in self._template.generate(
            messages=[{**message, "content": _parts(message["content"])} for message in messages]
            if typed
            else messages,
            tools=None,
            documents=None,
            add_generation_prompt=opened,
            **self._variables,
        ):
            pieces.append(piece)
            written += len(piece)
            if max(written, len(pieces)) > LONGEST:
                raise _TooLongError
        return "".join(pieces)


def _parts(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


def _takes_parts(chat: _Chat, messages: list[dict[str, str]]) -> bool:
    """Whether the template only reads contents as lists of parts, as those of vision models do.

    Raises LostQuestionError if it reads neither form, or what the template itself raises.
    """
    try:
        if not _leaves_out(chat, messages, "user", typed=False):
            return False
        refused: Exception = LostQuestionError()
    except (_TooLongError, MemoryError, OverflowError):
        raise
    except Exception as error:  # noqa: BLE001  whatever a template raises
        refused = error
    try:
        if not _leaves_out(chat, messages, "user", typed=True):
            return True
    except (_TooLongError, MemoryError, OverflowError):
        raise
    except Exception:  # noqa: BLE001  what it said of the usual form says more
        pass
    raise refused


def _leaves_out(chat: _Chat, messages: list[dict[str, str]], role: str, typed: bool) -> bool:
    """Whether the template leaves out the last message of ``role``; False if there is none."""
    place = max((place for place, message in enumerate(messages) if message["role"] == role), default=None)
    if place is None:
        return False
    probe = [*messages[:place], {"role": role, "content": _WORD}, *messages[place + 1 :]]
    return _WORD not in chat.write(probe, typed).casefold()


def _turn_end(chat: _Chat, typed: bool) -> str:
    """The text between an answer and the next question; "" for templates that can't render such a chat."""
    turns = [("user", _WORD), ("assistant", _ANSWER), ("user", _NEXT)]
    try:
        text = chat.write([{"role": role, "content": word} for role, word in turns], typed, opened=False)
    except Exception:  # noqa: BLE001  it may want instructions, or refuse what it didn't write itself
        return ""
    _, answered, rest = text.partition(_ANSWER)
    end, asked, _ = rest.partition(_NEXT)
    return end if answered and asked else ""


def _control_tokens(tree: Node, tokens: list[tuple[str, bool]]) -> re.Pattern[str]:
    """A pattern for special tokens, and for those that the template itself writes (transformers' rule)."""
    literals = [node.data for node in tree.find_all(TemplateData)]
    literals += [node.value for node in tree.find_all(Const) if isinstance(node.value, str)]
    written = "\0".join(literals)
    found = [text for text, special in tokens if special or (text in written and not text.isspace())]
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))) or "(?!)")


class _Generation(jinja2.ext.Extension):
    """``{% generation %}`` marks the model's text in training chats; here it does nothing."""

    tags = {"generation"}

    @override
    def parse(self, parser: Parser) -> Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return CallBlock(self.call_method("_inside"), [], [], body).set_lineno(line)

    def _inside(self, caller: Callable[[], str]) -> str:
        return caller()


class _Dict:
    """``dict`` without the attributes of a class."""

    def __call__(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(*args, **kwargs)


def _environment() -> ImmutableSandboxedEnvironment:
    """The environment that transformers gives to chat templates."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals.update(raise_exception=_raise, strftime_now=_now, dict=_Dict(), namespace=_Namespace)
    return environment


class _Namespace(jinja2.utils.Namespace):
    """``namespace`` without access to Python's private names."""

    def __init__(*args: Any, **kwargs: Any) -> None:
        self, *rest = args
        attributes = dict(*rest, **kwargs)
        for name in attributes:
            _refuse_private(name)
        jinja2.utils.Namespace.__init__(self, attributes)

    @override
    def __setitem__(self, name: str, value: Any) -> None:
        _refuse_private(name)
        super().__setitem__(name, value)


def _refuse_private(name: object) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"a namespace can't have the attribute {name!r}")


def _to_json(
    value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise(message: str) -> None:
    raise _AgainstError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)

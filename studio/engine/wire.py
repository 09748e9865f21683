"""The wire between parent and child: tagged messages as MessagePack. What comes is read as data; none of it is run."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from studio.core.engine_config import EngineConfig
from studio.core.events import Message
from studio.core.task import Task
from studio.core.values import Job, Lane

Known = TypeVar("Known")


class Submit(msgspec.Struct, frozen=True, tag="submit"):
    """A job. Its task is named by its kind, as in saved files, and is what ``Task.to_data`` says."""

    id: str
    kind: str
    task: dict[str, Any]
    model: str
    lane: Lane


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """The job's end is asked for."""

    id: str


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Are you there?"""


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """I am."""


ToChild = EngineConfig | Submit | Cancel | Ping
"""The configuration comes first, and once."""
ToParent = Message | Pong


class WireError(Exception):
    """What came is none of the messages that this side knows."""


_HALVES = b"\xc1"
"""Begins a frame whose texts are escaped, since one of them holds halves of surrogate pairs, as names of files may,
which UTF-8 can't. No MessagePack begins with it."""
_encoder = msgspec.msgpack.Encoder()
_of_child: msgspec.msgpack.Decoder[ToParent] = msgspec.msgpack.Decoder(ToParent)
_of_parent: msgspec.msgpack.Decoder[ToChild] = msgspec.msgpack.Decoder(ToChild)


def encode(message: ToChild | ToParent) -> bytes:
    """``message`` as one frame. Raises what msgspec raises when there is something in it that is no plain value."""
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError:
        values = msgspec.to_builtins(message, builtin_types=(bytes,))
        return _HALVES + _encoder.encode(_each_text(_escaped, values))


def from_child(frame: bytes) -> ToParent:
    """What the child said. Raises WireError."""
    return _decode(_of_child, frame, ToParent)


def from_parent(frame: bytes) -> ToChild:
    """What the parent said. Raises WireError."""
    return _decode(_of_parent, frame, ToChild)


def submit_of(job: Job) -> Submit:
    """``job`` as it is sent."""
    return Submit(job.id, job.task.kind, job.task.to_data(), job.model, job.lane)


def job_of(message: Submit, tasks: Mapping[str, type[Task]]) -> Job:
    """The job that was sent; ``tasks`` maps a kind to its type.

    Raises WireError for a kind that is not among them, and StudioError when its fields are none of that kind's.
    """
    if message.kind not in tasks:
        raise WireError(f"no kind of task is called {message.kind!r} here")
    task = tasks[message.kind].from_values(message.task)
    return Job(task=task, model=message.model, id=message.id, lane=message.lane)


def _decode(decoder: "msgspec.msgpack.Decoder[Known]", frame: bytes, kind: Any) -> Known:
    try:
        if frame[:1] != _HALVES:
            return decoder.decode(frame)
        values = _each_text(_unescaped, msgspec.msgpack.decode(memoryview(frame)[1:]))
        known: Known = msgspec.convert(values, kind)
        return known
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
        raise WireError(f"{type(error).__name__}: {error}") from error


def _each_text(change: Callable[[str], str], value: Any) -> Any:
    """``value`` with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_each_text(change, key): _each_text(change, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(change, each) for each in value]
    return value


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")


def _unescaped(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape")

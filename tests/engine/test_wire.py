"""What crosses between parent and child: every message, whole; and what is none is refused."""

import contextlib
import importlib
import pickle
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import studio.engine
import studio.features
from studio.core.events import (
    Cancelled,
    Done,
    EngineState,
    Failed,
    Made,
    ModelsState,
    Preview,
    Progress,
    Started,
    TextDelta,
)
from studio.core.task import Task
from studio.core.values import Asset, Job, Result
from studio.engine.wire import Cancel, Ping, Pong, Submit, WireError, encode, from_child, from_parent, job_of, submit_of
from studio.features import job_types

JOBS = job_types()


def said(**notes: Any) -> Asset:
    return Asset(kind="words", data=b"x", notes=notes)


SAID = [
    Started("j"),
    Progress("j", 1, 2, "Step"),
    Preview("j", Asset(kind="pixels", data=b"\0\xff\x80", width=1, height=1), 2),
    TextDelta("j", "猫", 1),
    Made("j", said(seed=2**64 - 1, size=[1, 2], why=None, named={"1": 1.5})),
    Made("j", Asset(kind="clip", format="png", frames=(b"a", b"b"))),
    Done("j", Result(notes={"seconds": 1.5})),
    Failed("j", "internal", "m", "d"),
    Cancelled("j"),
    EngineState("ready", facts={"device": "cpu", "memory_free": 1 << 40}),
    ModelsState({"starter:x": 7}),
    Pong(),
]


@pytest.mark.parametrize("message", SAID, ids=lambda message: type(message).__name__)
def test_what_a_child_says_arrives_as_it_is(message: Any) -> None:
    assert from_child(encode(message)) == message


@pytest.mark.parametrize("message", [Cancel("j"), Ping()])
def test_what_a_parent_says_arrives_as_it_is(message: Any) -> None:
    assert from_parent(encode(message)) == message


@pytest.mark.parametrize("task_type", JOBS.values(), ids=JOBS)
def test_every_job_arrives_as_it_is(task_type: type[Task]) -> None:
    needed = {"of": JOBS["latent"]()} if "of" in task_type.__struct_fields__ else {}
    job = Job(task=task_type(**needed), model="starter:x", lane="frames")
    message = from_parent(encode(submit_of(job)))
    assert isinstance(message, Submit)
    assert job_of(message, JOBS) == job


def test_a_persons_own_path_to_another_machine_arrives_too() -> None:
    job = Job(task=JOBS["image"].from_values({"image": r"\\nas\pictures\x.png"}), model="starter:x")
    message = from_parent(encode(submit_of(job)))
    assert isinstance(message, Submit)
    assert job_of(message, JOBS) == job


def test_every_task_of_the_rooms_is_known_to_the_engine() -> None:
    found = {task for module in modules() for task in vars(module).values() if is_task(task)}
    assert found == set(JOBS.values())


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(studio.features.__path__, "studio.features."):
        if re.search(r"\.tasks\.", found.name):
            yield importlib.import_module(found.name)


def is_task(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Task) and "kind" in vars(value)


@given(st.text() | st.text(alphabet="\\au\ud800\udcff\U0001f388"))
def test_texts_arrive_with_their_halves_of_surrogate_pairs(text: str) -> None:
    made = Made("j", said(told={text: [text]}))
    for message in (TextDelta("j", text), Failed("j", "internal", text, text), made, ModelsState({text: 1})):
        assert from_child(encode(message)) == message
    submitted = Submit("j", "k", {"prompt": text}, text, "work")
    assert from_parent(encode(submitted)) == submitted


@pytest.mark.parametrize("read", [from_child, from_parent])
@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        encode(Ping())[:-1],
        msgspec.msgpack.encode({"type": "exec", "job": "j"}),
        msgspec.msgpack.encode({"job": "j"}),
        msgspec.msgpack.encode({"type": "submit", "id": 5}),
        b"\xc1" + msgspec.msgpack.encode({"type": "words", "job": "j", "text": "\\u00"}),
        b"\xc1" + msgspec.msgpack.encode({"type": "words", "job": "j", "text": 5}),
        pickle.dumps(Ping()),
        b"\x91" * 100_000,
    ],
    ids=range(10),
)
def test_what_is_no_message_is_refused(read: Callable[[bytes], object], frame: bytes) -> None:
    with pytest.raises(WireError):
        read(frame)


@given(st.binary())
def test_whatever_comes_is_a_message_or_refused(frame: bytes) -> None:
    for read in (from_child, from_parent):
        with contextlib.suppress(WireError):
            read(frame)


def test_objects_do_not_cross() -> None:
    with pytest.raises(TypeError):
        encode(Made("j", said(thing=object())))


def test_a_kind_that_nobody_knows_is_no_job() -> None:
    with pytest.raises(WireError, match=r"'os\.system'"):
        job_of(Submit("j", "os.system", {}, "", "work"), JOBS)


def test_no_pickle_is_written_or_read_by_the_engine() -> None:
    """``Connection.send`` and ``recv`` are pickle's as well."""
    for file in Path(studio.engine.__path__[0]).glob("*.py"):
        assert not re.search(r"pickle|\.(send|recv)\(", file.read_text(encoding="utf-8")), file.name

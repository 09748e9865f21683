"""One job: what its context lets through, and what becomes of its errors."""

import time

import pytest

from studio.core.errors import Stopped, StudioError
from studio.core.events import Cancelled, Done, Event, Made, Preview, Started, TextDelta
from studio.core.values import Asset, Job
from studio.engine.perform import JobContext, failure, perform, plain
from tests.engine.runners import Echo, Load, Models, OutOfMemoryError

PICTURE = Asset(kind="pixels", data=b"rgb", width=1, height=1)


class Said(list[Event]):
    """What a context said, and whether its job is cancelled."""

    cancelled = False

    def context(self, models: Models | None = None, model: str = "") -> JobContext:
        return JobContext(Job(task=Echo(), model=model, id="j"), models or Models(), self.append, self.is_cancelled)

    def is_cancelled(self) -> bool:
        return self.cancelled


def test_a_preview_is_wanted_thirty_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    said = Said()
    context = said.context()
    for _ in range(100):
        if context.wants_preview():
            context.preview(PICTURE)
        now += 0.01
    assert len(said) == 25  # every fourth of the moments, which are 10 ms apart
    assert said[0] == Preview("j", PICTURE)


def test_everything_stops_once_the_job_is_cancelled() -> None:
    said = Said()
    context = said.context()
    context.words("a")
    said.cancelled = True
    for call in (
        context.check,
        context.free,
        lambda: context.words("b"),
        lambda: context.progress(1, 2, "Step"),
        lambda: context.preview(PICTURE),
        lambda: context.made(PICTURE),
        lambda: context.model("x", str.upper),
    ):
        with pytest.raises(Stopped):
            call()
    context.wants_preview()  # the one call that does not stop a job
    assert said == [TextDelta("j", "a")]


def test_nothing_is_said_after_the_end() -> None:
    said = Said()
    context = said.context()
    context.end()
    with pytest.raises(Stopped):
        context.made(PICTURE)
    assert said == []


def test_a_cancel_while_a_model_loads_stops_right_after() -> None:
    said = Said()

    def load(address: str) -> str:
        said.cancelled = True
        return address

    models = Models()
    with pytest.raises(Stopped):
        said.context(models).model("x", load)
    assert models.loaded() == {"x": 1}


def test_a_model_is_loaded_once_and_the_empty_address_is_the_jobs_own() -> None:
    loads: list[str] = []
    context = Said().context(model="own")
    for address in ("", "own", "other", ""):
        context.model(address, loads.append)
    assert loads == ["own", "other"]


def test_a_job_begins_with_started_and_returns_its_end() -> None:
    said: list[Event] = []
    job = Job(task=Load(), model="m")
    final = perform(job, Models(), said.append, lambda: False)
    assert isinstance(final, Done)
    assert said == [Started(job.id)]


def test_a_job_that_is_cancelled_before_it_starts_says_nothing() -> None:
    said: list[Event] = []
    job = Job(task=Echo())
    assert perform(job, Models(), said.append, lambda: True) == Cancelled(job.id)
    assert said == []


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (StudioError("x", "model_missing"), "model_missing"),
        (MemoryError(), "out_of_memory"),
        (OutOfMemoryError("x"), "out_of_memory"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"), "out_of_memory"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"), "out_of_memory"),
        (RuntimeError("shapes differ"), "internal"),
        (OSError(28, "No space left on device"), "internal"),
        (PermissionError(13, "Permission denied", "/a"), "bad_request"),
        (ValueError("out of memory is a topic, not a trouble"), "internal"),
        (SystemExit(1), "internal"),
    ],
)
def test_errors_are_named(error: BaseException, trouble: str) -> None:
    final = failure("j", error)
    assert (final.job, final.trouble) == ("j", trouble)
    assert type(error).__name__ in final.detail


def test_what_is_plain_passes_without_a_copy_of_its_bytes() -> None:
    event = Made("j", Asset(kind="clip", format="png", frames=(b"a", b"b"), data=b"c" * 1000, notes={"size": [1, 2]}))
    passed = plain(event)
    assert passed == event
    assert passed.asset.data is event.asset.data


class Tensor(Asset, frozen=True, kw_only=True):
    """An asset that is more than one."""


def test_values_become_the_types_that_they_are_declared_as() -> None:
    passed = plain(Made("j", Tensor(kind="words", data=bytearray(b"x"))))  # type: ignore[arg-type]
    assert type(passed.asset) is Asset
    assert type(passed.asset.data) is bytes


def test_objects_do_not_pass() -> None:
    with pytest.raises(TypeError):
        plain(Made("j", Asset(kind="words", notes={"thing": object()})))

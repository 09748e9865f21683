"""Performing one job: the runner is found, run, and whatever it does becomes events."""

import importlib
import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from studio.core.context import Loaded, Models
from studio.core.errors import Stopped, for_people, is_out_of_memory
from studio.core.events import (
    Cancelled,
    Done,
    Event,
    Failed,
    Final,
    Made,
    Message,
    Preview,
    Progress,
    Started,
    TextDelta,
)
from studio.core.text import tr
from studio.core.values import Asset, Job

log = logging.getLogger(__name__)
PREVIEW_SECONDS = 1 / 30
FRAMES_SECONDS, LINGER_SECONDS = 1.0, 0.05
"""Frames are let in for so long at most, as long as each comes so soon after the one before it."""

Said = TypeVar("Said", bound=Message)
FrameJob = Callable[[float], bool]
"""Performs one frame that comes within so many seconds, in the middle of another job. False: none came."""


def no_frame_job(seconds: float) -> bool:
    """For frames, which let none in."""
    del seconds
    return False


class JobContext:
    """The ``studio.core.context.Context`` of one job. Silent once the job has ended, whatever threads it left behind.

    ``emit`` is called by one thread at a time. ``guest`` performs one frame that came within so many seconds.
    """

    def __init__(
        self, job: Job, models: Models, emit: Callable[[Event], None], cancelled: Callable[[], bool],
        frame_job: FrameJob = no_frame_job,
    ) -> None:  # fmt: skip
        self._job, self._models, self._emit, self._cancelled, self._frame_job = job, models, emit, cancelled, frame_job
        self._speaking = threading.Lock()
        self._ended = False
        self._preview_at = 0.0
        self._worked_from = time.monotonic()
        """Since when the job has the worker for itself."""
        self._owed = 0.0
        """Seconds that it shall work before frames come in again that are let in often."""

    def start(self) -> None:
        """Say that the job runs."""
        self._say(Started(self._job.id))

    def end(self) -> None:
        """Let nothing more be said."""
        with self._speaking:
            self._ended = True

    def check(self) -> None:
        """Raise ``Stopped`` when the job was cancelled."""
        if self._ended or self._cancelled():
            raise Stopped

    def progress(self, done: int, total: int, stage: str) -> None:
        """Say how far the work is."""
        self._say(Progress(self._job.id, done, total, stage))

    def wants_preview(self) -> bool:
        """True when the last preview is long enough ago."""
        return time.monotonic() - self._preview_at >= PREVIEW_SECONDS

    def preview(self, asset: Asset, index: int = 0) -> None:
        """Show how thing number ``index`` looks so far."""
        self._preview_at = time.monotonic()
        self._say(Preview(self._job.id, asset, index))

    def words(self, text: str, index: int = 0) -> None:
        """Stream more text."""
        self._say(TextDelta(self._job.id, text, index))

    def made(self, asset: Asset) -> None:
        """Hand over one finished thing."""
        self._say(Made(self._job.id, asset))

    def yield_to_frames(self, often: bool = False) -> None:
        """Perform the frames that wait, and those that follow at once."""
        self.check()
        begun = time.monotonic()
        worked = begun - self._worked_from
        if often and worked < self._owed:
            return
        self._owed = 0.0
        until = begun + min(worked, FRAMES_SECONDS)
        came = self._frame_job(0.0)
        while came:
            self.check()
            came = time.monotonic() < until and self._frame_job(LINGER_SECONDS)
            self._owed = time.monotonic() - begun
        if self._owed or not often:
            self._worked_from = time.monotonic()

    def model(self, address: str, load: Callable[[str], Loaded]) -> Loaded:
        """The model at ``address``, or the job's own for ""."""
        self.check()
        loaded: Loaded = self._models.get(address or self._job.model, load)
        self.check()  # loading takes long enough for a person to change their mind
        return loaded

    def free(self) -> None:
        """Empty the pool and the device's cache."""
        self.check()
        self._models.free()

    def _say(self, event: Event) -> None:
        event = plain(event)
        with self._speaking:
            self.check()
            self._emit(event)


def perform(
    job: Job,
    models: Models,
    emit: Callable[[Event], None],
    cancelled: Callable[[], bool],
    frame_job: FrameJob = no_frame_job,
) -> Final:
    """Run ``job`` in this thread from ``Started`` on; return its final event. Never raises on the runner's account."""
    context = JobContext(job, models, emit, cancelled, frame_job)
    try:
        with models.turn():
            context.start()
            return plain(Done(job.id, find(job.runner)(job.task, context)))
    except Stopped:
        return Cancelled(job.id)
    except BaseException as error:  # noqa: BLE001  SystemExit and KeyboardInterrupt of a library must not end the engine
        return failure(job.id, error)
    finally:
        context.end()


def find(name: str) -> Any:
    """What "module:attribute" names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def plain(message: Said) -> Said:
    """``message`` with every value of the very type that it is declared as, and its notes JSON values.

    What passes crosses to any process that knows ``studio.core``: a tensor among the notes would bring torch into the
    window. The bytes are not copied. Raises TypeError or msgspec.ValidationError: a bug of the runner.
    """
    return msgspec.convert(msgspec.to_builtins(message, builtin_types=(bytes,)), type(message))


def failure(name: str, error: BaseException) -> Failed:
    """The final event of the job ``name`` that ended in ``error``."""
    detail = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        advice = tr("There was not enough memory. Try a smaller size or fewer at a time, or close other programs.")
        return Failed(name, "out_of_memory", advice, detail)
    known = for_people(error)
    if known is not error:
        log.error("a job failed:\n%s", detail)
    return Failed(name, known.trouble, known.message, detail)

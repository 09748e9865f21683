"""Performing one job: the runner is found, run, and whatever it does becomes events."""

import importlib
import logging
import time
import traceback
from collections.abc import Callable
from typing import Any

from studio.core.context import Loaded, Models
from studio.core.errors import Stopped, StudioError, Trouble
from studio.core.events import Cancelled, Done, Event, Failed, Final, Made, Preview, Progress, Started, Words
from studio.core.text import tr
from studio.core.values import Asset, Job, Result

log = logging.getLogger(__name__)
PREVIEW_SECONDS = 1 / 30


class JobContext:
    """The ``studio.core.context.Context`` of one job."""

    def __init__(self, job: Job, models: Models, emit: Callable[[Event], None], cancelled: Callable[[], bool]) -> None:
        self._job, self._models, self._emit, self._cancelled = job, models, emit, cancelled
        self._preview_at = 0.0

    def check(self) -> None:
        """Raise ``Stopped`` when the job was cancelled."""
        if self._cancelled():
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
        self._say(Words(self._job.id, text, index))

    def made(self, asset: Asset) -> None:
        """Hand over one finished thing."""
        self._say(Made(self._job.id, asset))

    def model(self, address: str, load: Callable[[str], Loaded]) -> Loaded:
        """The model at ``address``, or the job's own for ""."""
        self.check()
        loaded: Loaded = self._models.get(address or self._job.model, load)
        return loaded

    def free(self) -> None:
        """Empty the pool and the device's cache."""
        self._models.free()

    def _say(self, event: Event) -> None:
        self.check()
        self._emit(event)


def perform(job: Job, models: Models, emit: Callable[[Event], None], cancelled: Callable[[], bool]) -> Final:
    """Run ``job`` in this thread from ``Started`` on; return its final event. Never raises on the runner's account."""
    emit(Started(job.id))
    context = JobContext(job, models, emit, cancelled)
    try:
        context.check()
        result: Result = _find(job.runner)(job.task, context)
        return Done(job.id, result)
    except Stopped:
        return Cancelled(job.id)
    except StudioError as error:
        return Failed(job.id, error.trouble, error.message, traceback.format_exc())
    except BaseException as error:  # noqa: BLE001  SystemExit and KeyboardInterrupt of a library must not end the engine
        return Failed(job.id, *_name(error), traceback.format_exc())


def _find(runner: str) -> Any:
    module, _, function = runner.partition(":")
    return getattr(importlib.import_module(module), function)


def _name(error: BaseException) -> tuple[Trouble, str]:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = str(error).lower()
    if kinds & {"MemoryError", "OutOfMemoryError"} or "out of memory" in text or "can't allocate memory" in text:
        return "out_of_memory", tr(
            "There was not enough memory. Try a smaller size or fewer at a time, or close other programs."
        )
    log.error("a runner failed", exc_info=error)
    return "internal", tr("Something in Triptych went wrong: {error}", error=f"{type(error).__name__}: {error}"[:500])

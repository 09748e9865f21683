"""Short disk work (saving, thumbnails, export) in one background thread, one task after the other."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from studio.core.errors import StudioError, for_people

log = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")


class BackgroundTasks(QObject):
    """One thread, so that two tasks never write at once; callbacks run in the window's thread.

    The thread starts with the first task. It never blocks the program's exit: a drive may never answer.
    """

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._dropped = False
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._finished.connect(lambda settle: settle(), Qt.ConnectionType.QueuedConnection)

    def do(
        self,
        work: Callable[[], Outcome],
        then: Callable[[Outcome], None] | None = None,
        failed: Callable[[StudioError], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Run ``work`` in the background thread, then call ``then`` with its result or ``failed`` with its error here.

        Neither is called once ``owner`` is deleted. After ``close`` or ``drop`` this does nothing.
        """
        if not self._open:
            log.info("a background task came after the end: %r", work)
            return
        task = _BackgroundTask(work, then, failed, owner)

        def run() -> None:
            if not self._dropped:
                task.run()
            if not self._dropped:
                self._finished.emit(task.settle)

        self._waiting.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=_serve, args=(self._waiting,), name="background", daemon=True)
            self._thread.start()

    def drop(self) -> None:
        """Cancel what waits, and drop the callbacks of the running task. ``close`` then waits for that one only."""
        self._open, self._dropped = False, True

    def finish(self, seconds: float) -> bool:
        """Wait until all tasks so far are done; False if that takes longer than ``seconds``."""
        if self._thread is None or not self._thread.is_alive():
            return True
        done = threading.Event()
        self._waiting.put(done.set)
        return done.wait(seconds)

    def close(self, seconds: float | None = None) -> bool:
        """Finish all running and waiting tasks, and accept no more.

        Returns whether all are done within ``seconds`` (None: no limit).
        """
        self._open = False
        if self._thread is None:
            return True
        self._waiting.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()


class _BackgroundTask(Generic[Outcome]):
    """One task: ``run`` in the background thread, then ``settle`` in the window's."""

    def __init__(
        self,
        work: Callable[[], Outcome],
        then: Callable[[Outcome], None] | None,
        failed: Callable[[StudioError], None] | None,
        owner: QObject | None,
    ) -> None:
        self._work, self._then, self._failed, self._owner = work, then, failed, owner
        self._outcomes: list[Outcome] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._outcomes.append(self._work())
        except BaseException as error:  # noqa: BLE001  it is told in the window's thread
            self._error = error

    def settle(self) -> None:
        if self._owner is not None and not isValid(self._owner):
            return
        if self._error is None:
            if self._then is not None:
                self._then(self._outcomes[0])
        elif self._failed is not None:
            known = for_people(self._error)
            if known is not self._error:
                log.error("a background task failed", exc_info=self._error)
            self._failed(known)
        else:
            log.error("a background task failed: %s", self._error, exc_info=self._error)


def close_all(several: Sequence[BackgroundTasks], seconds: float) -> bool:
    """Close them one after the other, within ``seconds`` in total. Returns whether all have ended."""
    end, ended = time.monotonic() + seconds, True
    for background_tasks in several:
        ended = background_tasks.close(max(0.0, end - time.monotonic())) and ended
    return ended


def _serve(waiting: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    """Holds no reference to ``BackgroundTasks``: one that is never closed may be deleted while its thread waits."""
    while (run := waiting.get()) is not None:
        run()

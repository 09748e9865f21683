"""Errands: short work on disk (keeping, thumbnails, export) beside the window, one after the other."""

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


class Errands(QObject):
    """One thread, so that two errands never write at once; what follows an errand runs in the window's thread.

    The thread begins with the first errand. It never keeps the program from its end: a drive may not answer for ever.
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
        """Run ``work`` in the errands thread, then ``then`` with its outcome or ``failed`` with its error here.

        Neither is called any more once ``owner`` was deleted. After ``close`` or ``drop`` nothing more is done.
        """
        if not self._open:
            log.info("an errand came after the end: %r", work)
            return
        errand = _Errand(work, then, failed, owner)

        def run() -> None:
            if not self._dropped:
                errand.run()
            if not self._dropped:
                self._finished.emit(errand.settle)

        self._waiting.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=_serve, args=(self._waiting,), name="errands", daemon=True)
            self._thread.start()

    def drop(self) -> None:
        """Leave undone what waits, and have nobody told of what is being done. ``close`` then waits for that only."""
        self._open, self._dropped = False, True

    def finish(self, seconds: float) -> bool:
        """Wait until all that was asked for so far is done; False when that takes longer than ``seconds``."""
        if self._thread is None or not self._thread.is_alive():
            return True
        done = threading.Event()
        self._waiting.put(done.set)
        return done.wait(seconds)

    def close(self, seconds: float | None = None) -> bool:
        """Finish what was begun and what waits, and take nothing more.

        Returns whether that is done, which it may not be after ``seconds`` (None: it is waited for).
        """
        self._open = False
        if self._thread is None:
            return True
        self._waiting.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()


class _Errand(Generic[Outcome]):
    """One errand: ``run`` in the thread, then ``settle`` in the window's."""

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
                log.error("an errand failed", exc_info=self._error)
            self._failed(known)
        else:
            log.error("an errand failed: %s", self._error, exc_info=self._error)


def close_all(several: Sequence[Errands], seconds: float) -> bool:
    """Close them one after the other, within ``seconds`` altogether. Returns whether all have ended."""
    end, ended = time.monotonic() + seconds, True
    for errands in several:
        ended = errands.close(max(0.0, end - time.monotonic())) and ended
    return ended


def _serve(waiting: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    """Knows no ``Errands``: one that nobody closes may be deleted while its thread waits."""
    while (run := waiting.get()) is not None:
        run()

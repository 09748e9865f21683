"""Errands: short work on disk (keeping, thumbnails, export) beside the window, one after the other."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from studio.core.errors import StudioError, for_people

log = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")


class Errands(QObject):
    """One thread, so that two errands never write at once; what follows an errand runs in the window's thread."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="errands")
        self._finished.connect(lambda settle: settle(), Qt.ConnectionType.QueuedConnection)

    def do(
        self,
        work: Callable[[], Outcome],
        then: Callable[[Outcome], None] | None = None,
        failed: Callable[[StudioError], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Run ``work`` in the errands thread, then ``then`` with its outcome or ``failed`` with its error here.

        Neither is called any more once ``owner`` was deleted. After ``close`` nothing more is done.
        """

        def settle(future: "Future[Outcome]") -> None:
            if owner is not None and not isValid(owner):
                return
            error = future.exception()
            if error is None:
                if then is not None:
                    then(future.result())
            elif failed is not None:
                known = for_people(error)
                if known is not error:
                    log.error("an errand failed", exc_info=error)
                failed(known)
            else:
                log.error("an errand failed: %s", error, exc_info=error)

        if not self._open:
            log.info("an errand came after the end: %r", work)
            return
        self._thread.submit(work).add_done_callback(lambda future: self._finished.emit(lambda: settle(future)))

    def close(self) -> None:
        """Finish what was begun and what waits."""
        self._open = False
        self._thread.shutdown(wait=True)

"""Scans for models in the background, without ever waiting for a drive that doesn't answer."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.models.catalogue import Model

log = logging.getLogger(__name__)
Look = Callable[[str, Callable[[], bool]], list[Model]]
"""Scans a place; calls the second argument to ask whether to stop."""
PATIENCE_MS = 4_000
"""After this time a place is reported as not answering."""
LINGER_SECONDS = 0.5
"""Scans that end at all end within this time."""


class ModelScan(QObject):
    """Scans each place in its own thread, which the program's exit doesn't wait for."""

    found = Signal(str, list)
    """A place and its models."""
    late = Signal(str)
    """A place that hasn't answered for a while."""
    _ended = Signal(str, object)

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._threads: dict[str, threading.Thread] = {}
        self._again: set[str] = set()
        self._wanted: frozenset[str] = frozenset()
        self._ended.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def look(self, *places: str) -> None:
        """Scan exactly these places; one that is being scanned is scanned again afterwards."""
        self._wanted = frozenset(places)
        for place in places:
            if place in self._threads:
                self._again.add(place)
            else:
                self._start(place)

    def close(self) -> None:
        """Stop. A thread that waits for a drive ends with the program."""
        self._wanted = frozenset()
        until = time.monotonic() + LINGER_SECONDS
        for thread in self._threads.values():
            thread.join(max(0.0, until - time.monotonic()))

    def _start(self, place: str) -> None:
        # Not a thread pool: Python waits for those at exit.
        thread = threading.Thread(target=self._run, args=(place,), name=f"scan {place}", daemon=True)
        self._threads[place] = thread
        QTimer.singleShot(PATIENCE_MS, self, lambda: self._say_late(place, thread))
        thread.start()

    def _run(self, place: str) -> None:
        models: list[Model] | None = None
        try:
            models = self._look(place, lambda: place not in self._wanted)
        except Exception:
            log.exception("%s can't be looked through", place)
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._ended.emit(place, models)

    def _show(self, place: str, models: list[Model] | None) -> None:
        self._threads.pop(place).join()
        again = place in self._again
        self._again.discard(place)
        if place not in self._wanted:
            return
        if models is not None:
            self.found.emit(place, models)
        if again:
            self._start(place)

    def _say_late(self, place: str, thread: threading.Thread) -> None:
        if self._threads.get(place) is thread and place in self._wanted:
            self.late.emit(place)

"""Looking for models beside everything else: a drive may never answer, and nobody waits for it."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.models.shelf import Model

log = logging.getLogger(__name__)
Look = Callable[[str, Callable[[], bool]], list[Model]]
"""What is at a place; it asks the second argument whether it shall end."""
PATIENCE_MS = 4_000
"""After this it is said that a place hasn't answered yet."""
LINGER_SECONDS = 0.5
"""Those that answer at all end within this."""


class ModelScan(QObject):
    """Looks at each place in a thread of its own, which the end of the program doesn't wait for."""

    found = Signal(str, list)
    """A place, and the models in it."""
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
        """Look at these places and at no others; at one that is being looked at, once more when that has ended."""
        self._wanted = frozenset(places)
        for place in places:
            if place in self._threads:
                self._again.add(place)
            else:
                self._start(place)

    def close(self) -> None:
        """Let it be. A thread that waits for a drive ends with the program."""
        self._wanted = frozenset()
        until = time.monotonic() + LINGER_SECONDS
        for thread in self._threads.values():
            thread.join(max(0.0, until - time.monotonic()))

    def _start(self, place: str) -> None:
        # Not one of a pool: Python waits for those when it ends.
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

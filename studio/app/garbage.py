"""Runs Python's garbage collection in the window's thread only."""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class Garbage(QObject):
    """Until ``close``, cycles are collected as often as Python would, but by this thread.

    By default Python collects in whichever thread allocates, and may destroy a QObject there while the window's thread
    uses it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(EVERY_MS)

    def spare(self) -> None:
        """Exclude all current objects: a full collection then takes no time instead of several frames."""
        gc.freeze()

    def _collect(self) -> None:
        """Collect the oldest generation that is due, including the younger ones."""
        due = [
            age
            for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > most
        ]
        if due:
            gc.collect(due[-1])

    def close(self) -> None:
        """Hand collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

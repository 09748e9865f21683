"""Python's garbage, collected in the window's thread and nowhere else."""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class Garbage(QObject):
    """From its making to ``close``, cycles are collected as often as Python would, but by this thread.

    Left alone, Python collects in whichever thread makes one object too many, and destroys a QObject there while the
    window's thread may be speaking to it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(EVERY_MS)

    def spare(self) -> None:
        """Never look again at what lives now: a full collection then takes no time, not some frames of the window."""
        gc.freeze()

    def _collect(self) -> None:
        """The oldest generation that is due, and the younger ones with it."""
        due = [
            age
            for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > most
        ]
        if due:
            gc.collect(due[-1])

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

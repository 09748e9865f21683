"""Where one is in the latent space, and how one came there: the current request with its past."""

from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from studio.core.task import check
from studio.features.latent.point import Blend
from studio.features.latent.space import SEEDS
from studio.features.latent.task import LatentTask

MOST = 500
"""Steps that can be undone."""
REST_MS = 700
"""A gesture that rests so long is over."""


class Past(NamedTuple):
    """A request, the ones before it, and those that were taken back."""

    task: LatentTask
    before: tuple[LatentTask, ...]
    after: tuple[LatentTask, ...]


class LatentState(QObject):
    """One frozen request with exactly one point; all that moves in the room is a change of it, and can be undone."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.task = LatentTask(points=(Blend(),))
        self._past: list[LatentTask] = []
        self._future: list[LatentTask] = []
        self._gesture = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    @property
    def point(self) -> Blend:
        """Where one is."""
        return self.task.points[0]

    def set_point(self, point: Blend, gesture: str = "") -> None:
        """Go to ``point``."""
        self.change(gesture, points=(point,))

    def change(self, gesture: str = "", **fields: Any) -> None:
        """Give the request other ``fields``. What follows with the same ``gesture`` is undone together with it.

        Raises StudioError for a value out of its bounds; then nothing has changed.
        """
        task = msgspec.structs.replace(self.task, **fields)
        if task == self.task:
            return
        check(task)
        if not gesture or gesture != self._gesture:
            self._past = [*self._past[-MOST + 1 :], self.task]
        self._gesture = gesture
        self._future.clear()
        self._rest.start()
        self._become(task)

    def take_back(self, gesture: str) -> None:
        """Be where the ``gesture`` that goes on now began, as if it had never been."""
        if gesture == self._gesture and self._past:
            self.settle()
            self._become(self._past.pop())

    def settle(self) -> None:
        """The gesture is over: what follows is a step of its own."""
        self._gesture = ""

    def _rested(self) -> None:
        """Whoever still holds the mouse down goes on with the gesture."""
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.settle()
        else:
            self._rest.start()

    def restart(self, task: LatentTask) -> None:
        """Begin with ``task`` and without a past."""
        self._past.clear()
        self._future.clear()
        self.settle()
        self._become(task)

    def restart_with(self, point: Blend) -> None:
        """Begin at ``point`` without a past; the settings stay, but for what is scaled."""
        self.restart(msgspec.structs.replace(self.task, points=(point,), scales=()))

    def all(self) -> tuple[LatentTask, ...]:
        """The request, and all that an undo or a redo leads to."""
        return (self.task, *self._past, *self._future)

    def past(self) -> Past:
        """Where one is, and how one came there."""
        return Past(self.task, tuple(self._past), tuple(self._future))

    def go_back_to(self, past: Past) -> None:
        """Be where one was then, and able to take the same steps back."""
        self._past, self._future = list(past.before), list(past.after)
        self.settle()
        self._become(past.task)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._future)

    def undo(self) -> None:
        """Take the last step back."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Take the step again that was taken back last."""
        self._step(self._future, self._past)

    def _step(self, source: list[LatentTask], target: list[LatentTask]) -> None:
        if source:
            target.append(self.task)
            self.settle()
            self._become(source.pop())

    def _become(self, task: LatentTask) -> None:
        self.task = task
        self.changed.emit()


def at_one_point(task: LatentTask) -> LatentTask:
    """``task`` with its first point alone, with the seeds by band that it gives to all."""
    seed = task.seeds[0] % SEEDS if task.seeds else 0
    point = task.points[0] if task.points else Blend((seed,))
    names = ("coarse", "middle", "fine")
    bands = {name: own if (own := getattr(point, name)) >= 0 else getattr(task, name) for name in names}
    point = msgspec.structs.replace(point, **bands)
    return msgspec.structs.replace(task, points=(point,), seeds=(0,), coarse=-1, middle=-1, fine=-1)

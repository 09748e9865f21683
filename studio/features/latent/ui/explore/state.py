"""Where one is in the latent space, and how one came there: the current request with its past."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from studio.app.undo import Step, Undo
from studio.core.task import check
from studio.core.text import tr
from studio.features.latent.points.point import Blend
from studio.features.latent.points.space import SEEDS
from studio.features.latent.tasks.latent import LatentTask

PLACE = "latent"
"""Where in the window a move is taken back: where one sees the point."""
REST_MS = 700
"""A gesture that rests so long is over."""


@dataclass(eq=False)
class Move(Step):
    """A step of the undo that led from one request to another."""

    before: LatentTask = field(default_factory=LatentTask)
    after: LatentTask = field(default_factory=LatentTask)


class Past(NamedTuple):
    """A request, the steps that led to it, and those that were taken back."""

    task: LatentTask
    done: tuple[Step, ...]
    undone: tuple[Step, ...]


class LatentState(QObject):
    """One frozen request with exactly one point; all that moves in the room is a change of it, and can be undone.

    Each change is a step of the window's one undo, so that moves and what else was done come back in their order.
    """

    changed = Signal()

    def __init__(self, undo: Undo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.task = LatentTask(points=(Blend(),))
        self._undo = undo
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
            self._push(self.task)
        self._gesture = gesture
        self._rest.start()
        self._become(task)

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
        self._undo.forget(PLACE)
        self.settle()
        self._become(task)

    def restart_with(self, point: Blend) -> None:
        """Begin at ``point`` without a past; the settings stay, but for what is scaled."""
        self.restart(msgspec.structs.replace(self.task, points=(point,), scales=()))

    def take_back(self, gesture: str) -> None:
        """Be where the ``gesture`` that goes on now began, as if it had never been."""
        step = self._undo.next_undo(PLACE)
        if gesture == self._gesture and isinstance(step, Move):
            self.settle()
            self._undo.drop(step)
            self._become(step.before)

    def all(self) -> tuple[LatentTask, ...]:
        """The request, and all that an undo or a redo leads to."""
        done, undone = self._undo.of_place(PLACE)
        before = (step.before for step in done if isinstance(step, Move))
        return (self.task, *before, *(step.after for step in undone if isinstance(step, Move)))

    def past(self) -> Past:
        """Where one is, and how one came there."""
        return Past(self.task, *self._undo.of_place(PLACE))

    def go_back_to(self, past: Past) -> None:
        """Be where one was then, and able to take the same steps back."""
        self._undo.forget(PLACE)
        self._undo.put_back(past.done, past.undone)
        self.settle()
        self._become(past.task)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._undo.next_undo(PLACE) is not None

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return self._undo.next_redo(PLACE) is not None

    def undo(self) -> None:
        """Take the last step back."""
        self._undo.undo(PLACE)

    def redo(self) -> None:
        """Take the step again that was taken back last."""
        self._undo.redo(PLACE)

    def _push(self, before: LatentTask) -> None:
        def undo() -> None:
            move.after = self.task
            self.settle()
            self._become(move.before)

        def redo() -> None:
            self.settle()
            self._become(move.after)

        move = Move(tr("Move in the latent space"), undo, redo, PLACE, before=before)
        self._undo.add(move)

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

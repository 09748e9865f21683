"""The state of the Latent room: the current request with its undo history."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from studio.app.undo import Step, Undo
from studio.core.task import check
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import SEEDS
from studio.features.latent.tasks.latent import LatentTask

PLACE = "latent"
"""The place in the window where these steps are undone: where the point is visible."""
REST_MS = 700
"""A gesture that pauses this long is over."""


@dataclass(eq=False)
class StateStep(Step):
    """An undo step from one request to another."""

    before: LatentTask = field(default_factory=LatentTask)
    after: LatentTask = field(default_factory=LatentTask)


class Past(NamedTuple):
    """A request, the steps that led to it, and the undone ones."""

    task: LatentTask
    done: tuple[Step, ...]
    undone: tuple[Step, ...]


class LatentState(QObject):
    """One frozen request with exactly one point; everything that moves in the room changes it, and can be undone.

    Each change is a step in the window's undo history, so that all steps are undone in order.
    """

    changed = Signal()

    def __init__(self, undo: Undo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.task = LatentTask(points=(LatentPoint(),))
        self._undo = undo
        self._gesture = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    @property
    def point(self) -> LatentPoint:
        """The current point."""
        return self.task.points[0]

    def set_point(self, point: LatentPoint, gesture: str = "") -> None:
        """Go to ``point``."""
        self.change(gesture, points=(point,))

    def change(self, gesture: str = "", **fields: Any) -> None:
        """Change ``fields`` of the request. Further changes with the same ``gesture`` are undone together.

        Raises StudioError for a value out of bounds; then nothing has changed.
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
        """End the gesture: what follows is a separate step."""
        self._gesture = ""

    def _rested(self) -> None:
        """Keep the gesture while the mouse is down."""
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.settle()
        else:
            self._rest.start()

    def restart(self, task: LatentTask) -> None:
        """Start with ``task`` and an empty history."""
        self._undo.forget(PLACE)
        self.settle()
        self._become(task)

    def restart_with(self, point: LatentPoint) -> None:
        """Start at ``point`` with an empty history; the settings stay, except channel scales."""
        self.restart(msgspec.structs.replace(self.task, points=(point,), scales=()))

    def take_back(self, gesture: str) -> None:
        """Revert the current ``gesture``, as if it had never happened."""
        step = self._undo.next_undo(PLACE)
        if gesture == self._gesture and isinstance(step, StateStep):
            self.settle()
            self._undo.drop(step)
            self._become(step.before)

    def all(self) -> tuple[LatentTask, ...]:
        """The request, and all that undo and redo lead to."""
        done, undone = self._undo.of_place(PLACE)
        before = (step.before for step in done if isinstance(step, StateStep))
        return (self.task, *before, *(step.after for step in undone if isinstance(step, StateStep)))

    def past(self) -> Past:
        """The current request and its history."""
        return Past(self.task, *self._undo.of_place(PLACE))

    def go_back_to(self, past: Past) -> None:
        """Return to an earlier request and its history."""
        self._undo.forget(PLACE)
        self._undo.put_back(past.done, past.undone)
        self.settle()
        self._become(past.task)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self._undo.next_undo(PLACE) is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return self._undo.next_redo(PLACE) is not None

    def undo(self) -> None:
        """Undo the last step."""
        self._undo.undo(PLACE)

    def redo(self) -> None:
        """Redo the step that was undone last."""
        self._undo.redo(PLACE)

    def _push(self, before: LatentTask) -> None:
        def undo() -> None:
            move.after = self.task
            self.settle()
            self._become(move.before)

        def redo() -> None:
            self.settle()
            self._become(move.after)

        move = StateStep(tr("Move in the latent space"), undo, redo, PLACE, before=before)
        self._undo.add(move)

    def _become(self, task: LatentTask) -> None:
        self.task = task
        self.changed.emit()


def at_one_point(task: LatentTask) -> LatentTask:
    """``task`` with only its first point, including the coarse, middle and fine seeds that it sets for all."""
    seed = task.seeds[0] % SEEDS if task.seeds else 0
    point = task.points[0] if task.points else LatentPoint((seed,))
    names = ("coarse", "middle", "fine")
    bands = {name: own if (own := getattr(point, name)) >= 0 else getattr(task, name) for name in names}
    point = msgspec.structs.replace(point, **bands)
    return msgspec.structs.replace(task, points=(point,), seeds=(0,), coarse=-1, middle=-1, fine=-1)

"""Where one is in the latent space: the room's request, which has exactly one point."""

import msgspec
from PySide6.QtCore import QObject

from studio.app.undo import Undo
from studio.core.override import override
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import SEEDS, at_place, place_at, seed_at
from studio.features.latent.tasks.latent import LatentTask
from studio.room.request import Request

PLACE = "latent"
"""Where in the window a move is taken back: where one sees the point."""


class LatentState(Request[LatentTask]):
    """All that moves in the room is a change of it."""

    def __init__(self, undo: Undo, parent: QObject | None = None) -> None:
        super().__init__(LatentTask(points=(LatentPoint(),)), undo, PLACE, tr("Move in the latent space"), parent)
        self.place = (0.0, 0.0)
        """Where on the plane of seeds one is, or was last."""
        self.changed.connect(self._find_place)

    @property
    def point(self) -> LatentPoint:
        """The current point."""
        return self.task.points[0]

    def set_point(self, point: LatentPoint, gesture: str = "") -> None:
        """Go to ``point``."""
        self.change({"points": (point,)}, gesture)

    def go(self, x: float, y: float, gesture: str = "") -> None:
        """Go to a place of the plane."""
        self.set_point(at_place(self.point, x, y), gesture)

    def seed(self) -> int:
        """The seed at or beside the place where one is."""
        return seed_at(round(self.place[0]), round(self.place[1]))

    def restart_with(self, point: LatentPoint) -> None:
        """Start at ``point`` with an empty history; the settings stay, except channel scales."""
        self.restart(msgspec.structs.replace(self.task, points=(point,), scales=()))

    @override
    def _made_whole(self, task: LatentTask) -> LatentTask:
        return at_one_point(task)

    def _find_place(self) -> None:
        self.place = place_at(self.point) or self.place


def at_one_point(task: LatentTask) -> LatentTask:
    """``task`` with only its first point, including the coarse, middle and fine seeds that it sets for all."""
    seed = task.seeds[0] % SEEDS if task.seeds else 0
    point = task.points[0] if task.points else LatentPoint((seed,))
    names = ("coarse", "middle", "fine")
    bands = {name: own if (own := getattr(point, name)) >= 0 else getattr(task, name) for name in names}
    point = msgspec.structs.replace(point, **bands)
    return msgspec.structs.replace(task, points=(point,), seeds=(0,), coarse=-1, middle=-1, fine=-1)

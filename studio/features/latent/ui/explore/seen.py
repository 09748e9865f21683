"""The picture on display, and its request: this is what is saved, starred and sent."""

from PySide6.QtCore import QObject, Signal

from studio.core.task import Task
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint, PointFacts
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.state import LatentState

LOOK = set(LatentTask.__struct_fields__) & set(WalkTask.__struct_fields__) - {"seeds"}
"""Fields that a frame of a walk has as well."""


class Seen(QObject):
    """The controls can be ahead of the picture: while its frame is being made, a walk plays, or something is dragged.

    Code that uses "the current picture" must ask here, not the state.
    """

    changed = Signal()

    def __init__(self, state: LatentState, frames: Frames) -> None:
        super().__init__(state)
        self._state = state
        self.held = False
        """True while pictures are shown that are no live frames; these wait."""
        self.asset: Asset | None = None
        """The picture; None until one has come."""
        self._task: LatentTask | None = None
        frames.live.connect(self._frame_came)

    @property
    def task(self) -> LatentTask:
        """The request of the picture on display; the controls' while there is none."""
        return self._task if self._task is not None else self._state.task

    @property
    def point(self) -> LatentPoint:
        """Where that is."""
        return self.task.points[0]

    def show(self, asset: Asset, task: Task) -> None:
        """``asset``, the answer to ``task``, is on display now; ignored unless it is a picture of a point."""
        found = _request_for(asset, task)
        if found is not None:
            self.asset, self._task = asset, found
            self.changed.emit()

    def _frame_came(self, asset: Asset, _: float, task: Task) -> None:
        if not self.held:
            self.show(asset, task)

    def forget(self) -> None:
        """The picture on display belongs to another model."""
        self.asset = self._task = None
        self.changed.emit()


def _request_for(asset: Asset, task: Task) -> LatentTask | None:
    if isinstance(task, LatentTask):
        return task if task.points else None
    point = PointFacts.of(asset.notes).point
    if point is None:
        return None
    look = {name: getattr(task, name) for name in LOOK if hasattr(task, name)}
    return LatentTask(points=(point,), **look)

"""The picture that stands in the room, and the request that gives it: this is what is kept, starred and sent."""

from PySide6.QtCore import QObject, Signal

from studio.core.task import Task
from studio.core.values import Asset
from studio.features.latent.points.point import Blend, PointFacts
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.state import LatentState

LOOK = set(LatentTask.__struct_fields__) & set(WalkTask.__struct_fields__) - {"seeds"}
"""What a frame of a walk has as well."""


class Seen(QObject):
    """Controls are ahead of the picture: while its frame is being made, while a walk plays, while things are dragged.

    Whoever takes "the current picture" somewhere asks here what it is, not the state.
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
        """The request that gives what is seen; what the controls say as long as nothing is."""
        return self._task if self._task is not None else self._state.task

    @property
    def point(self) -> Blend:
        """Where that is."""
        return self.task.points[0]

    def show(self, asset: Asset, task: Task) -> None:
        """``asset`` is seen from now on, the answer to ``task``; one that is no picture of a point is not."""
        found = _request_for(asset, task)
        if found is not None:
            self.asset, self._task = asset, found
            self.changed.emit()

    def _frame_came(self, asset: Asset, _: float, task: Task) -> None:
        if not self.held:
            self.show(asset, task)

    def forget(self) -> None:
        """What is seen is another model's."""
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

"""The current picture as it is seen: to wander on, with its speed, its star, and the way back to the one before."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.app.undo import Undo
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import LatentState
from studio.features.latent.ui.explore.steps import step_buttons
from studio.features.latent.ui.widgets.wander import Wander
from studio.ui.icons import icon
from studio.ui.layout import label, tool


class SeenView(QWidget):
    """``wander`` is the picture; dragging on it moves the ``request`` between seeds."""

    def __init__(self, request: LatentState, seen: Seen, frames: Frames, stars: Stars, undo: Undo) -> None:
        super().__init__()
        self._request, self._seen, self._stars = request, seen, stars
        self.wander = Wander()
        self.star = tool("star", tr("Star this point, to find it again"))
        self.speed = label("", "dim")
        self.undo, self.redo = step_buttons(undo)
        self.hint = label("", "dim", wrap=True)
        row = QHBoxLayout()
        row.addWidget(self.speed, 1)
        for button in (self.star, self.undo, self.redo):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.wander)
        column.addLayout(row)
        column.addWidget(self.hint)
        request.changed.connect(self.show_star)
        stars.changed.connect(self.show_star)
        seen.changed.connect(self._show_seen)
        frames.live.connect(self._show_speed)
        self.wander.moved.connect(self._move)

    def show_star(self) -> None:
        """Say whether the picture's point has a star."""
        starred = self._stars.starred(self._seen.point)
        self.star.setIcon(icon("starred", "warn") if starred else icon("star"))
        self.star.setAccessibleName(tr("Remove the star") if starred else tr("Add a star"))

    def _show_seen(self) -> None:
        if self._seen.asset is not None:
            self.wander.show_asset(self._seen.asset)
        else:
            self.wander.forget()
        self.show_star()

    def _show_speed(self, _: Asset, seconds: float) -> None:
        self.speed.setText(
            tr("{rate} frames/s · {ms} ms", rate=round(1 / max(seconds, 1e-3)), ms=round(seconds * 1000))
        )

    def _move(self, across: float, down: float) -> None:
        x, y = self._request.place
        self._request.go(x + across, y + down, "wander")

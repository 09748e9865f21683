"""The stars: named points of the current model that the person wants to find again."""

from collections.abc import Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.widgets.point_list import PointList, name_of
from studio.room.model_picker import ModelChoice
from studio.ui.layout import label

SEARCHED_FROM = 8
"""The number of stars from which there is a search field."""


class Star(msgspec.Struct, frozen=True):
    """A saved point; a seed gives another picture in another model."""

    model: str
    name: str
    point: LatentPoint


class Stars(QFrame):
    """Rows of picture and name: click to go there, F2 or double-click to rename, Delete to remove."""

    chosen = Signal(object)
    menu = Signal(object, QPoint)
    """Context menu requested: a star's point, and the screen position."""
    changed = Signal()

    def __init__(self, frames: Frames, models: ModelChoice) -> None:
        super().__init__()
        self.setObjectName("card")
        self._models = models
        self._stars: list[Star] = []
        self._listed: list[Star] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find by name"))
        self.search.setAccessibleName(tr("Find a star by its name"))
        self.search.setToolTip(tr("Show stars whose names contain these letters"))
        self.list = PointList(
            frames,
            tr("Stars"),
            tr(
                "Click to go there; F2 or double-click renames, Delete removes; drag a star to anywhere that takes "
                "points"
            ),
            edge=40,
            named=True,
        )
        self._hint = label(tr("Press the star above to keep this point here."), "dim", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        column.addWidget(label(tr("Stars"), "dim"))
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self._hint)
        self.search.textChanged.connect(lambda _: self._show())
        self.list.chosen.connect(self.chosen)
        self.list.menu.connect(self.menu)
        self.list.changed.connect(self._edited)
        models.changed.connect(lambda _: self._show())
        self._show()

    def starred(self, point: LatentPoint) -> bool:
        """Whether the point has a star."""
        return any(star.point == point for star in self._of_model())

    def seeds(self) -> set[int]:
        """The seeds that have a star."""
        return {
            star.point.seeds[0]
            for star in self._of_model()
            if star.point == LatentPoint((star.point.seeds or (0,))[:1])
        }

    def toggle(self, point: LatentPoint) -> None:
        """Star or unstar the point."""
        if self.starred(point):
            self._stars = [star for star in self._stars if star not in self._of_model() or star.point != point]
        else:
            self._stars.append(Star(self._models.address(), name_of(point), point))
        self._show()
        self.changed.emit()

    def to_data(self) -> list[Any]:
        """What is found again after a restart."""
        data: list[Any] = msgspec.to_builtins(self._stars)
        return data

    def from_data(self, kept: Mapping[str, Any]) -> None:
        """Restore ``to_data`` from ``kept["stars"]``; invalid stars are left out."""
        rows = kept.get("stars")
        self._stars = [star for row in rows if (star := _star(row))] if isinstance(rows, list) else []
        self._show()

    def _of_model(self) -> list[Star]:
        return [star for star in self._stars if star.model == self._models.address()]

    def _show(self) -> None:
        wanted = self.search.text().casefold()
        self._listed = [star for star in self._of_model() if wanted in star.name.casefold()]
        self.list.set_points((star.point, star.name) for star in self._listed)
        self._fit()

    def _fit(self) -> None:
        count = len(self._of_model())
        self.search.setVisible(bool(self.search.text()) or count >= SEARCHED_FROM)
        self.list.setVisible(self.list.count() > 0)
        self.list.setFixedHeight(min(self.list.count(), 5) * 48 + 4)
        self._hint.setVisible(not count)

    def _edited(self) -> None:
        """Rows were renamed, moved, removed or added by a drop."""
        address, before = self._models.address(), self._listed
        rows = zip(self.list.points(), self.list.names(), strict=True)
        self._listed = [Star(address, name.strip() or name_of(point), point) for point, name in rows]
        self._stars = [star for star in self._stars if star not in before] + self._listed
        self._fit()
        self.changed.emit()


def _star(row: object) -> Star | None:
    try:
        return msgspec.convert(row, Star)
    except (ValueError, OverflowError):  # msgspec's own error is a ValueError, and so is that for a lone surrogate
        return None

"""The card of the current point: its seed, how it is shown, and what only some models have."""

from collections.abc import Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout

from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import SEEDS, place_of
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.of_model import OfModel
from studio.features.latent.ui.explore.state import LatentState
from studio.features.latent.ui.widgets.wander import Wander
from studio.ui.chips import chip
from studio.ui.form import Form
from studio.ui.layout import card, label
from studio.ui.number import NumberBox

SETTINGS = ("psi", "cutoff", "noise", "strength")
BETWEEN = -1
"""What the seed's box holds where no seed alone gives the point."""


class PointSettings(QObject):
    """Shows the request and changes it. On the ``picture`` the point can be turned and shifted, too."""

    refused = Signal(object)
    """The ``StudioError`` of a value that the request can't have."""

    def __init__(self, request: LatentState, frames: Frames, picture: Wander) -> None:
        super().__init__(request)
        self._request = request
        fields = {field.name: field for field in describe(LatentTask)}
        self.form = Form([fields[name] for name in SETTINGS])
        self.seed = NumberBox(BETWEEN, SEEDS - 1, 1, whole=True)  # Qt's own box of whole numbers ends at 2147483647
        self.seed.setSpecialValueText(tr("between"))
        self.seed.setToolTip(tr("The current seed; type another to go there"))
        self.seed.setAccessibleName(tr("Seed"))
        self.reset = chip(tr("Reset"), tr("Back to seed 0, without style mixing"), self._reset)
        self.of_model = OfModel(request, frames, picture, self.change)
        where = QHBoxLayout()
        where.addWidget(label(tr("Seed"), "dim"), 1)
        where.addWidget(self.seed)
        where.addWidget(self.reset)
        self.card = card(where, self.form, self.of_model)
        request.changed.connect(self._show)
        self.seed.valueChanged.connect(lambda _: self._go_to_seed())
        self.form.changed.connect(lambda: self.change({**self.form.values(), "noise_seed": -1}, "settings"))

    def change(self, fields: Mapping[str, Any], gesture: str = "") -> None:
        """Change the request; what it can't be is said."""
        try:
            self._request.change(fields, gesture)
        except StudioError as error:
            self.refused.emit(error)

    def _show(self) -> None:
        self._show_seed()
        self.form.set_values(msgspec.structs.asdict(self._request.task))

    def _show_seed(self) -> None:
        self.seed.show_number(BETWEEN if (seed := self._request.point.seed) is None else seed)

    def _go_to_seed(self) -> None:
        seed = int(self.seed.number())
        if seed == BETWEEN:
            self._show_seed()
        else:
            self._request.go(*place_of(seed))

    def _reset(self) -> None:
        self.change(msgspec.structs.asdict(LatentTask(points=(LatentPoint(),))))

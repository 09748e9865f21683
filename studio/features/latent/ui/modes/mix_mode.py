"""Mix: combines sources: each layer from one of them, A + (B - C), or their average."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.features.latent.points.mixture import arithmetic, average, by_layer
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.widgets.layer_matrix import LayerMatrix
from studio.features.latent.ui.widgets.point_list import PointList
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.layout import card, label
from studio.ui.number import Number

MOST, EDGE, COLUMN, HEAD = 6, 72, 84, 92
AMOUNT = Field(
    name="amount", type="float", default=1.0, title="Amount", help="How much of B minus C is added.",
    minimum=-3, maximum=3, step=0.01,
)  # fmt: skip
WAYS = ("layers", "sum", "average")
LETTERS = "ABCDEF"


class MixMode(Mode):
    """Holds the sources and how to combine them; each change makes the result the current point."""

    NAME = "mix"
    TITLE = "Mix"
    TIP = "Mix points by layer, add and subtract them, or average them"

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self._rows: list[int] = []
        self._known: dict[LatentPoint, tuple[str, tuple[LatentPoint, ...], tuple[int, ...], float]] = {}
        """How each point that was mixed here came about: an undo brings that back too."""
        self.sources = PointList(
            context.frames,
            tr("Sources"),
            tr("Drop seeds and stars here; drag to reorder, Delete removes"),
            EDGE,
            most=MOST,
        )
        self.way = ChipChoice(
            list(zip(WAYS, (tr("By layer"), "A + (B − C)", tr("Average")), strict=True)), tr("Mixing method")
        )
        self.way.set_value(WAYS[0])
        self.amount, self.matrix = Number(AMOUNT), LayerMatrix(HEAD, COLUMN)
        self.add = chip(tr("+ Current point"), tr("Add the current point as a source"), self._add_current)
        self.random = chip(tr("+ Random"), tr("Add a random seed as a source"), self._add_random)
        self.formula = label("", "title")
        self._bands = [
            chip(words, tr("Take these layers from the selected source"), partial(self._take_band, band))
            for band, words in enumerate((tr("Coarse"), tr("Middle"), tr("Fine"), tr("All")))
        ]
        self.left, self.middle = self._lay_out_left(), self._lay_out_middle()
        self.sources.changed.connect(self._sources_changed)
        self.way.chosen.connect(lambda _: self._mix())
        self.matrix.changed.connect(self._matrix_changed)
        self.amount.changed.connect(lambda: self._mix("mix"))
        context.frames.layers_changed.connect(self._fit)
        context.state.changed.connect(self._follow_state)
        self._fit()

    @override
    def enter(self) -> None:
        """Make the current point the first source; nothing is mixed yet."""
        if not self.sources.count():
            self.sources.set_points([(self.context.seen.point, "")])
            self._fit()

    def points(self) -> tuple[LatentPoint, ...]:
        """The sources and the result."""
        mixed = self._mixed()
        return (*self.sources.points(), *((mixed,) if mixed is not None else ()))

    @override
    def remember(self) -> dict[str, Any]:
        """Sources and marks."""
        points = msgspec.to_builtins(self.sources.points())
        return {"sources": points, "rows": self._rows, "way": self.way.value(), "amount": self.amount.value()}

    @override
    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore what was saved, as far as it is valid."""
        try:
            points = msgspec.convert(kept.get("sources", ()), tuple[LatentPoint, ...])
            rows = msgspec.convert(kept.get("rows", ()), tuple[int, ...])
        except (ValueError, OverflowError):  # msgspec's own error is a ValueError, and so is that for a lone surrogate
            return
        self._known.clear()
        way = str(kept.get("way")) if kept.get("way") in WAYS else WAYS[0]
        amount = kept.get("amount")
        self._show(way, points[:MOST], rows, float(amount) if isinstance(amount, int | float) else 1.0)

    # -- what is mixed -------------------------------------------------------------------------------------------

    def _mix(self, gesture: str = "") -> None:
        self._show_way()
        mixed = self._mixed()
        if mixed is not None:
            self._known[mixed] = self._shown()
            self.context.state.set_point(mixed, gesture)

    def _mixed(self) -> LatentPoint | None:
        """The result; None if there are too few sources."""
        points, way = self.sources.points(), self.way.value()
        if len(points) < (3 if way == "sum" else 1):
            return None
        if way == "average":
            return average(points)
        if way == "sum":
            return arithmetic(points[0], points[1], points[2], self.amount.value())
        return by_layer(points, rows) if (rows := self._rows_here()) else points[0]

    def _follow_state(self) -> None:
        known = self._known.get(self.context.state.point)
        if known is not None and known != self._shown():
            self._show(*known)

    def _shown(self) -> tuple[str, tuple[LatentPoint, ...], tuple[int, ...], float]:
        return self.way.value(), self.sources.points(), tuple(self._rows), float(self.amount.value())

    def _show(self, way: str, points: tuple[LatentPoint, ...], rows: tuple[int, ...], amount: float) -> None:
        self.way.set_value(way)
        if points != self.sources.points():
            self.sources.set_points((point, "") for point in points)
        self._rows = list(rows)
        self.amount.set_value(amount)
        self._fit()

    def _add_current(self) -> None:
        self.sources.add_point(self.context.seen.point)

    def _add_random(self) -> None:
        self.sources.add_point(LatentPoint((secrets.randbits(32),)))

    def take_point(self, point: LatentPoint) -> None:
        """Add a source. If the mode isn't shown, nothing is mixed yet."""
        if self.middle.isVisible():
            self.sources.add_point(point)
            return
        self.sources.set_points((each, "") for each in (*self.sources.points(), point)[-MOST:])
        self._fit()

    def _sources_changed(self) -> None:
        self._fit()
        self._mix()

    def _matrix_changed(self) -> None:
        self._rows = self.matrix.rows()
        self._mix("mix")

    def _take_band(self, band: int) -> None:
        """Take the coarse (0), middle (1), fine (2) or all (3) layers from the selected source, or the last one."""
        source, ends = self.sources.currentRow(), (0, *self.context.frames.bands)
        source = source if source >= 0 else self.sources.count() - 1
        if len(ends) < 4 or source < 0:
            return
        first, last = (0, ends[-1]) if band == 3 else (ends[band], ends[band + 1])
        self._rows = self._rows_here()
        self._rows[first:last] = [source] * (last - first)
        self._fit()
        self._mix()

    def _fit(self) -> None:
        """Fit the rows to the model's layers, and reset marks of removed sources."""
        self.matrix.show_rows(self._rows_here(), self.sources.count(), self.context.frames.bands)
        self._show_way()

    def _rows_here(self) -> list[int]:
        """The marks for the model's layers, whose number may become known only later."""
        layers, count = self.context.frames.layers, self.sources.count()
        return [row if 0 <= row < count else 0 for row in [*self._rows, *[0] * layers][:layers]]

    # -- putting together ----------------------------------------------------------------------------------------

    def _show_way(self) -> None:
        way, count = self.way.value(), self.sources.count()
        self._scroll.setVisible(way == "layers")
        self._shortcuts.setVisible(way == "layers")
        self.amount.setVisible(way == "sum")
        self.formula.setVisible(way != "layers")
        letters = LETTERS[:count]
        if way == "average":
            self.formula.setText(f"({' + '.join(letters)}) / {count}")
        elif count < 3:
            self.formula.setText(tr("Add three sources: A, B and C."))
        else:
            self.formula.setText(f"A + {self.amount.value():.2f} · (B − C)")

    def _lay_out_left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        self._shortcuts = QWidget()
        flow = Flow(self._shortcuts)
        for button in self._bands:
            flow.addWidget(button)
        column.addWidget(card(self.way, self.amount, self._shortcuts, title=tr("Mixing method")))
        hint = tr("Add sources with the buttons, or right-click a seed in Map. You can also drop stars here.")
        column.addWidget(label(hint, "dim", wrap=True))
        return left

    def _lay_out_middle(self) -> QWidget:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        head = QHBoxLayout()
        head.addWidget(label(tr("Sources"), "title"), 1)
        head.addWidget(self.add)
        head.addWidget(self.random)
        self.sources.setWrapping(False)
        self.sources.setGridSize(QSize(COLUMN, EDGE + 8))
        self.sources.setFixedHeight(EDGE + 26)
        row = QHBoxLayout()
        row.addSpacing(HEAD)
        row.addWidget(self.sources, 1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.matrix)
        self._scroll.setWidgetResizable(True)
        column.addLayout(head)
        column.addLayout(row)
        column.addWidget(self.formula)
        column.addWidget(self._scroll, 1)
        column.addStretch(0)
        return middle

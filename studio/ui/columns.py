"""A room's columns: side panels that can be resized, hidden and remembered, and the middle with the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from studio.core.override import override
from studio.core.text import tr

NARROWEST, WIDEST, MIDDLE = 200, 420, 380
"""Pixels: the bounds of a side, and the width that the middle keeps before the sides shrink."""


class Columns(QSplitter):
    """Drag a gap to resize, double-click it to reset. In a narrow window the sides shrink, and grow back with it."""

    toggled = Signal(bool)
    """The sides were hidden or shown."""

    def __init__(self, room: QWidget, *parts: QFrame | QVBoxLayout) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)  # Qt also accepts a press two pixels beside it
        self.setChildrenCollapsible(False)
        self._sides: dict[str, QFrame] = {}
        self._own: dict[str, int] = {}
        self._barred: set[QFrame] = set()
        self._hidden = False
        for part in parts:
            self._add(part)
        self._wanted = dict(self._own)
        for number in range(1, self.count()):
            handle = self.handle(number)
            handle.setToolTip(tr("Drag to resize, double-click for the default width"))
            handle.installEventFilter(self)
        self.splitterMoved.connect(lambda *_: self._dragged())
        around = QHBoxLayout(room)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self)

    def _add(self, part: QFrame | QVBoxLayout) -> None:
        if isinstance(part, QFrame):
            edge = str(part.property("edge"))
            self._sides[edge], self._own[edge] = part, part.width()
            part.setMaximumWidth(WIDEST)
            if (content := _content(part)) is not None:
                content.installEventFilter(self)
            self.addWidget(part)
            return
        middle = QWidget()
        middle.setLayout(part)
        self.addWidget(middle)
        self.setStretchFactor(self.count() - 1, 1)

    # -- shown or hidden -------------------------------------------------------------------------------------------

    @property
    def sides_hidden(self) -> bool:
        """Whether the person hid the sides."""
        return self._hidden

    def hide_sides(self, on: bool) -> None:
        """Hide or show both sides."""
        self._hidden = on
        self._show_sides()
        self.toggled.emit(on)

    def bar(self, side: QFrame, on: bool) -> None:
        """Hide ``side`` while the room has nothing to show there, whatever the person chose."""
        (self._barred.add if on else self._barred.discard)(side)
        self._show_sides()

    def _show_sides(self) -> None:
        for side in self._sides.values():
            side.setVisible(not self._hidden and side not in self._barred)
        self._fit()

    # -- widths ----------------------------------------------------------------------------------------------------

    def to_data(self) -> dict[str, Any]:
        """The state to restore after a restart: dragged widths, and whether the sides are hidden."""
        dragged = {edge: width for edge, width in self._wanted.items() if width != self._own[edge]}
        return {"widths": dragged, "hidden": self._hidden}

    def from_data(self, data: Mapping[str, Any]) -> None:
        """Restore what ``to_data`` returned, as far as it is valid."""
        widths = data.get("widths")
        for edge, width in widths.items() if isinstance(widths, dict) else ():
            if edge in self._sides and isinstance(width, int) and not isinstance(width, bool):
                self._wanted[edge] = min(max(width, NARROWEST), WIDEST)
        self.hide_sides(data.get("hidden") is True)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the width again."""
        super().resizeEvent(event)
        self._fit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Reset the side next to a gap that was double-clicked, and refit when a side's content changes its size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
            return False
        if event.type() == QEvent.Type.MouseButtonDblClick:
            for edge, side in self._sides.items():
                number = self.indexOf(side)
                if watched is self.handle(number + 1 if edge == "left" else number):
                    self._wanted[edge] = self._own[edge]
            self._fit()
            return True
        return False

    def _dragged(self) -> None:
        for edge, side in self._sides.items():
            if side.isVisible():
                self._wanted[edge] = side.width()

    def _fit(self) -> None:
        """Give each side the wanted width, less if the middle would get too narrow."""
        shown = [edge for edge, side in self._sides.items() if not side.isHidden()]
        gaps = len(shown) * self.handleWidth()
        least = [_least(self._sides[edge]) for edge in shown]
        for edge, width in zip(shown, least, strict=True):
            self._sides[edge].setMinimumWidth(width)
        wanted = [max(self._wanted[edge], width) for edge, width in zip(shown, least, strict=True)]
        lacking = sum(wanted) + MIDDLE + gaps - self.width()
        widths = dict(zip(shown, _narrower(wanted, least, lacking), strict=True))
        rest = self.width() - gaps - sum(widths.values())
        parts = (self.widget(at) for at in range(self.count()))
        self.setSizes([widths.get(str(part.property("edge")), rest) for part in parts if part is not None])


def _content(side: QFrame) -> QWidget | None:
    scroll = side.findChild(QScrollArea)
    return scroll.widget() if scroll is not None else None


def _least(side: QFrame) -> int:
    """The least width at which none of the side's content is cut off."""
    scroll, content = side.findChild(QScrollArea), _content(side)
    if scroll is None or content is None:
        return NARROWEST
    around = scroll.verticalScrollBar().sizeHint().width() + 2 * scroll.frameWidth()
    return max(NARROWEST, min(content.minimumSizeHint().width() + around, WIDEST))


def _narrower(widths: Sequence[int], least: Sequence[int], by: int) -> list[int]:
    """``widths`` reduced by ``by`` pixels in all, each in proportion to its excess over ``least``."""
    spare = sum(widths) - sum(least)
    share = min(max(by / spare, 0.0), 1.0) if spare > 0 else 0.0
    return [round(width - share * (width - own)) for width, own in zip(widths, least, strict=True)]

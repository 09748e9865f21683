"""A line chart that grows while it is shown, such as the losses of a training."""

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.ui.plain import plain
from studio.ui.theme import sizes, token

Series = Sequence[tuple[float, float]]
LEFT, TOP, RIGHT, BOTTOM = 46, 34, 14, 24
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Chart(QWidget):
    """Lines over one axis, ``names`` and ``colours`` (of the theme) given once. ``logarithmic``: the y axis.

    ``unit`` is the label of the x axis, whose numbers are shown in thousands ("12k").
    """

    def __init__(
        self, title: str, tip: str, names: Sequence[str], colours: Sequence[str], unit: str, logarithmic: bool = False
    ) -> None:
        super().__init__()
        self._title, self._names, self._colours, self._unit = title, names, colours, unit
        self._logarithmic = logarithmic
        self._lines: list[Series] = [() for _ in names]
        self._at: float | None = None
        self.setToolTip(plain(tip))
        self.setAccessibleName(title)
        self.setMouseTracking(True)
        self.setMinimumSize(220, 130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_lines(self._lines)

    @override
    def sizeHint(self) -> QSize:
        """Twice as wide as high."""
        return QSize(360, 170)

    def set_lines(self, lines: Sequence[Series]) -> None:
        """Show these, each as (x, y) with growing x; NaNs, and values <= 0 on a logarithmic axis, are left out."""
        self._lines = [[point for point in line if self._fits(point[1])] for line in lines]
        words = [f"{name} {_short(line[-1][1])}" for name, line in zip(self._names, self._lines, strict=True) if line]
        self.setAccessibleDescription(tr(", ").join(words))
        self.update()

    def lines(self) -> list[Series]:
        """The lines as shown."""
        return self._lines

    def _fits(self, value: float) -> bool:
        return math.isfinite(value) and (value > 0 or not self._logarithmic)

    # -- where things are ------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def _bounds(self) -> tuple[float, float, float]:
        """The largest x, and the lowest and highest y (their exponents on a logarithmic axis)."""
        points = [point for line in self._lines for point in line]
        heights = [self._height(y) for _, y in points] or [0.0, 1.0]
        low, high = min(heights), max(heights)
        room = max((high - low) * 0.08, 0.02 if self._logarithmic else abs(high) * 0.02, 1e-6)
        return max((x for x, _ in points), default=1.0) or 1.0, low - room, high + room

    def _height(self, y: float) -> float:
        return math.log10(y) if self._logarithmic else y

    def _spot(self, x: float, y: float) -> QPointF:
        plot, (right, low, high) = self._plot(), self._bounds()
        return QPointF(
            plot.left() + plot.width() * x / right,
            plot.bottom() - plot.height() * (self._height(y) - low) / (high - low),
        )

    # -- painting --------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, the axes, the lines, and the values under the mouse."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(token("line"), 1))
        painter.setBrush(token("card"))
        radius = sizes()["radius_card"]
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        font = self.font()
        font.setPixelSize(font.pixelSize() - 2)
        painter.setFont(font)
        self._draw_head(painter)
        if any(self._lines):
            self._draw_axes(painter)
            for line, colour in zip(self._lines, self._colours, strict=True):
                self._draw_line(painter, line, token(colour))
        else:
            painter.setPen(token("dim"))
            painter.drawText(self._plot(), Qt.AlignmentFlag.AlignCenter, tr("Nothing measured yet"))
        painter.end()

    def _draw_head(self, painter: QPainter) -> None:
        """Draw the title, and at the right each line's name and value, newest or under the mouse."""
        painter.setPen(token("text"))
        metrics = painter.fontMetrics()
        middle = TOP // 2 + metrics.ascent() // 2
        painter.drawText(QPointF(14, middle), self._title)
        x = float(self.width() - 14)
        for name, line, colour in reversed(list(zip(self._names, self._lines, self._colours, strict=True))):
            if not line:
                continue
            words = f"{name} {_short(self._value(line))}"
            x -= metrics.horizontalAdvance(words)
            painter.setPen(token("dim"))
            painter.drawText(QPointF(x, middle), words)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token(colour))
            painter.drawEllipse(QPointF(x - 9, middle - metrics.ascent() / 2 + 1), 3.5, 3.5)
            x -= 26

    def _value(self, line: Series) -> float:
        if self._at is None:
            return line[-1][1]
        at = self._at
        return min(line, key=lambda point: abs(point[0] - at))[1]

    def _draw_axes(self, painter: QPainter) -> None:
        plot, (right, low, high) = self._plot(), self._bounds()
        metrics = painter.fontMetrics()
        for value in self._heights(low, high):
            y = self._spot(0, value).y()
            painter.setPen(QPen(token("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(token("dim"))
            words = _short(value)
            painter.drawText(
                QPointF(plot.left() - 7 - metrics.horizontalAdvance(words), y + metrics.ascent() / 2 - 1), words
            )
        end = plot.right() - metrics.horizontalAdvance(self._unit)
        painter.drawText(QPointF(end, self.height() - 8), self._unit)
        for value in ticks(0, right, max(2, int(plot.width() // 44))):
            words = thousands(value)
            x = self._spot(value, 1).x() - metrics.horizontalAdvance(words) / 2
            if x + metrics.horizontalAdvance(words) < end - 8:
                painter.drawText(QPointF(x, self.height() - 8), words)
        if self._at is not None:
            painter.setPen(QPen(token("edge"), 1, Qt.PenStyle.DotLine))
            x = self._spot(self._at, 1).x()
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _heights(self, low: float, high: float) -> list[float]:
        if not self._logarithmic:
            return ticks(low, high, 4)
        whole = [10.0**power * factor for power in range(math.floor(low), math.ceil(high)) for factor in (1, 2, 5)]
        inside = [value for value in whole if low <= math.log10(value) <= high]
        return (
            inside if len(inside) <= 4 else [value for value in inside if math.log10(value).is_integer()] or inside[:4]
        )

    def _draw_line(self, painter: QPainter, line: Series, colour: QColor) -> None:
        if not line:
            return
        spots = [self._spot(x, y) for x, y in line]
        if len(spots) > 1:
            path = QPainterPath(spots[0])
            for spot, _ in pairwise([*spots[1:], spots[-1]]):
                path.lineTo(spot)
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(spots[-1], 2.5, 2.5)

    # -- the mouse -------------------------------------------------------------------------------------------------

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values under the mouse."""
        plot, (right, _, _) = self._plot(), self._bounds()
        share = (event.position().x() - plot.left()) / max(plot.width(), 1)
        self._at = right * share if 0 <= share <= 1 else None
        self.update()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        """Show the newest values again."""
        self._at = None
        self.update()


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` + 1 round numbers from ``low`` to ``high``, evenly spaced."""
    if not high > low:
        return []
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * 0.999)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def thousands(count: float) -> str:
    """A number of pictures, short: "0", "800", "12k", "1.5M"."""
    for size, mark in ((1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{mark}"
    return f"{count:.0f}"


def _short(value: float) -> str:
    return thousands(value) if value >= 1000 else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"

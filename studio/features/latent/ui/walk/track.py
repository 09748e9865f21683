"""The track of a walk: keyframes to scale, and a playhead."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.timing import LONGEST, SHORTEST
from studio.features.latent.ui.widgets.point_list import name_of, unpack
from studio.ui.drops import DropTarget
from studio.ui.fitting import draw_within
from studio.ui.number import NumberBox
from studio.ui.pixels import inside
from studio.ui.theme import token

RULER, EDGE, WORDS = 14, 52, 20
NARROWEST = EDGE + 8
"""The least width of a segment in pixels: its picture must be visible."""
GRIP = 5
STEP = 0.1
"""Seconds for each press of + and -."""


@dataclass
class Key:
    """A keyframe: its point, the seconds to the next one, and its picture once available."""

    point: LatentPoint
    seconds: float = 1.0
    picture: QPixmap | None = None


class Track(QWidget):
    """Keyframes can be selected, moved and removed, and the borders between them and the playhead dragged.

    ``timed``: durations changed. ``rearranged``: keyframes were added, removed or moved. ``scrubbed``: the person moved
    the playhead to these seconds. ``dropped``: points from elsewhere.
    """

    timed = Signal()
    rearranged = Signal()
    scrubbed = Signal(float)
    stepped = Signal(int)
    """Frames forward or back."""
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[Key] = []
        self.row = -1
        """The chosen keyframe; -1 is none."""
        self.loop = True
        self.measured: list[float] = []
        """What the legs really take, where the walk is even to the eye and was measured."""
        self.time = 0.0
        self._held = ""
        self._border = -1
        self._pressed = QPointF()
        self.setFixedHeight(RULER + EDGE + WORDS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        DropTarget(
            self, lambda mime: tr("Add to the walk") if unpack(mime) else "",
            lambda mime: self.dropped.emit(unpack(mime)),
        )  # fmt: skip
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Keyframes"))
        self.setToolTip(
            tr(
                "Drop points here. Drag a keyframe to move it, its left border to change the times, the playhead "
                "above to preview; double-click to type a time. Keys: arrows select, Alt+arrows move; + and - "
                "change the time, F2 types it; Delete removes; comma and period step by a frame."
            )
        )
        self.box = NumberBox(SHORTEST, LONGEST, STEP, whole=False, unit="s")
        self.box.setParent(self)
        self.box.setAccessibleName(tr("Seconds to the next keyframe"))
        self.box.setToolTip(tr("Seconds to the next keyframe"))
        self.box.editingFinished.connect(self._typed)
        self.box.hide()

    # -- what is there -------------------------------------------------------------------------------------------

    def legs(self) -> int:
        """The number of segments."""
        return max(len(self.keys) if self.loop else len(self.keys) - 1, 0)

    def seconds(self) -> list[float]:
        """The seconds of each segment."""
        return [key.seconds for key in self.keys[: self.legs()]]

    def total(self) -> float:
        """The seconds of all segments."""
        return sum(self.seconds())

    def set_keys(self, keys: Sequence[Key]) -> None:
        """Show these, without a signal."""
        self.keys, self.row = list(keys), min(self.row, len(keys) - 1)
        self.refit()

    def add(self, point: LatentPoint, picture: QPixmap | None) -> None:
        """Append a keyframe and select it; its duration is the average of the others."""
        seconds = sum(key.seconds for key in self.keys) / len(self.keys) if self.keys else 1.0
        self.keys.append(Key(point, seconds, picture))
        self._select(len(self.keys) - 1)
        self._rearranged()

    def stretch(self, total: float) -> None:
        """Scale all segments to ``total`` seconds, without a signal."""
        now = self.total()
        for key in self.keys:
            key.seconds = _bounded(key.seconds * total / now if now else total / max(self.legs(), 1))
        self.refit()

    def set_seconds(self, row: int, seconds: float) -> None:
        """Set the ``seconds`` of a keyframe's segment; the others keep theirs."""
        self.keys[row].seconds = _bounded(seconds)
        self._timed()

    def show_time(self, time: float, measured: Sequence[float] = ()) -> None:
        """Move the playhead to ``time``."""
        self.time = time
        if measured:
            self.measured = list(measured)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        """Room for every picture."""
        return QSize(self.minimumWidth(), RULER + EDGE + WORDS)

    # -- where things are ----------------------------------------------------------------------------------------

    def refit(self) -> None:
        """Adapt to a changed walk, and drop its measurements."""
        self.measured = []
        self.setMinimumWidth(self.legs() * NARROWEST + EDGE)
        self.update()

    def starts(self) -> list[float]:
        """The start of each segment and the end of the last one, in pixels."""
        times = self.measured if len(self.measured) == self.legs() else self.seconds()
        room, total = self.width() - EDGE - self.legs() * NARROWEST, sum(times) or 1.0
        found = [0.0]
        for time in times:
            found.append(found[-1] + NARROWEST + room * time / total)
        return found

    def x_of(self, time: float) -> float:
        """The playhead's position at ``time``."""
        times = self.measured if len(self.measured) == self.legs() else self.seconds()
        starts = self.starts()
        for leg, length in enumerate(times):
            if time < length or leg == len(times) - 1:
                return starts[leg] + (starts[leg + 1] - starts[leg]) * min(time / length if length else 1.0, 1.0)
            time -= length
        return 0.0

    def time_at(self, x: float) -> float:
        """The time at which the playhead is at ``x``."""
        times = self.measured if len(self.measured) == self.legs() else self.seconds()
        starts, passed = self.starts(), 0.0
        for leg, length in enumerate(times):
            if x < starts[leg + 1]:
                return passed + length * max(x - starts[leg], 0.0) / (starts[leg + 1] - starts[leg])
            passed += length
        return passed

    def tile(self, row: int) -> QRectF:
        """Where a keyframe's picture is."""
        return QRectF(self.starts()[row] if row <= self.legs() else 0.0, RULER, EDGE, EDGE)

    def _border_at(self, x: float) -> int:
        """The segment whose end is at ``x``; -1 for none."""
        ends = enumerate(self.starts()[1:])
        return next((leg for leg, end in ends if -GRIP - 2 <= x - end <= GRIP - 2), -1)

    def _row_at(self, x: float) -> int:
        rows = [row for row in range(len(self.keys)) if self.starts()[min(row, self.legs())] <= x]
        return rows[-1] if rows else -1

    # -- mouse and keys ------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the playhead, a border or a keyframe."""
        if event.button() != Qt.MouseButton.LeftButton or not self.keys:
            return
        spot = self._pressed = event.position()
        self._border = self._border_at(spot.x())
        if spot.y() < RULER:
            self._held = "playhead"
            self.scrubbed.emit(self.time_at(spot.x()))
        elif self._border >= 0:
            self._held = "border"
        else:
            self._held = "key"
            self._select(self._row_at(spot.x()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was grabbed."""
        spot = event.position()
        if self._held == "playhead":
            self.scrubbed.emit(self.time_at(spot.x()))
        elif self._held == "border":
            self._drag_border(spot.x() - self._pressed.x())
            self._pressed = spot
        elif self._held in ("key", "moving"):
            far = abs(spot.x() - self._pressed.x()) >= QApplication.startDragDistance()
            self._held = "moving" if far or self._held == "moving" else "key"
            if self._held == "moving":
                self._move_to(self._row_at(spot.x()))
        else:
            resizable = spot.y() >= RULER and self._border_at(spot.x()) >= 0
            self.setCursor(Qt.CursorShape.SplitHCursor if resizable else Qt.CursorShape.ArrowCursor)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = ""

    def _drag_border(self, way: float) -> None:
        """Move time between two segments; the last border changes the walk's length."""
        before = self.keys[self._border]
        room = max(self.width() - EDGE - self.legs() * NARROWEST, 60)
        more = way * self.total() / room
        after = self.keys[self._border + 1] if self._border + 1 < self.legs() else None
        if after is not None:
            more = min(max(more, SHORTEST - before.seconds), after.seconds - SHORTEST)
            after.seconds = _bounded(after.seconds - more)
        before.seconds = _bounded(before.seconds + more)
        self._timed()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the tooltip."""
        arrows: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        frames: dict[int, int] = {Qt.Key.Key_Comma: -1, Qt.Key.Key_Period: 1}
        lengths: dict[int, float] = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: -STEP}
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.row >= 0:
            del self.keys[self.row]
            self._select(min(self.row, len(self.keys) - 1))
            self._rearranged()
        elif key in arrows and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move_to(self.row + arrows[key])
        elif key in arrows and self.keys:
            self._select(min(max(self.row + arrows[key], 0), len(self.keys) - 1))
        elif key in frames:
            self.stepped.emit(frames[key])
        elif key in lengths and self.row >= 0:
            self.set_seconds(self.row, self.keys[self.row].seconds + lengths[key])
        elif key == Qt.Key.Key_F2 and self.row >= 0:
            self._type()
        else:
            event.ignore()

    def _select(self, row: int) -> None:
        self.row = row
        self.update()

    def _move_to(self, row: int) -> None:
        if 0 <= self.row < len(self.keys) and 0 <= row < len(self.keys) and row != self.row:
            self.keys.insert(row, self.keys.pop(self.row))
            self._select(row)
            self._rearranged()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the duration of a segment."""
        if event.position().y() >= RULER and self.keys:
            self._held = ""
            self._select(self._row_at(event.position().x()))
            self._type()

    def _type(self) -> None:
        if self.row < self.legs():
            self.box.show_number(self.keys[self.row].seconds)
            self.box.setGeometry(round(self.starts()[self.row]), RULER + EDGE - 6, self.box.width(), WORDS + 6)
            self.box.show()
            self.box.setFocus()
            self.box.selectAll()

    def _typed(self) -> None:
        if self.box.isVisible():
            self.box.hide()
            self.setFocus()
            self.set_seconds(self.row, self.box.value())

    def _timed(self) -> None:
        self.refit()
        self.timed.emit()

    def _rearranged(self) -> None:
        self.refit()
        self.rearranged.emit()

    # -- painting ------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint segments, pictures, times and the playhead."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if not self.keys:
            painter.setPen(token("dim"))
            words = tr("Add points, or drop seeds from the map here")
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(0, RULER, 0, -WORDS), wrapped, words)
            return
        starts = self.starts()
        times = self.measured if len(self.measured) == self.legs() else self.seconds()
        for row, key in enumerate(self.keys):
            if row < self.legs():
                bar = QRectF(starts[row], RULER, starts[row + 1] - starts[row] - 4, EDGE)
                painter.setPen(QPen(token("edge"), 1))
                painter.setBrush(token("field"))
                painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
                painter.setPen(token("dim"))
                below = QRectF(bar.left(), RULER + EDGE, bar.width(), WORDS)
                painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, tr("{seconds} s", seconds=f"{times[row]:.2g}"))
            self._paint_key(painter, self.tile(row), key, row == self.row)
        if self.loop and len(self.keys) > 1:
            painter.setOpacity(0.4)
            self._paint_key(painter, QRectF(starts[-1], RULER, EDGE, EDGE), self.keys[0], False)
            painter.setOpacity(1.0)
        if len(self.keys) > 1:
            self._paint_playhead(painter, self.x_of(self.time))

    def _paint_key(self, painter: QPainter, tile: QRectF, key: Key, chosen: bool) -> None:
        if key.picture is not None:
            painter.drawPixmap(inside(tile, key.picture), key.picture, QRectF(key.picture.rect()))
        else:
            painter.setPen(token("dim"))
            painter.setBrush(token("card"))
            painter.drawRect(tile)
            draw_within(painter, tile, name_of(key.point))
        if chosen:
            painter.setPen(QPen(token("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(tile.adjusted(1, 1, -1, -1))

    def _paint_playhead(self, painter: QPainter, x: float) -> None:
        x = min(max(x, 4.0), self.width() - 4.0)
        painter.setPen(QPen(token("text"), 1.5))
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, RULER + EDGE))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token("text"))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 2), QPointF(x + 5, 2), QPointF(x, RULER - 3)]))


def _bounded(seconds: float) -> float:
    return round(min(max(seconds, SHORTEST), LONGEST), 3)

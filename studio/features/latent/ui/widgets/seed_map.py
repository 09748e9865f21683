"""The map: an endless plane of seeds to pan and zoom, with a marker at the current point."""

import math
from collections import OrderedDict
from collections.abc import Iterator

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.space import place_of, seed_at
from studio.ui.fitting import draw_within
from studio.ui.icons import icon
from studio.ui.pixels import inside, to_pixmap
from studio.ui.theme import token
from studio.ui.thumbs import stamp

MIME = "application/x-triptych-seed"
GAP = 6
SMALLEST, LARGEST = 48, 320
KEPT = 128 * 2**20
"""Bytes of cached pictures: a few screens. Those in view are always kept."""


class SeedMap(QWidget):
    """Drag to wander, click to go to a seed, scroll to zoom. Shift, Space or the middle button pans.

    A drag that leaves the map carries the seed on which it began.
    """

    moved = Signal(float, float)
    """The person went to this position."""
    wandered = Signal(float, float)
    """The person is wandering over this position."""
    settled = Signal()
    """The wandering ended."""
    left = Signal()
    """The drag left the map with a seed, so it wasn't wandering."""
    wanted = Signal()
    """Cells without a picture came into view."""
    menu = Signal(object, QPoint)
    """Context menu requested: a seed (an object: 32 bits don't fit into Qt's int) and the mouse position."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(240, 160))
        self.setAccessibleName(tr("Map of seeds"))
        self.setToolTip("")
        self.setAccessibleDescription(
            tr("Drag to wander; drag with Shift, Space or the middle button to move the map. Arrow keys go to the "
               "next seed, + and - zoom")
        )  # fmt: skip
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_asked)
        self._pictures: OrderedDict[int, QPixmap] = OrderedDict()
        self._full = 0
        """Pixels along an edge of what the model makes."""
        self._cell = 128.0
        self._origin = QPointF(0.0, 0.0)
        """The place of the plane that is at the widget's left top, in cells."""
        self._marker = (0.0, 0.0)
        self._marked = True
        self._stars: set[int] = set()
        self._pressed: tuple[QPointF, QPointF] | None = None
        """Where the mouse was pressed, and the origin then."""
        self._pans, self._space, self._moved = False, False, False

    # -- what is shown -------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Drop every picture: the model or settings changed."""
        self._pictures.clear()
        self.update()
        self.wanted.emit()

    def set_picture(self, seed: int, asset: Asset) -> None:
        """Show the picture of a seed."""
        self._full = max(asset.width, asset.height)
        self._pictures.pop(seed, None)
        self._pictures[seed] = to_pixmap(asset, self._sharp())
        most = max(KEPT // (4 * self._sharp() ** 2), sum(1 for _ in self._in_view()))
        while len(self._pictures) > most:
            self._pictures.popitem(last=False)
        self.update()

    def _sharp(self) -> int:
        """Edge of cached pictures in pixels: as much as the largest cells can show, or half of that."""
        cell = LARGEST if self._cell > LARGEST / 2 else LARGEST / 2
        return min(math.ceil(cell * self.devicePixelRatio()), self._full)

    def picture(self, seed: int) -> QPixmap | None:
        """The picture of a seed, if it is cached."""
        return self._pictures.get(seed)

    def missing(self, most: int) -> list[int]:
        """Visible seeds without a picture, or with one that is too small; the middle ones first."""
        middle = QPointF(self.width() / 2, self.height() / 2)

        def distance(cell: tuple[int, int]) -> float:
            return (self._rect(*cell).center() - middle).manhattanLength()

        if not self.isVisible():
            return []
        cells = sorted(self._in_view(), key=distance)
        return [seed for seed in (seed_at(*cell) for cell in cells) if not self._is_sharp(seed)][:most]

    def _is_sharp(self, seed: int) -> bool:
        picture = self._pictures.get(seed)
        return picture is not None and max(picture.width(), picture.height()) >= self._sharp()

    def go_to(self, x: float, y: float) -> None:
        """Move the marker there, and pan if that is out of view; does nothing if it is already there."""
        if self._marker == (x, y):
            return
        self._marker = (x, y)
        spot = self._rect_at(x, y)
        if not QRectF(self.rect()).intersects(spot):
            self._origin = QPointF(x + 0.5 - self.width() / self._cell / 2, y + 0.5 - self.height() / self._cell / 2)
            self.wanted.emit()
        self.update()

    def mark(self, on: bool) -> None:
        """Show or hide the marker: a point may be outside the plane."""
        if self._marked != on:
            self._marked = on
            self.update()

    def set_stars(self, seeds: set[int]) -> None:
        """Show a star on these seeds."""
        self._stars = seeds
        self.update()

    def nearest(self) -> int:
        """The seed nearest to the marker."""
        return seed_at(round(self._marker[0]), round(self._marker[1]))

    def rect_of_seed(self, seed: int) -> QRectF:
        """The rectangle of a seed's cell."""
        return self._rect_at(*place_of(seed))

    def _in_view(self) -> Iterator[tuple[int, int]]:
        left, top = math.floor(self._origin.x()), math.floor(self._origin.y())
        right = math.ceil(self._origin.x() + self.width() / self._cell)
        bottom = math.ceil(self._origin.y() + self.height() / self._cell)
        for row in range(top, bottom):
            for column in range(left, right):
                yield column, row

    def _rect(self, column: int, row: int) -> QRectF:
        return self._rect_at(float(column), float(row))

    def _rect_at(self, x: float, y: float) -> QRectF:
        corner = (QPointF(x, y) - self._origin) * self._cell
        return QRectF(corner.x() + GAP / 2, corner.y() + GAP / 2, self._cell - GAP, self._cell - GAP)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells in view, and the marker."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), token("ground"))
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for column, row in self._in_view():
            seed, rect = seed_at(column, row), self._rect(column, row)
            shape = QPainterPath()
            shape.addRoundedRect(rect, 8, 8)
            picture = self._pictures.get(seed)
            painter.setClipPath(shape)
            if picture is None:
                painter.fillPath(shape, token("card"))
                painter.setPen(token("dim"))
                draw_within(painter, rect, str(seed))
            else:
                painter.drawPixmap(inside(rect, picture), picture, QRectF(picture.rect()))
            painter.setClipping(False)
            if seed in self._stars:
                stamp(painter, icon("starred", "warn"), rect.topRight().toPoint() + QPoint(-25, 5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._marked:
            painter.setPen(QPen(token("accent"), 3))
            painter.drawRoundedRect(self._rect_at(*self._marker), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(token("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # -- mouse and keys ------------------------------------------------------------------------------------------

    def _cell_at(self, spot: QPointF) -> tuple[int, int]:
        place = self._origin + spot / self._cell
        return math.floor(place.x()), math.floor(place.y())

    def _place_at(self, spot: QPointF) -> QPointF:
        """The plane position at ``spot``."""
        return self._origin + spot / self._cell - QPointF(0.5, 0.5)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a click, wandering, or panning."""
        self.setFocus()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._moved = (event.position(), QPointF(self._origin)), False
            self._pans = event.button() == Qt.MouseButton.MiddleButton or shift or self._space
            self._show_hand()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Wander or pan; beyond the edge, drag the seed instead, to drop it on a slot or the walk."""
        if self._pressed is None:
            return
        start, origin = self._pressed
        way = event.position() - start
        self._moved = self._moved or way.manhattanLength() > 5
        if not self._moved:
            return
        if self._pans:
            self._origin = origin - way / self._cell
            self.update()
            self.wanted.emit()
        elif self.rect().contains(event.position().toPoint()):
            place = self._place_at(event.position())
            self.wandered.emit(place.x(), place.y())
        else:
            self._pressed = None
            self.left.emit()
            self._drag(seed_at(*self._cell_at(start)))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press without a move is a click: go to that seed."""
        if self._pressed is not None and not self._pans:
            if self._moved:
                self.settled.emit()
            else:
                self._go(*self._cell_at(event.position()))
        self._pressed, self._pans = None, False
        self._show_hand()

    def _show_hand(self) -> None:
        if self._pans:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.CrossCursor)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The release of Space would go elsewhere."""
        super().focusOutEvent(event)
        self._space = False
        self._show_hand()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        self._zoom(1.0015 ** event.angleDelta().y(), event.position())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the next seed; + and - zoom; Space lets a drag pan."""
        steps: dict[int, tuple[int, int]] = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if event.key() in steps:
            across, down = steps[event.key()]
            self._go(round(self._marker[0]) + across, round(self._marker[1]) + down)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(0.8 if event.key() == Qt.Key.Key_Minus else 1.25, QPointF(self.rect().center()))
        elif event.key() == Qt.Key.Key_Space:
            self._space = True
            self._show_hand()
        else:
            event.ignore()

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space pans as long as it is held."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_hand()
        else:
            super().keyReleaseEvent(event)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """Request what wasn't requested while hidden."""
        super().showEvent(event)
        self.wanted.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """More cells may be in view."""
        self.wanted.emit()

    def _go(self, column: int, row: int) -> None:
        self.go_to(float(column), float(row))
        self.moved.emit(float(column), float(row))

    def _zoom(self, factor: float, at: QPointF) -> None:
        old = self._cell
        self._cell = min(max(old * factor, SMALLEST), LARGEST)
        self._origin += at / old - at / self._cell
        self.update()
        self.wanted.emit()

    def _menu_asked(self, at: QPoint) -> None:
        self.menu.emit(seed_at(*self._cell_at(QPointF(at))), self.mapToGlobal(at))

    def _drag(self, seed: int) -> None:
        mime = QMimeData()
        mime.setData(MIME, QByteArray(str(seed).encode()))
        mime.setText(str(seed))
        drag = QDrag(self)
        drag.setMimeData(mime)
        picture = self._pictures.get(seed)
        if picture is not None:
            drag.setPixmap(picture.scaled(72, 72, Qt.AspectRatioMode.KeepAspectRatio))
        drag.exec(Qt.DropAction.CopyAction)

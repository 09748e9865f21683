"""The picture to drag: handles, targets, and a mask of what may change."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.tasks.search import MOST_DRAGS, HandleDrag
from studio.ui.pixels import inside, to_pixmap
from studio.ui.theme import token

CELLS = 128
"""The mask's width and height."""
NEAR = 11
"""Distance in pixels within which a press grabs a handle or target."""
DOT, RING = 6, 8
STEP = 1 / 64
FIXED, FREE = 0xFF000000, 0xFFFFFFFF
SHADE, PALE = 0x99000000, 0x33000000
"""Opacity of the fixed area's overlay, and of that during a drag, when the picture matters more."""


class DragView(QWidget):
    """Press, drag and release to set a handle and its target. With another ``tool`` than "drag" the mouse paints the
    mask.

    ``changed``: the person changed the handles, targets or mask.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool, self.brush = "drag", 0.15
        self._picture = QPixmap()
        self._drags: list[HandleDrag] = []
        self._selected = -1
        self._moving: tuple[int, str] | None = None
        self._locked = False
        self._pencil = QPointF(0.5, 0.5)
        self._mask = QImage(CELLS, CELLS, QImage.Format.Format_Mono)
        self._mask.setColorTable([FIXED, FREE])
        self._mask.fill(0)
        self.setMinimumSize(160, 160)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(tr("Picture to drag"))
        self.setToolTip(
            tr(
                "Drag something in the picture to where it should be. Arrow keys move the selected target, or its "
                "handle with Shift; Page Up and Page Down select, Insert adds, Delete removes."
            )
        )

    @override
    def sizeHint(self) -> QSize:
        """A large square."""
        return QSize(512, 512)

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_asset(self, asset: Asset) -> None:
        """Show another picture."""
        self._picture = to_pixmap(asset)
        self.update()

    def drags(self) -> tuple[HandleDrag, ...]:
        """Handles and targets, as fractions of the picture."""
        return tuple(self._drags)

    def set_drags(self, drags: Iterable[HandleDrag]) -> None:
        """Show these, without a signal."""
        self._drags = list(drags)[:MOST_DRAGS]
        self._selected = min(self._selected, len(self._drags) - 1) if self._selected >= 0 else len(self._drags) - 1
        self._moving = None
        self.update()

    def move_handles(self, places: Sequence[Sequence[float]]) -> None:
        """Move the handles; their targets stay."""
        if len(places) == len(self._drags):
            self.set_drags((x, y, *drag[2:]) for (x, y), drag in zip(places, self._drags, strict=True))

    def free(self) -> bytes:
        """One bit per cell of ``CELLS`` x ``CELLS``, 1 where the picture may change; empty: everywhere."""
        bits = bytes(self._mask.constBits())
        return bits if any(bits) else b""

    def set_free(self, bits: bytes) -> None:
        """Show this mask, without a signal; one of another size is ignored."""
        self._mask.fill(0)
        if len(bits) == CELLS * CELLS // 8:
            memoryview(self._mask.bits())[:] = bits
        self.update()

    def lock(self, on: bool) -> None:
        """Lock editing during a drag."""
        self._locked = on
        self._moving = None
        self.setCursor(Qt.CursorShape.ArrowCursor if on else Qt.CursorShape.CrossCursor)
        self.update()

    def spot(self, x: float, y: float) -> QPointF:
        """The widget position of a point of the picture."""
        frame = self._frame()
        return QPointF(frame.x() + x * frame.width(), frame.y() + y * frame.height())

    def _frame(self) -> QRectF:
        """The rectangle of the picture."""
        edge = min(self.width(), self.height()) - 2 * RING
        return inside(QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge), self._picture)

    def _place(self, at: QPointF) -> tuple[float, float]:
        frame = self._frame()
        x, y = (at.x() - frame.x()) / frame.width(), (at.y() - frame.y()) / frame.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, the fixed area's overlay, then handles and targets."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = self._frame()
        painter.drawPixmap(frame, self._picture, QRectF(self._picture.rect()))
        if self.free():
            shade = self._mask.copy()
            shade.setColorTable([PALE if self._locked else SHADE, 0])
            smooth = Qt.TransformationMode.SmoothTransformation
            wide = shade.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied).scaled(
                frame.size().toSize(), Qt.AspectRatioMode.IgnoreAspectRatio, smooth
            )
            painter.drawImage(frame, wide)
        if self.hasFocus():
            painter.setPen(QPen(token("focus"), 1))
            painter.drawRect(frame.adjusted(-2, -2, 2, 2))
        for number, drag in enumerate(self._drags):
            self._paint_drag(painter, drag, number == self._selected)
        if self.tool != "drag" and not self._locked:
            size = self.brush * frame.width() / 2
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for width, colour in ((3, token("ground")), (1, token("text"))):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(self.spot(self._pencil.x(), self._pencil.y()), size, size)

    def _paint_drag(self, painter: QPainter, drag: HandleDrag, selected: bool) -> None:
        handle, target = self.spot(*drag[:2]), self.spot(*drag[2:])
        # A dark line under each light one, so that it is visible on any picture.
        for width, line, fill in ((5.0, token("ground"), token("ground")), (2.0, token("text"), token("accent"))):
            painter.setPen(QPen(line, width + selected))
            painter.drawLine(handle, target)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(target, RING, RING)
            painter.setBrush(fill)
            painter.drawEllipse(handle, DOT, DOT)

    # -- mouse and keys ------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab a target or handle, add a new pair, or start painting."""
        self.setFocus()
        if self._locked or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        if self.tool != "drag":
            self._paint_mask(at, at)
            return
        self._moving = self._at(at)
        if self._moving is None and len(self._drags) < MOST_DRAGS:
            place = self._place(at)
            self._drags.append((*place, *place))
            self._moving = (len(self._drags) - 1, "new")
        if self._moving is not None:
            self._selected = self._moving[0]
        self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what was grabbed, or continue painting."""
        at = event.position()
        if self.tool != "drag" and event.buttons() & Qt.MouseButton.LeftButton and not self._locked:
            self._paint_mask(self.spot(self._pencil.x(), self._pencil.y()), at)
        elif self._moving is not None:
            number, part = self._moving
            x, y = self._place(at)
            drag = self._drags[number]
            self._drags[number] = (x, y, *drag[2:]) if part == "handle" else (*drag[:2], x, y)
            self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remove a new pair of zero length: it was just a click."""
        if self._moving is not None:
            number, part = self._moving
            drag = self._drags[number]
            way = self.spot(*drag[2:]) - self.spot(*drag[:2])
            if part == "new" and way.manhattanLength() < NEAR:
                self._remove(number)
            self._moving = None
            self.changed.emit()
            self.update()
        elif self.tool != "drag" and not self._locked:
            self.changed.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything the mouse can do, by keyboard."""
        ways: dict[int, tuple[float, float]] = {
            Qt.Key.Key_Left: (-STEP, 0),
            Qt.Key.Key_Right: (STEP, 0),
            Qt.Key.Key_Up: (0, -STEP),
            Qt.Key.Key_Down: (0, STEP),
        }
        key = event.key()
        if self._locked:
            event.ignore()
        elif key in ways:
            self._move(*ways[key], handle=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Insert:
            self.add()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._selected >= 0:
            self._remove(self._selected)
            self.changed.emit()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and self._drags:
            self._selected = (self._selected + (1 if key == Qt.Key.Key_PageDown else -1)) % len(self._drags)
            self.update()
        elif key == Qt.Key.Key_Space and self.tool != "drag":
            at = self.spot(self._pencil.x(), self._pencil.y())
            self._paint_mask(at, at)
            self.changed.emit()
        else:
            event.ignore()

    def add(self) -> None:
        """Add a new pair in the middle, for keyboard use."""
        if not self._locked and len(self._drags) < MOST_DRAGS:
            self._drags.append((0.5, 0.5, 0.5 + 4 * STEP, 0.5))
            self._selected = len(self._drags) - 1
            self.changed.emit()
            self.update()

    def _move(self, x: float, y: float, handle: bool) -> None:
        if self.tool != "drag":
            self._pencil = QPointF(_inside(self._pencil.x() + x), _inside(self._pencil.y() + y))
        elif self._selected >= 0:
            a, b, c, d = self._drags[self._selected]
            moved = (_inside(a + x), _inside(b + y), c, d) if handle else (a, b, _inside(c + x), _inside(d + y))
            self._drags[self._selected] = moved
            self.changed.emit()
        self.update()

    def _remove(self, number: int) -> None:
        del self._drags[number]
        self._selected = min(self._selected, len(self._drags) - 1)
        self.update()

    def _at(self, at: QPointF) -> tuple[int, str] | None:
        """The newest target, or else handle, at that position."""
        for part, start in (("target", 2), ("handle", 0)):
            for number in reversed(range(len(self._drags))):
                x, y = self._drags[number][start : start + 2]
                if (self.spot(x, y) - at).manhattanLength() <= NEAR:
                    return number, part
        return None

    def _paint_mask(self, start: QPointF, end: QPointF) -> None:
        """A brush stroke: "free" marks where the picture may change, "fixed" erases that."""
        self._pencil = QPointF(*self._place(end))
        painter = QPainter(self._mask)
        colour = Qt.GlobalColor.white if self.tool == "free" else Qt.GlobalColor.black
        width = self.brush * CELLS
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        first = QPointF(*self._place(start)) * CELLS
        painter.drawLine(first, self._pencil * CELLS + QPointF(0.01, 0))
        painter.end()
        self.update()


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0)

"""The current picture, large; wander on it with mouse and keys, rotate and shift it if the model can."""

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.ui.pixels import to_qimage
from studio.ui.plain import plain

SMALLEST, LARGEST = 176, 360
"""Bounds of its edge in pixels."""
AROUND = 34
"""Pixels of the column around it: margins and a scroll bar."""
NOTCH = 3.0
"""Degrees per notch of the wheel."""


class Wander(QLabel):
    """The current picture; drag on it, or use the arrow keys, to wander through the plane of seeds.

    If it ``turns``, Ctrl+drag shifts the picture and Ctrl+wheel rotates it.
    """

    moved = Signal(float, float)
    shifted = Signal(float, float)
    """Shifted by this many widths to the right and heights down."""
    menu = Signal(QPoint)
    """Context menu requested, at a screen position."""
    turned = Signal(float)
    """Rotated by this many degrees, clockwise."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(SMALLEST, SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(tr("Current picture"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu.emit(self.mapToGlobal(at)))
        self.turns = False
        self.set_turns(False)
        self._last: QPointF | None = None

    def set_turns(self, on: bool) -> None:
        """Allow rotation and shift, or not."""
        self.turns = on
        tip = tr("Drag to wander between seeds; Shift and the arrow keys take small steps")
        more = tr("Ctrl+drag shifts the picture, Ctrl+wheel rotates it")
        self.setToolTip(plain(f"{tip}\n{more}" if on else tip))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start wandering."""
        self.setFocus()
        if event.button() == Qt.MouseButton.LeftButton:
            self._last = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Wander: one picture width is one seed."""
        if self._last is not None:
            way = event.position() - self._last
            self._last = event.position()
            if self.turns and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                edge = self._edge()  # the picture follows the mouse
                self.shifted.emit(way.x() / edge, way.y() / edge)
            else:
                self.moved.emit(-way.x() / max(self.width(), 1), -way.y() / max(self.height(), 1))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End wandering."""
        self._last = None

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Rotate with Ctrl."""
        if self.turns and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.turned.emit(NOTCH * event.angleDelta().y() / 120)
            event.accept()
        else:
            event.ignore()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Wander a tenth of the way to the next seed, with Shift a fiftieth."""
        step = 0.02 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.1
        ways: dict[int, tuple[float, float]] = {
            Qt.Key.Key_Left: (-step, 0),
            Qt.Key.Key_Right: (step, 0),
            Qt.Key.Key_Up: (0, -step),
            Qt.Key.Key_Down: (0, step),
        }
        if event.key() in ways:
            self.moved.emit(*ways[event.key()])
        else:
            event.ignore()

    def show_asset(self, asset: Asset) -> None:
        """Show a picture."""
        self._image = to_qimage(asset)
        self._fit()

    def forget(self) -> None:
        """Clear the picture."""
        self._image = None
        self.clear()

    @override
    def minimumSizeHint(self) -> QSize:
        """The picture shrinks with its column."""
        return self.minimumSize()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """As large as there is room for."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and self._image is not None:
            self._fit()

    _image: QImage | None = None

    def _edge(self) -> int:
        """As wide as the column without its scroll bar, whether that is shown or not.

        A picture that grows without the bar, and so brings it back, would resize for ever.
        """
        side = self.parentWidget()
        while side is not None and side.objectName() != "side":
            side = side.parentWidget()
        room = side.width() - AROUND if side is not None else self.width()
        return max(min(self.width(), room, LARGEST), 1)

    def _fit(self) -> None:
        assert self._image is not None
        edge, ratio = self._edge(), self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(self._image).scaled(
            round(edge * ratio), round(edge * ratio), Qt.AspectRatioMode.KeepAspectRatio, smooth
        )
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)

"""The current picture, large, and wandering on it by mouse and keys; some can be turned and shifted."""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.core.text import tr
from studio.core.values import Asset
from studio.ui.pixels import to_qimage

LARGEST = 360
"""Pixels of its edge."""
NOTCH = 3.0
"""Degrees for each notch of the wheel."""


class Wander(QLabel):
    """The current picture; dragging on it, or its arrow keys, wander through the plane of seeds.

    With ``turns`` and Ctrl a drag shifts the picture and the wheel turns it.
    """

    moved = Signal(float, float)
    shifted = Signal(float, float)
    """By so many widths to the right, and heights down."""
    menu = Signal(QPoint)
    """What can be done with it is asked for, at a place of the screen."""
    turned = Signal(float)
    """By so many degrees, clockwise."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(224, 224)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(tr("Current picture"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu.emit(self.mapToGlobal(at)))
        self.turns = False
        self.set_turns(False)
        self._last: QPointF | None = None

    def set_turns(self, on: bool) -> None:
        """Let the picture be turned and shifted, or not."""
        self.turns = on
        tip = tr("Drag to wander between the seeds; Shift and arrow keys take small steps")
        self.setToolTip(f"{tip}\n{tr('Ctrl and a drag shift the picture, Ctrl and the wheel turn it')}" if on else tip)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to wander."""
        self.setFocus()
        if event.button() == Qt.MouseButton.LeftButton:
            self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A picture's width is one seed."""
        if self._last is not None:
            way = event.position() - self._last
            self._last = event.position()
            if self.turns and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                edge = max(min(self.width(), LARGEST), 1)  # the picture follows the mouse
                self.shifted.emit(way.x() / edge, way.y() / edge)
            else:
                self.moved.emit(-way.x() / max(self.width(), 1), -way.y() / max(self.height(), 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        self._last = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl a notch turns by some degrees."""
        if self.turns and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.turned.emit(NOTCH * event.angleDelta().y() / 120)
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A tenth of the way to the next seed, with Shift a fiftieth."""
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
        edge, ratio = min(self.width(), LARGEST), self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(to_qimage(asset)).scaled(
            round(edge * ratio), round(edge * ratio), Qt.AspectRatioMode.KeepAspectRatio, smooth
        )
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)

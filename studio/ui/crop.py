"""A small picture that highlights the part that is used, which can be moved."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.crop import MIDDLE, Place, crop_box, share_cut
from studio.core.override import override
from studio.core.text import tr
from studio.ui.picture import Picture
from studio.ui.plain import plain
from studio.ui.theme import token

TALLEST, LOWEST = 150, 36
STEP, SMALL_STEP = 0.05, 0.01
NOTHING = 0.004
"""Smaller fractions come from rounding sizes: one row of pixels in 250."""


class Crop(QWidget):
    """Dims what is cropped. ``moved`` is emitted when the person moves the used part, never by a setter."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._size, self._shape = QSizeF(1, 1), (1.0, 1.0)
        self._place = MIDDLE
        self._held: QPointF | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("The part of the start picture that is used"))
        self._describe()

    def set_picture(self, image: QImage, size: tuple[int, int]) -> None:
        """Show ``image``, a small version of a picture of ``size``."""
        self._picture, self._size = Picture(QPixmap.fromImage(image)), QSizeF(*size)
        self._describe()

    def set_shape(self, width: int, height: int) -> None:
        """Set the aspect ratio of the used part."""
        self._shape = (float(width), float(height))
        self._describe()

    def place(self) -> Place:
        """The position of the used part; see ``studio.core.crop``."""
        return self._place

    def set_place(self, place: Place) -> None:
        """Move the used part there."""
        self._place = (min(max(place[0], 0.0), 1.0), min(max(place[1], 0.0), 1.0))
        self.update()

    def cut(self) -> float:
        """The fraction of the picture that is not used; 0 if it is too small to be seen."""
        share = share_cut((self._size.width(), self._size.height()), self._shape)
        return share if share > NOTHING else 0.0

    def used(self) -> QRectF:
        """The used part, in the widget's coordinates."""
        whole = self._whole()
        left, top, right, bottom = crop_box((whole.width(), whole.height()), self._shape, self._place)
        return QRectF(left, top, right - left, bottom - top).translated(whole.topLeft())

    def _describe(self) -> None:
        movable = self._picture is not None and self.cut() > 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if movable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.SizeAllCursor if movable else Qt.CursorShape.ArrowCursor)
        words = tr("The whole picture is used")
        if movable:
            words = tr("The bright part is used. Drag it, or move it with the arrow keys; Home centres it.")
        self.setToolTip(plain(words))
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    # -- moving --------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the used part; a press outside moves it there first."""
        if event.button() != Qt.MouseButton.LeftButton or not self.cut():
            super().mousePressEvent(event)
            return
        self._held = event.position()
        used = self.used()
        if not used.contains(self._held):
            self._move(self._held - used.center())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the used part with the mouse."""
        if self._held is not None:
            self._move(event.position() - self._held)
            self._held = event.position()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        super().mouseReleaseEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the used part, with Shift in small steps; Home centres it."""
        way = _ARROWS.get(Qt.Key(event.key()))
        if not self.cut() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif way is not None:
            step = SMALL_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._put((self._place[0] + way[0] * step, self._place[1] + way[1] * step))
        elif event.key() == Qt.Key.Key_Home:
            self._put(MIDDLE)
        else:
            super().keyPressEvent(event)

    def _move(self, by: QPointF) -> None:
        whole, used = self._whole(), self.used()
        room = whole.size() - used.size()
        x = self._place[0] + (by.x() / room.width() if room.width() > 0.5 else 0)
        y = self._place[1] + (by.y() / room.height() if room.height() > 0.5 else 0)
        self._put((x, y))

    def _put(self, place: Place) -> None:
        before = self._place
        self.set_place((round(place[0], 4), round(place[1], 4)))
        if self._place != before:
            self.moved.emit()

    # -- size and painting ---------------------------------------------------------------------------------------------

    @override
    def heightForWidth(self, width: int) -> int:
        """By the picture's aspect ratio, within bounds."""
        return int(min(max(width * self._size.height() / self._size.width(), LOWEST), TALLEST))

    @override
    def sizeHint(self) -> QSize:
        """As wide as the column."""
        return QSize(240, self.heightForWidth(240))

    @override
    def minimumSizeHint(self) -> QSize:
        """Small enough for a narrow column."""
        return QSize(80, LOWEST)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, dim what is cropped, and frame the rest."""
        if self._picture is None:
            return
        painter = QPainter(self)
        whole, used = self._whole(), self.used()
        self._picture.paint(painter, whole, whole.intersected(QRectF(self.rect())), False)
        if not self.cut():
            return
        painter.setClipRect(whole)
        dim = QColor(0, 0, 0, 150)
        for part in (
            QRectF(whole.topLeft(), QPointF(used.left(), whole.bottom())),
            QRectF(QPointF(used.right(), whole.top()), whole.bottomRight()),
            QRectF(QPointF(used.left(), whole.top()), used.topRight()),
            QRectF(used.bottomLeft(), QPointF(used.right(), whole.bottom())),
        ):
            painter.fillRect(part, dim)
        painter.setPen(QPen(token("accent") if self.hasFocus() else QColor("white"), 2))
        painter.drawRect(used.adjusted(1, 1, -1, -1))

    def _whole(self) -> QRectF:
        """The rectangle of the whole picture."""
        size = self._size.scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF(QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2), size)


_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

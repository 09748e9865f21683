"""The stage: one picture, or two compared, with zoom, pan, drop and drag-out."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.ui.drops import DropTarget, paths_in
from studio.ui.empty import EmptyState
from studio.ui.files import file_mime
from studio.ui.picture import Picture, round_corners
from studio.ui.pixels import to_pixmap
from studio.ui.theme import token

MARGIN, CORNER, HANDLE = 16, 10, 14
SMALLEST, LARGEST, STEP = 0.02, 64.0, 1.25
CRISP = 2.0
"""From this manual zoom on, single pixels are shown as squares."""


class Stage(QWidget):
    """Zoom 1.0 means one picture pixel per screen pixel."""

    dropped = Signal(list)
    """Paths of files that were dropped here."""
    zoomed = Signal(float)
    """The effective zoom changed; 0 when nothing is shown."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName("stage")
        self._name = name or tr("Picture")
        self.setAccessibleName(self._name)
        self.setMouseTracking(True)
        self.setAccessibleDescription(tr("+ and - zoom, 0 fits the window, 1 shows actual size; arrow keys pan"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._picture: Picture | None = None
        self._other: Picture | None = None
        self._names = ("", "")
        self._size = QSizeF()
        self._file, self._words = "", ""
        self._zoom: float | None = None
        self._centre = QPointF(0.5, 0.5)
        self._divider = 0.5
        self._held: QPoint | None = None
        self._moves: Callable[[QPoint], None] | None = None
        self._empty: EmptyState | None = None

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_asset(self, asset: Asset, size: tuple[int, int] | None = None) -> None:
        """Show a ``pixels`` asset; for a preview, ``size`` is that of the final picture."""
        self._show(Picture(to_pixmap(asset)), size)

    def show_image(self, image: QImage, size: tuple[int, int] | None = None) -> None:
        """Show ``image`` instead; zoom and position are kept if the size is the same."""
        self._show(Picture(QPixmap.fromImage(image)), size)

    def compare(self, first: QImage, second: QImage, names: tuple[str, str] = ("", "")) -> None:
        """Show ``second`` right of the divider, over ``first``."""
        self._other, self._names, self._divider = Picture(QPixmap.fromImage(second)), names, 0.5
        self._put(Picture(QPixmap.fromImage(first)), QSizeF(first.size()))

    def comparing(self) -> bool:
        """True while two pictures are shown."""
        return self._other is not None

    def clear(self, words: str = "") -> None:
        """Show only ``words``; without any, the empty state of ``set_empty``."""
        self._words = words
        self._picture = self._other = None
        self._file = ""
        self._zoom = None
        self._show_empty()
        self._zoom_changed()

    def has_picture(self) -> bool:
        """True while a picture is shown."""
        return self._picture is not None

    def set_file(self, path: str) -> None:
        """Set the file that can be dragged out of the stage; "" for none."""
        self._file = path

    def set_empty(
        self, icon: str, title: str, sentence: str, button: str = "", do: Callable[[], object] | None = None
    ) -> None:
        """Set the empty state."""
        if self._empty is not None:
            self._empty.setParent(None)
            self._empty.deleteLater()
        self._empty = EmptyState(icon, title, sentence, button, do)
        self._empty.setParent(self)
        self._show_empty()

    def _show(self, picture: Picture, size: tuple[int, int] | None) -> None:
        self._other = None
        self._put(picture, QSizeF(*size) if size else QSizeF(picture.size()))

    def _put(self, picture: Picture, size: QSizeF) -> None:
        if size != self._size:
            self._size, self._zoom, self._centre = size, None, QPointF(0.5, 0.5)
        self._picture = picture
        self._show_empty()
        self._zoom_changed()

    def _show_empty(self) -> None:
        if self._empty is not None:
            self._empty.setGeometry(self.rect())
            self._empty.setVisible(self._picture is None and not self._words)

    # -- zoom and place --------------------------------------------------------------------------------------------

    def zoom(self) -> float:
        """The effective zoom, also while fitting."""
        return self._zoom if self._zoom is not None else self._fitting()

    def fits(self) -> bool:
        """True while the picture is scaled to the stage."""
        return self._zoom is None

    def fit(self) -> None:
        """Scale the picture to the stage."""
        self._zoom, self._centre = None, QPointF(0.5, 0.5)
        self._zoom_changed()

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom manually around the point ``at`` (in the widget; default its centre)."""
        if self._picture is None:
            return
        at = at if at is not None else QRectF(self.rect()).center()
        before = self._picture_rect()
        spot = QPointF((at.x() - before.x()) / before.width(), (at.y() - before.y()) / before.height())
        self._zoom = min(max(zoom, SMALLEST), LARGEST)
        after = self._picture_rect()
        moved = at - QPointF(after.x() + spot.x() * after.width(), after.y() + spot.y() * after.height())
        self._move_by(moved)
        self._zoom_changed()

    def _zoom_changed(self) -> None:
        self.zoomed.emit(self.zoom() if self._picture is not None else 0.0)
        self.update()

    def _fitting(self) -> float:
        if self._size.isEmpty():
            return 1.0
        room_x = max(self.width() - 2 * MARGIN, 1) / self._size.width()
        room_y = max(self.height() - 2 * MARGIN, 1) / self._size.height()
        return min(room_x, room_y) * self.devicePixelRatioF()

    def _picture_rect(self) -> QRectF:
        """The rectangle of the whole picture, in the widget's coordinates."""
        size = self._size * (self.zoom() / self.devicePixelRatioF())
        middle = QRectF(self.rect()).center()
        return QRectF(middle - QPointF(self._centre.x() * size.width(), self._centre.y() * size.height()), size)

    def _move_by(self, by: QPointF) -> None:
        rect = self._picture_rect()
        x = self._centre.x() - by.x() / rect.width() if rect.width() > self.width() else 0.5
        y = self._centre.y() - by.y() / rect.height() if rect.height() > self.height() else 0.5
        half_x = min(0.5, self.width() / 2 / rect.width())
        half_y = min(0.5, self.height() / 2 / rect.height())
        self._centre = QPointF(min(max(x, half_x), 1 - half_x), min(max(y, half_y), 1 - half_y))
        self.update()

    # -- mouse and keyboard ----------------------------------------------------------------------------------------

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        steps = event.angleDelta().y() / 120
        if self._picture is None or not steps:
            event.ignore()
            return
        self.set_zoom(self.zoom() * STEP**steps, event.position())
        event.accept()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag the divider, the picture, or the file out of the window."""
        if self._picture is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mousePressEvent(event)
            return
        self._held = event.position().toPoint()
        roomy = self._zoom is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier
        if self._other is not None and abs(event.position().x() - self._divider_x()) <= HANDLE:
            self._moves = self._drag_divider
        elif roomy or event.button() == Qt.MouseButton.MiddleButton:
            self._moves = self._drag_picture
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._moves = self._drag_out

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue the drag."""
        spot = event.position().toPoint()
        if self._moves is not None:
            self._moves(spot)
        elif self._other is not None and abs(spot.x() - self._divider_x()) <= HANDLE:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.unsetCursor()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = self._moves = None
        self.unsetCursor()
        super().mouseReleaseEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Toggle between fitting and actual size."""
        if self.fits():
            self.set_zoom(1.0, event.position())
        else:
            self.fit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and - zoom, 0 fits, 1 shows actual size; arrow keys move the divider or pan."""
        bare = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self._picture is not None and bare and event.key() in _ARROWS:
            self._arrow(*_ARROWS[Qt.Key(event.key())])
        elif not self.zoom_by_key(event):
            super().keyPressEvent(event)

    def zoom_by_key(self, event: QKeyEvent) -> bool:
        """Handle a zoom key; False for any other key. Also for rooms that forward their keys."""
        key = event.key()
        if self._picture is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_zoom(self.zoom() * STEP)
        elif key == Qt.Key.Key_Minus:
            self.set_zoom(self.zoom() / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.set_zoom(1.0)
        else:
            return False
        return True

    def _arrow(self, across: int, down: int) -> None:
        if self._other is not None and across:
            self._set_divider(self._divider + across * 0.02)
        else:
            self._move_by(QPointF(-across * 40, -down * 40))

    def _drag_divider(self, spot: QPoint) -> None:
        rect = self._picture_rect()
        self._set_divider((spot.x() - rect.x()) / rect.width())

    def _set_divider(self, place: float) -> None:
        self._divider = min(max(place, 0.0), 1.0)
        self.update()

    def _divider_x(self) -> float:
        rect = self._picture_rect()
        return rect.x() + self._divider * rect.width()

    def _drag_picture(self, spot: QPoint) -> None:
        assert self._held is not None
        self._move_by(QPointF(spot - self._held))
        self._held = spot

    def _drag_out(self, spot: QPoint) -> None:
        assert self._held is not None
        if not self._file or (spot - self._held).manhattanLength() < QApplication.startDragDistance():
            return
        self._held = self._moves = None
        drag = QDrag(self)
        drag.setMimeData(file_mime([self._file]))
        if self._picture is not None:
            drag.setPixmap(self._picture.small(96))
        drag.exec(Qt.DropAction.CopyAction)

    def take_drops(self, sentence: Callable[[], str]) -> None:
        """Accept dropped files, as ``dropped``; ``sentence`` says what dropping does."""
        DropTarget(
            self, lambda mime: sentence() if paths_in(mime) else "", lambda mime: self.dropped.emit(paths_in(mime))
        )

    # -- painting --------------------------------------------------------------------------------------------------

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the centre there."""
        super().resizeEvent(event)
        self._show_empty()
        if self._zoom is not None:
            self._move_by(QPointF())
        else:
            self._zoom_changed()

    @override
    def sizeHint(self) -> QSize:
        """As much as is available."""
        return QSize(640, 520)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint background, picture and divider."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), token("ground"))
        if self._picture is not None:
            rect = self._picture_rect()
            self._paint_picture(painter, self._picture, rect, rect)
            if self._other is not None:
                right = QRectF(rect)
                right.setLeft(self._divider_x())
                self._paint_picture(painter, self._other, rect, right)
            if self._zoom is None:
                round_corners(painter, rect, CORNER)
            if self._other is not None:
                self._paint_divider(painter, rect)
        elif self._words:
            painter.setPen(token("dim"))
            middle = self.rect().adjusted(40, 40, -40, -40)
            painter.drawText(middle, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere, self._words)

    def _paint_picture(self, painter: QPainter, picture: Picture, rect: QRectF, seen: QRectF) -> None:
        crisp = self._zoom is not None and self._zoom >= CRISP and picture.size() == self._size.toSize()
        picture.paint(painter, rect, seen.intersected(QRectF(self.rect())), crisp)

    def _paint_divider(self, painter: QPainter, rect: QRectF) -> None:
        x = self._divider_x()
        shown = rect.intersected(QRectF(self.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 120), 4))
        painter.drawLine(QPointF(x, shown.top()), QPointF(x, shown.bottom()))
        painter.setPen(QPen(QColor("white"), 2))
        painter.drawLine(QPointF(x, shown.top()), QPointF(x, shown.bottom()))
        painter.setBrush(token("accent"))
        painter.drawEllipse(QPointF(x, shown.center().y()), HANDLE, HANDLE)
        for way in (-1, 1):
            tip = QPointF(x + way * 8, shown.center().y())
            painter.drawPolyline([tip - QPointF(way * 4, 4), tip, tip - QPointF(way * 4, -4)])
        if any(self._names):
            self._paint_names(painter, shown)

    def _paint_names(self, painter: QPainter, shown: QRectF) -> None:
        metrics = self.fontMetrics()
        for text, right in zip(self._names, (False, True), strict=True):
            width = metrics.horizontalAdvance(text) + 20
            left = shown.right() - width - 10 if right else shown.left() + 10
            plate = QRectF(left, shown.top() + 10, width, metrics.height() + 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(plate, plate.height() / 2, plate.height() / 2)
            painter.setPen(QColor("white"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

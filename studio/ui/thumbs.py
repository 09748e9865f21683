"""The thumbnail view that film strip and grid share, and the delegate that paints a thumbnail."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.core.override import override
from studio.ui.icons import icon
from studio.ui.plain import plain
from studio.ui.theme import token
from studio.ui.thumb_model import THUMB, Index, Load, Provider, Thumb, Thumbs

__all__ = ["Load", "Provider", "Thumb", "ThumbView"]

GAP, CORNER = 8, 8
_ZOOM = ("0", "1", "+", "-", "=")


class ThumbDelegate(QStyledItemDelegate):
    """Paints a rounded thumbnail with its marks; texts show their first words."""

    def __init__(self, edge: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.edge = edge

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A square plus the gap around it."""
        return QSize(self.edge + GAP, self.edge + GAP)

    @override
    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """Qt's."""
        thumb, picture = index.data(THUMB), index.data(Qt.ItemDataRole.DecorationRole)
        corner = option.rect.topLeft() + QPoint(GAP // 2, GAP // 2)
        rect, state = QRect(corner, QSize(self.edge, self.edge)), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(rect, CORNER, CORNER)
        painter.setClipPath(shape)
        painter.fillRect(rect, token("card"))
        if picture is not None:
            painter.drawPixmap(rect.topLeft(), picture)
        else:
            _paint_words(painter, rect, thumb)
        painter.setClipping(False)
        if thumb.badge == "clip":
            stamp(painter, icon("clip"), rect.bottomLeft() + QPoint(5, -23))
        if thumb.starred:
            stamp(painter, icon("starred", "warn"), rect.topRight() + QPoint(-23, 5))
        _paint_frame(painter, QRectF(rect), state)
        painter.restore()


def _paint_words(painter: QPainter, rect: QRect, thumb: Thumb) -> None:
    if thumb.badge == "text":
        painter.setPen(token("dim"))
        font = painter.font()
        font.setPixelSize(max(font.pixelSize() - 2, 9))
        painter.setFont(font)
        inner = rect.adjusted(8, 6, -8, -6)
        line = painter.fontMetrics().lineSpacing()
        inner.setHeight(max(inner.height() // line, 1) * line)  # whole lines
        painter.drawText(inner, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, thumb.title[:160])
    else:
        side = min(28, rect.width() // 2)
        mark = QRect(QPoint(), QSize(side, side))
        mark.moveCenter(rect.center())
        icon("image", "off").paint(painter, mark)


def _paint_frame(painter: QPainter, rect: QRectF, state: QStyle.StateFlag) -> None:
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if selected or state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(token("accent" if selected else "focus"), 3 if selected else 1.5))
        painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), CORNER + 1, CORNER + 1)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(QPen(token("dim"), 1))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)


def stamp(painter: QPainter, mark: QIcon, at: QPoint) -> None:
    plate = token("rail")
    plate.setAlphaF(0.85)
    painter.setBrush(plate)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QRect(at, QSize(18, 18)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    mark.paint(painter, QRect(at + QPoint(3, 3), QSize(12, 12)))


class ThumbView(QListView):
    """The base of film strip and grid. ``chosen`` carries the selected keys, ``opened`` the one double-clicked."""

    chosen = Signal(object)
    opened = Signal(str)
    menu_asked = Signal(object, QPoint)
    delete_asked = Signal(object)
    star_asked = Signal(object)

    def __init__(self, provider: Provider, edge: int, name: str) -> None:
        super().__init__()
        self._thumbs = Thumbs(provider, edge, self._in_sight, self)
        self.setModel(self._thumbs)
        self.setItemDelegate(ThumbDelegate(edge, self))
        self.setUniformItemSizes(True)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(name)
        self.setToolTip(plain(name))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit(self.selected()))
        self.doubleClicked.connect(self._open)

    def set_thumbs(self, thumbs: Sequence[Thumb]) -> None:
        """Replace all; clears the selection, unless only marks changed."""
        places = self._places()
        if self._thumbs.set_thumbs(thumbs):
            self._lay_out_anew(places)

    def load_with(self, load: Load, paths_of: Callable[[Sequence[str]], list[str]]) -> None:
        """Load what ``set_keys`` shows with ``load`` when it becomes visible; ``paths_of`` gives the files to drag."""
        self._thumbs.load, self._thumbs.paths_of = load, paths_of

    def set_keys(self, keys: list[str]) -> None:
        """Show the items of these keys. The selection is kept, unless most have changed."""
        places = self._places()
        if self._thumbs.set_keys(keys):
            self._lay_out_anew(places)
        self.viewport().update()

    def _places(self) -> list[int]:
        return [bar.value() for bar in (self.horizontalScrollBar(), self.verticalScrollBar())]

    def _lay_out_anew(self, places: Sequence[int]) -> None:
        self.doItemsLayout()
        for bar, place in zip((self.horizontalScrollBar(), self.verticalScrollBar()), places, strict=True):
            bar.setValue(place)

    def add(self, thumb: Thumb) -> None:
        """Put a new one before the others."""
        self._thumbs.add(thumb)

    def change(self, thumb: Thumb) -> None:
        """Show other marks or another title for a key that is here."""
        self._thumbs.change(thumb)

    def drop(self, keys: Sequence[str]) -> None:
        """Take these away."""
        self._thumbs.drop(keys)

    def keys(self) -> list[str]:
        """The keys in the order shown."""
        return self._thumbs.keys()

    def selected(self) -> list[str]:
        """The selected keys in display order."""
        keys = self._thumbs.keys()
        selection = self.selectionModel().selection()
        spans = sorted((selection.at(at).top(), selection.at(at).bottom()) for at in range(selection.count()))
        return [key for first, last in spans for key in keys[first : last + 1]]

    def select(self, keys: Sequence[str]) -> None:
        """Select ``keys`` without a signal, and bring the first into view."""
        selection = self.selectionModel()
        selection.blockSignals(True)
        selection.clear()
        for key in keys:
            row = self._thumbs.row_of(key)
            if row >= 0:
                index = self._thumbs.index(row)
                selection.select(index, selection.SelectionFlag.Select)
                if key == keys[0]:
                    selection.setCurrentIndex(index, selection.SelectionFlag.NoUpdate)
                    self.scrollTo(index)
        selection.blockSignals(False)
        self.viewport().update()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Delete and S are emitted as signals."""
        key, chosen = event.key(), self.selected()
        if key == Qt.Key.Key_Delete and chosen:
            self.delete_asked.emit(chosen)
        elif key == Qt.Key.Key_S and not event.modifiers() and chosen:
            self.star_asked.emit(chosen)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and chosen:
            self.opened.emit(chosen[0])
        elif event.text() in _ZOOM:
            event.ignore()  # for the picture next to it
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def keyboardSearch(self, search: str) -> None:
        """Thumbnails have no words to jump to."""

    @override
    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """The whole viewport: Qt would compute the position of each of 100,000 rows."""
        return QRegion(self.viewport().rect())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Request pictures at the screen's resolution."""
        self._thumbs.ratio = self.devicePixelRatioF()
        super().paintEvent(event)

    def _in_sight(self, row: int) -> bool:
        rect = self.visualRect(self._thumbs.index(row))
        return self.isVisible() and self.viewport().rect().adjusted(-200, -200, 200, 200).intersects(rect)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(THUMB).key)

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            if index.data(THUMB).key not in self.selected():
                self.setCurrentIndex(index)
            self.menu_asked.emit(self.selected(), self.viewport().mapToGlobal(at))

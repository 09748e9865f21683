"""Thumbnails by the thousand: one model of items for film strip and grid; only what is seen is loaded."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.icons import icon
from studio.ui.theme import token

Index = QModelIndex | QPersistentModelIndex
Provider = Callable[[str, int, Callable[[QImage | None], None]], None]
"""Asked for the picture of a key within an edge of so many pixels, it calls back with that, or None."""
THUMB = Qt.ItemDataRole.UserRole
CACHED = 400
"""Thumbnails kept in memory: a few screens of them, whatever the library's size."""


@dataclass(frozen=True)
class Thumb:
    """One thing: its key, its file, what it is called, and its marks. ``badge``: "", "text" or "clip"."""

    key: str
    path: str
    title: str = ""
    starred: bool = False
    badge: str = ""


class Thumbs(QAbstractListModel):
    """Thumbs in the order shown; their pictures come later, from the provider, when they are first seen."""

    def __init__(self, provider: Provider, edge: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._provider, self._edge = provider, edge
        self._thumbs: list[Thumb] = []
        self._pictures: OrderedDict[str, QPixmap | None] = OrderedDict()

    def set_thumbs(self, thumbs: Sequence[Thumb]) -> None:
        """Show others; pictures that are here stay."""
        self.beginResetModel()
        self._thumbs = list(thumbs)
        self.endResetModel()

    def add(self, thumb: Thumb) -> None:
        """Put a new one before the others."""
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._thumbs.insert(0, thumb)
        self.endInsertRows()

    def keys(self) -> list[str]:
        """The keys in the order shown."""
        return [thumb.key for thumb in self._thumbs]

    def row_of(self, key: str) -> int:
        """The row of ``key``; -1 when it isn't here."""
        return next((row for row, thumb in enumerate(self._thumbs) if thumb.key == key), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self._thumbs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: the thumb, its picture, and words for the tooltip and for screen readers."""
        thumb = self._thumbs[index.row()]
        if role == THUMB:
            return thumb
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return thumb.title
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(thumb.key)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Things can be chosen and dragged out."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of the chosen things."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(self._thumbs[index.row()].path) for index in indexes])
        return mime

    def _picture(self, key: str) -> QPixmap | None:
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        self._pictures[key] = None
        while len(self._pictures) > CACHED:
            self._pictures.popitem(last=False)
        self._provider(key, self._edge, lambda image: self._came(key, image))
        return self._pictures[key]

    def _came(self, key: str, image: QImage | None) -> None:
        if key in self._pictures and image is not None:
            self._pictures[key] = QPixmap.fromImage(image)
            row = self.row_of(key)
            if row >= 0:
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])


class ThumbDelegate(QStyledItemDelegate):
    """Paints a rounded thumbnail with its marks; texts show their first words."""

    def __init__(self, edge: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.edge = edge

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A square and the gap around it."""
        return QSize(self.edge + 8, self.edge + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's."""
        thumb, picture = index.data(THUMB), index.data(Qt.ItemDataRole.DecorationRole)
        rect: QRect = option.rect.adjusted(4, 4, -4, -4)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(rect, 8, 8)
        painter.fillPath(shape, token("card"))
        painter.setClipPath(shape)
        if picture is not None and not picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(rect, picture, _square(picture))
        else:
            self._paint_words(painter, rect, thumb)
        if thumb.badge == "clip":
            _stamp(painter, icon("clip"), rect.bottomLeft() + QPoint(6, -24))
        if thumb.starred:
            _stamp(painter, icon("starred"), rect.topRight() + QPoint(-24, 6))
        painter.setClipping(False)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(token("accent"), 3))
            painter.drawPath(shape)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(token("dim"), 1))
            painter.drawPath(shape)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, thumb: Thumb) -> None:
        painter.setPen(token("dim"))
        inner = rect.adjusted(8, 6, -8, -6)
        if thumb.badge == "text" and inner.width() > 40:
            painter.drawText(inner, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, thumb.title[:160])
        else:
            icon("image").paint(painter, inner)


def _stamp(painter: QPainter, mark: QIcon, at: QPoint) -> None:
    painter.setBrush(token("card"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QRect(at, QSize(18, 18)))
    mark.paint(painter, QRect(at + QPoint(2, 2), QSize(14, 14)))


def _square(picture: QPixmap) -> QRect:
    """The middle square of a picture."""
    edge = min(picture.width(), picture.height())
    return QRect((picture.width() - edge) // 2, (picture.height() - edge) // 2, edge, edge)


class ThumbView(QListView):
    """What film strip and grid share. ``chosen`` carries the keys that are selected, ``opened`` one pressed twice."""

    chosen = Signal(list)
    opened = Signal(str)
    menu_asked = Signal(list, QPoint)
    delete_asked = Signal(list)
    star_asked = Signal(list)

    def __init__(self, provider: Provider, edge: int, name: str) -> None:
        super().__init__()
        self._thumbs = Thumbs(provider, 2 * edge, self)
        self.setModel(self._thumbs)
        self.setItemDelegate(ThumbDelegate(edge, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setUniformItemSizes(True)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit(self.selected()))
        self.activated.connect(lambda index: self.opened.emit(index.data(THUMB).key))

    def set_thumbs(self, thumbs: Sequence[Thumb]) -> None:
        """Show others; nothing is selected then."""
        self._thumbs.set_thumbs(thumbs)

    def add(self, thumb: Thumb) -> None:
        """Put a new one before the others."""
        self._thumbs.add(thumb)

    def keys(self) -> list[str]:
        """The keys in the order shown."""
        return self._thumbs.keys()

    def selected(self) -> list[str]:
        """The keys that are selected, in the order shown."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return [index.data(THUMB).key for index in rows]

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and S are asked of whoever listens."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit(self.selected())
        elif event.key() == Qt.Key.Key_S and not event.modifiers():
            self.star_asked.emit(self.selected())
        else:
            super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            if index.data(THUMB).key not in self.selected():
                self.setCurrentIndex(index)
            self.menu_asked.emit(self.selected(), self.viewport().mapToGlobal(at))

"""Thumbnails by the thousand: one model of items for film strip and grid; only what is seen is loaded."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
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
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.icons import icon
from studio.ui.theme import token

Index = QModelIndex | QPersistentModelIndex
Load = Callable[[Any, Callable[[str], None]], None]
"""Asked for an item's thumbnail, it calls back with the path of a picture file ("" when there is none)."""
ITEM = Qt.ItemDataRole.UserRole
CACHED = 400
"""Thumbnails kept in memory: a few screens of them, whatever the library's size."""


class Thumbs(QAbstractListModel):
    """Items with ``id``, ``path``, ``kind``, ``prompt`` and ``starred``; their pictures come later, from ``load``."""

    def __init__(self, load: Load, parent: QWidget) -> None:
        super().__init__(parent)
        self._load = load
        self._items: list[Any] = []
        self._pictures: OrderedDict[str, QPixmap | None] = OrderedDict()

    @property
    def items(self) -> list[Any]:
        """What is shown, in order."""
        return self._items

    def set_items(self, items: Sequence[Any]) -> None:
        """Show other items."""
        self.beginResetModel()
        self._items = list(items)
        self.endResetModel()

    def add_first(self, item: Any) -> None:
        """Put a new item before the others."""
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._items.insert(0, item)
        self.endInsertRows()

    def row_of(self, name: str) -> int:
        """The row of the item whose id is ``name``; -1 when it isn't here."""
        return next((row for row, item in enumerate(self._items) if item.id == name), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: the item, its picture, and words for the tooltip and for screen readers."""
        item = self._items[index.row()]
        if role == ITEM:
            return item
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.prompt[:300] or item.kind
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(item)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Items can be chosen and dragged out."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of the chosen items, and a seed or an id for the studio's own rooms."""
        mime = QMimeData()
        chosen = [self._items[index.row()] for index in indexes]
        mime.setUrls([QUrl.fromLocalFile(item.path) for item in chosen])
        mime.setData("application/x-triptych-item", QByteArray(chosen[0].id.encode()) if chosen else QByteArray())
        return mime

    def _picture(self, item: Any) -> QPixmap | None:
        name = item.id
        if name in self._pictures:
            self._pictures.move_to_end(name)
            return self._pictures[name]
        self._pictures[name] = None
        while len(self._pictures) > CACHED:
            self._pictures.popitem(last=False)
        self._load(item, lambda path: self._loaded(name, path))
        return None

    def _loaded(self, name: str, path: str) -> None:
        row = self.row_of(name)
        if name in self._pictures and path:
            self._pictures[name] = QPixmap(path)
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
        item, picture = index.data(ITEM), index.data(Qt.ItemDataRole.DecorationRole)
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
            self._paint_words(painter, rect, item)
        if item.kind == "clip":
            _stamp(painter, icon("clip"), rect.bottomLeft() + QPoint(6, -24))
        if item.starred:
            _stamp(painter, icon("starred"), rect.topRight() + QPoint(-24, 6))
        painter.setClipping(False)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(token("accent"), 3))
            painter.drawPath(shape)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(token("dim"), 1))
            painter.drawPath(shape)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, item: Any) -> None:
        painter.setPen(token("dim"))
        inner = rect.adjusted(8, 6, -8, -6)
        if item.kind == "text" and inner.width() > 40:
            words = str(item.notes.get("text", "") or item.prompt)[:160]
            painter.drawText(inner, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, words)
        else:
            icon("text" if item.kind == "text" else "image").paint(painter, inner)


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
    """A film strip (one row) or a grid of thumbnails. ``picked``: the current item; ``opened``: pressed twice."""

    picked = Signal(object)
    opened = Signal(object)
    menu = Signal(object, QPoint)

    def __init__(self, load: Load, edge: int, strip: bool, name: str) -> None:
        super().__init__()
        self.thumbs = Thumbs(load, self)
        self.setModel(self.thumbs)
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
        self.customContextMenuRequested.connect(self._menu_asked)
        if strip:
            self.setWrapping(False)
            self.setFlow(QListView.Flow.LeftToRight)
            self.setFixedHeight(edge + 22)
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        else:
            self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.selectionModel().currentChanged.connect(self._current)
        self.activated.connect(lambda index: self.opened.emit(index.data(ITEM)))

    def current(self) -> Any:
        """The item that is current; None when none is."""
        index = self.currentIndex()
        return index.data(ITEM) if index.isValid() else None

    def chosen(self) -> list[Any]:
        """Every selected item, in the order shown."""
        return [index.data(ITEM) for index in sorted(self.selectedIndexes(), key=QModelIndex.row)]

    def pick(self, name: str) -> None:
        """Make the item with the id ``name`` current."""
        row = self.thumbs.row_of(name)
        if row >= 0:
            self.setCurrentIndex(self.thumbs.index(row))

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(index.data(ITEM))

    def _menu_asked(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            self.menu.emit(index.data(ITEM), self.viewport().mapToGlobal(at))

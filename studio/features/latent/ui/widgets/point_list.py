"""A list of points with pictures, with drag and drop, moving and removing."""

import itertools
from collections.abc import Iterable, Sequence

import msgspec
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.widgets.picture_provider import PictureProvider
from studio.features.latent.ui.widgets.seed_map import MIME as SEED_MIME
from studio.ui.drops import DropTarget
from studio.ui.pixels import as_icon, to_pixmap
from studio.ui.plain import plain

MIME = "application/x-triptych-point"
POINT, KEY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


def pack(points: Sequence[LatentPoint], mime: QMimeData | None = None) -> QMimeData:
    """Mime data of ``points`` to drag; a single plain seed can be dropped wherever seeds can."""
    mime = mime or QMimeData()
    mime.setData(MIME, msgspec.json.encode(tuple(points)))
    if len(points) == 1 and points[0] == LatentPoint(points[0].seeds, points[0].weights) and len(points[0].seeds) == 1:
        mime.setData(SEED_MIME, str(points[0].seeds[0]).encode())
    return mime


def unpack(mime: QMimeData) -> tuple[LatentPoint, ...]:
    """The dropped points; empty for anything else."""
    if mime.hasFormat(MIME):
        return msgspec.json.decode(mime.data(MIME).data(), type=tuple[LatentPoint, ...])
    if mime.hasFormat(SEED_MIME):
        return (LatentPoint((int(mime.data(SEED_MIME).data()),)),)
    return ()


def name_of(point: LatentPoint) -> str:
    """A short label for a point without a name."""
    if point.styles or point.parts or len(point.seeds) != 1:
        return tr("Mixed")
    return str(point.seeds[0])


class PointList(QListWidget):
    """Wrapping tiles, or with ``named`` rows with editable names.

    ``most``: when the list is full, a new point replaces the last.
    """

    chosen = Signal(object)
    """The person clicked a point, or pressed Enter on it."""
    menu = Signal(object, QPoint)
    """Context menu requested: a point, and the screen position."""
    changed = Signal()
    """Points were added, removed, moved or renamed."""

    def __init__(
        self, provider: PictureProvider, name: str, tip: str, edge: int = 64, named: bool = False, most: int = 0
    ) -> None:
        super().__init__()
        self._provider, self._named, self._most = provider, named, most
        self._keys = itertools.count()
        self.setAccessibleName(name)
        self.setToolTip(plain(tip))
        self.setIconSize(QSize(edge, edge))
        self.setProperty("pictures", not named)
        self.setFlow(QListView.Flow.TopToBottom if named else QListView.Flow.LeftToRight)
        self.setWrapping(not named)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)  # a move would remove the item from here
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
            if named
            else QAbstractItemView.EditTrigger.NoEditTriggers
        )
        DropTarget(self.viewport(), self._drop_sentence, around=self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_asked)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(POINT)))
        self.itemChanged.connect(lambda _: self.changed.emit())
        provider.stale.connect(self._ask_all)

    # -- what is in it -------------------------------------------------------------------------------------------

    def points(self) -> tuple[LatentPoint, ...]:
        """The points in order."""
        return tuple(self.item(row).data(POINT) for row in range(self.count()))

    def names(self) -> tuple[str, ...]:
        """Their names in order; "" where there is none."""
        return tuple(self.item(row).text() for row in range(self.count()))

    def picked(self) -> tuple[LatentPoint, ...]:
        """The selected points in order."""
        return tuple(self.item(index.row()).data(POINT) for index in sorted(self.selectedIndexes()))

    def picture(self, row: int) -> QPixmap:
        """The picture of the point in ``row``; null until it arrives."""
        return self.item(row).icon().pixmap(self.iconSize())

    def add_point(self, point: LatentPoint, name: str = "", at: int = -1) -> None:
        """Insert a point, at the end or at row ``at``."""
        if self._most and self.count() >= self._most:
            self.takeItem(self.count() - 1)
        was_quiet = self.blockSignals(True)
        item = QListWidgetItem(name)
        item.setData(POINT, point)
        item.setData(KEY, next(self._keys))
        item.setToolTip(plain(name or name_of(point)))
        edge = self.iconSize().height()
        item.setSizeHint(QSize(160 if self._named else edge + 8, edge + 8))
        if self._named:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.insertItem(self.count() if at < 0 else at, item)
        self.blockSignals(was_quiet)
        self._ask(item)
        self.changed.emit()

    def set_points(self, points: Iterable[tuple[LatentPoint, str]]) -> None:
        """Replace points and names, without a signal."""
        self.blockSignals(True)
        self._provider.drop(self)
        self.clear()
        for point, name in points:
            self.add_point(point, name)
        self.blockSignals(False)

    def _menu_asked(self, at: QPoint) -> None:
        if (item := self.itemAt(at)) is not None:
            self.menu.emit(item.data(POINT), self.viewport().mapToGlobal(at))

    def _ask_all(self) -> None:
        for row in range(self.count()):
            self._ask(self.item(row))

    def _ask(self, item: QListWidgetItem) -> None:
        key = item.data(KEY)
        self._provider.picture(item.data(POINT), lambda asset: self._came(key, asset), self)

    def _came(self, key: int, asset: Asset) -> None:
        item = next((item for row in range(self.count()) if (item := self.item(row)).data(KEY) == key), None)
        if item is not None:
            picture = to_pixmap(asset, self.iconSize().height() * 2)
            self.blockSignals(True)
            item.setIcon(as_icon(picture))
            self.blockSignals(False)

    # -- keys, dragging, dropping ----------------------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Delete removes the selection."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            for item in self.selectedItems():
                self.takeItem(self.row(item))
            self.changed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.modifiers():
            if self.currentItem() is not None:
                self.chosen.emit(self.currentItem().data(POINT))
        else:
            super().keyPressEvent(event)

    @override
    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """The points."""
        return pack([item.data(POINT) for item in items])

    def _drop_sentence(self, mime: QMimeData) -> str:
        takes = self.acceptDrops() and unpack(mime)
        return tr("{title}: use this", title=self.accessibleName()) if takes else ""

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take points and seeds."""
        if unpack(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The same while it moves."""
        if unpack(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        """Insert points from elsewhere; move the list's own."""
        points = unpack(event.mimeData())
        if not points:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        under = self.indexAt(event.position().toPoint()).row()
        if event.source() is self:
            row = self.currentRow()
            self.insertItem(under if under >= 0 else self.count() - 1, self.takeItem(row))
            self.changed.emit()
        else:
            for point in points:
                self.add_point(point, "", under)

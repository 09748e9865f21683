"""The Qt model behind film strip and grid: thousands of thumbnails, loaded only when visible."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    QUrl,
)
from PySide6.QtGui import QImage, QPixmap

from studio.core.override import override
from studio.ui.plain import plain

Index = QModelIndex | QPersistentModelIndex
Provider = Callable[[str, int, Callable[[QImage | None], None]], None]
"""Given a key and an edge in pixels, calls back with its picture, or None."""
Load = Callable[[list[str], Callable[[list["Thumb"]], None]], None]
"""Given some keys, calls back with their thumbs."""
THUMB = Qt.ItemDataRole.UserRole
CACHE = 48_000_000
"""Bytes of thumbnails kept in memory: several screens, whatever the library's size."""
KNOWN = 2_000
"""Loaded thumbs kept in memory: 100,000 would take as much as the rest of the window."""
FEW = 200
"""Rows inserted or removed one by one; for more, the model is reset."""
PAUSE_MS = 30
"""What is scrolled past within this time is not loaded."""


class Thumb(msgspec.Struct, frozen=True):
    """One item: its key, its file, its title, and its marks. ``badge``: "", "text" or "clip"."""

    key: str
    path: str
    title: str = ""
    starred: bool = False
    badge: str = ""


class Thumbs(QStringListModel):
    """Thumbs in display order. ``in_sight`` tells whether a row is visible: others are not loaded.

    The rows live in Qt's own string list model, one key each: laying out or selecting 100,000 never calls Python. Their
    content is given (``set_thumbs``) or loaded when visible (``set_keys``, once ``load`` is set).
    """

    def __init__(self, provider: Provider, edge: int, in_sight: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._provider, self._edge, self._in_sight = provider, edge, in_sight
        self.load: Load | None = None
        self.paths_of: Callable[[Sequence[str]], list[str]] | None = None
        self._keys: list[str] = []
        self._thumbs: dict[str, Thumb] = {}
        self._old: dict[str, Thumb] = {}
        """Shown until they were loaded anew."""
        self._rows: dict[str, int] | None = {}
        self._pictures: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wanted: dict[str, None] = {}
        self._unknown: dict[str, None] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.ratio = 1.0

    def set_thumbs(self, thumbs: Sequence[Thumb]) -> bool:
        """Replace all; loaded pictures are kept. False if only marks changed, so that all rows stay in place."""
        keys, old = [thumb.key for thumb in thumbs], self._thumbs
        self._thumbs = {thumb.key: thumb for thumb in thumbs}
        for key in self._pictures.keys() - self._thumbs.keys():
            del self._pictures[key]
        if keys != self._keys:
            self._keys, self._rows = keys, None
            self.setStringList(keys)
            return True
        for thumb in thumbs:
            if thumb != old[thumb.key]:
                self._tell(thumb.key)
        return False

    def set_keys(self, keys: list[str]) -> bool:
        """Show the items of these keys, each loaded when visible. False if all rows stay in place."""
        self._old = {**self._old, **self._thumbs} if len(self._thumbs) < KNOWN else self._thumbs
        self._thumbs = {}
        return self._become(keys)

    def _become(self, keys: list[str]) -> bool:
        """Make ``keys`` the rows. A few insertions and removals leave the others, and the selection, untouched."""
        before, self._keys = self._keys, keys
        first, last = _same_ends(before, keys)
        gone, come = len(before) - first - last, len(keys) - first - last
        if not gone and not come:
            return False
        self._rows = None
        if gone + come > FEW:
            self.setStringList(keys)
            return True
        if gone:
            self.removeRows(first, gone)
        if come:
            self.insertRows(first, come)
            for row in range(first, first + come):
                self.setData(self.index(row), keys[row])
        return False

    def add(self, thumb: Thumb) -> None:
        """Insert a new one at the front."""
        self._thumbs[thumb.key] = thumb
        self._rows = None
        self._keys = [thumb.key, *self._keys]
        self.insertRow(0)
        self.setData(self.index(0), thumb.key)

    def change(self, thumb: Thumb) -> None:
        """Update marks or title of a key that is here."""
        if thumb.key in self._thumbs:
            self._thumbs[thumb.key] = thumb
            self._tell(thumb.key)

    def drop(self, keys: Sequence[str]) -> None:
        """Remove these."""
        for row in sorted((self.row_of(key) for key in keys), reverse=True):
            if row >= 0:
                self.removeRow(row)
                del self._keys[row]
        self._rows = None

    def keys(self) -> list[str]:
        """The keys in display order."""
        return self._keys

    def row_of(self, key: str) -> int:
        """The row of ``key``; -1 when it isn't here."""
        if self._rows is None:
            self._rows = {key: row for row, key in enumerate(self._keys)}
        return self._rows.get(key, -1)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: the thumb, its picture, its tooltip and accessible text."""
        key = super().data(index, Qt.ItemDataRole.DisplayRole)
        thumb = self._thumbs.get(key) or self._not_loaded(key)
        if thumb is None:
            return None
        if role == THUMB:
            return thumb
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(thumb.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return thumb.title
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(thumb.key)
        return None

    @override
    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    @override
    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of the selected items."""
        mime = QMimeData()
        keys = [self._keys[index.row()] for index in indexes]
        paths = self.paths_of(keys) if self.paths_of is not None else [self._thumbs[key].path for key in keys]
        mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
        return mime

    def _tell(self, key: str) -> None:
        row = self.row_of(key)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _not_loaded(self, key: str | None) -> Thumb | None:
        """Request the row, and return what to show until it is loaded."""
        if key is None or self.load is None:
            return None
        self._unknown[key] = None
        if not self._pause.isActive():
            self._pause.start()
        return self._old.get(key) or Thumb(key, "")

    def _loaded(self, thumbs: Sequence[Thumb]) -> None:
        if len(self._thumbs) >= KNOWN:
            self._old, self._thumbs = self._thumbs, {}
        self._thumbs |= {thumb.key: thumb for thumb in thumbs}
        for thumb in thumbs:
            self._tell(thumb.key)

    def _picture(self, key: str) -> QPixmap | None:
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        self._wanted[key] = None
        if not self._pause.isActive():
            self._pause.start()
        return None

    def _ask(self) -> None:
        unknown, self._unknown = self._unknown, {}
        seen = [key for key in unknown if (row := self.row_of(key)) >= 0 and self._in_sight(row)]
        if seen and self.load is not None:
            self.load(seen, self._loaded)
        wanted, self._wanted = self._wanted, {}
        for key in wanted:
            row = self.row_of(key)
            if row >= 0 and key not in self._pictures and self._in_sight(row):
                self._pictures[key] = None
                self._provider(key, round(self._edge * self.ratio), partial(self._came, key))
        most = int(CACHE / (4 * (self._edge * self.ratio) ** 2))
        while len(self._pictures) > most:
            self._pictures.popitem(last=False)

    def _came(self, key: str, image: QImage | None) -> None:
        if key in self._pictures and image is not None and not image.isNull():
            self._pictures[key] = _square(image, round(self._edge * self.ratio), self.ratio)
            self._tell(key)


def _same_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """The lengths of the common prefix and suffix; compared in slices, at C speed."""
    most = min(len(old), len(new))
    first = _same(old, new, most)
    return first, _same(old[::-1], new[::-1], most - first)


def _same(old: list[str], new: list[str], most: int) -> int:
    for at in range(0, most, 1024):
        end = min(at + 1024, most)
        if old[at:end] != new[at:end]:
            return next(place for place in range(at, end) if old[place] != new[place])
    return most


def _square(image: QImage, edge: int, ratio: float) -> QPixmap:
    """The central square of ``image``, ``edge`` pixels wide."""
    side = min(image.width(), image.height())
    middle = QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image.copy(middle).scaled(QSize(edge, edge), keep, smooth))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap

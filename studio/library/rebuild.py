"""Fills the index from the files: all of them, or only what was changed by hand since the last scan."""

import logging
import threading
from collections.abc import Callable, Iterator, KeysView
from pathlib import Path

import msgspec

from studio.core.values import new_id
from studio.files.reading import is_there
from studio.library.folder_scan import FolderScan, state_of
from studio.library.index import Index, Item
from studio.library.read_item import read_item
from studio.library.stars import StarList
from studio.library.trash import Trash, is_gone

log = logging.getLogger(__name__)
FEW = 50
"""Folders whose rows are queried one by one; for more, all rows are read."""
_AT_ONCE = 100
"""Rows per transaction, since each takes the disk a few milliseconds."""


class Found(msgspec.Struct):
    """What a scan changed in the index."""

    added: int = 0
    removed: int = 0

    @property
    def anything(self) -> bool:
        """Whether the views should be reloaded."""
        return bool(self.added or self.removed)


class Rescan:
    """Adds every file of ours that is missing in the index, and removes rows without files.

    Foreign files are remembered, so that each is read only once. Stars come from the star list next to the files, so
    that they survive the loss of the index. ``moving`` is the lock for moving the library's files.
    """

    def __init__(
        self, pictures: Path, index: Index, stars: StarList, trash: Trash, moving: threading.Lock
    ) -> None:  # fmt: skip
        self._pictures, self._index, self._stars, self._trash = pictures, index, stars, trash
        self._moving, self._one = moving, threading.Lock()
        self._look = FolderScan(pictures, trash.folder)

    def stop(self) -> None:
        """Stop the current scan and all further ones."""
        self._look.ended = True

    def again(
        self, everything: bool = False, stopped: Callable[[], bool] = lambda: False,
        progress: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> Found:  # fmt: skip
        """Scan the folders that changed since the last scan, or ``everything``. Thread-safe.

        Once ``stopped`` says so the look ends with what it has found; the next one looks everywhere. ``progress`` is
        told how many of the new files were read, when there are many.
        """
        with self._one:
            self._look.asks = stopped
            if everything:
                self._look.forget()
            folders = self._look.changed_folders()
            found = Found()
            if folders or everything:
                present = {str(path) for files in folders.values() for path in files}
                known = self._known(None if everything or len(folders) > FEW else folders.keys())
                self._add(sorted(path for path in present if path not in known), found, progress)
                self._drop(known, present, None if everything else folders.keys(), found)
            if self._look.stopped:
                self._look.forget()
            elif everything:
                self._trash.keep_folder()
                self._index.mark_complete()
            return found

    def _known(self, folders: KeysView[str] | None) -> dict[str, str]:
        """Paths and names of items: all, or those in some folders."""
        if folders is None:
            return self._index.files()
        return {path: name for folder in folders for path, name in self._index.files_right_in(folder).items()}

    def _add(self, paths: list[str], found: Found, progress: Callable[[int, int], object]) -> None:
        foreign = self._index.foreign()
        news: dict[str, tuple[int, int]] = {}
        items: dict[str, Item] = {}
        starred = self._stars.names() or set()
        for done, (path, state, item) in enumerate(self._read(paths, foreign), 1):
            if done % _AT_ONCE == 0:
                progress(done, len(paths))
            if item is None:
                news[path] = state
                continue
            if item.id in items or len(items) >= _AT_ONCE:
                self._put(items, starred, found)
            items[item.id] = item
        self._put(items, starred, found)
        gone = [path for path in foreign if path not in news and not is_there(Path(path)) and not self._look.stopped]
        if news or gone:
            self._index.note_foreign(news, gone)

    def _read(
        self, paths: list[str], foreign: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[str, tuple[int, int], Item | None]]:
        for path in paths:
            state = state_of(Path(path))
            if self._look.stopped:
                return
            if state is None or foreign.get(path) == state:
                continue
            try:
                yield path, state, read_item(Path(path))
            except OSError as error:
                log.warning("%s can't be read now: %s", path, error)

    def _put(self, items: dict[str, Item], starred: set[str], found: Found) -> None:
        """Add those that are still missing, and start a new batch."""
        with self._moving:
            fresh = [self._keep_star(item, item.id in starred) for item in items.values() if is_there(Path(item.path))]
            fresh = [item for item in fresh if self._index.at(item.path) is None]
            self._index.put_all(fresh)
        found.added += len(fresh)
        items.clear()

    def _keep_star(self, found: Item, starred: bool) -> Item:
        """A moved file keeps its star; a copied one is a new item."""
        known = self._index.get(found.id)
        deleted, origin = self._trash.found(Path(found.path))
        found = msgspec.structs.replace(found, deleted=deleted, origin=origin)
        if known is None:
            return msgspec.structs.replace(found, starred=starred)
        if is_there(Path(known.path)):
            return msgspec.structs.replace(found, id=new_id())
        return msgspec.structs.replace(found, starred=known.starred)

    def _drop(self, known: dict[str, str], present: set[str], folders: KeysView[str] | None, found: Found) -> None:
        """Remove the rows of files that are gone from ``folders`` (None: everywhere)."""
        lost = []
        for path, name in known.items():
            if path in present or self._look.stopped or not (folders is None or str(Path(path).parent) in folders):
                continue
            if is_gone(Path(path), self._pictures):
                lost.append((path, name))
        with self._moving:
            rows = {item.id: item for item in self._index.called([name for _, name in lost])}
            # An item whose file was already gone when it was deleted stays in the trash until that is emptied.
            names = [name for path, name in lost if name in rows and rows[name].path == path != rows[name].origin]
            self._index.remove_all(names)
        found.removed += len(names)

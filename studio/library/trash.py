"""The library's own trash: deleted items stay there until they are restored or moved to the system's trash."""

import contextlib
import errno
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from studio.core.errors import StudioError, for_people
from studio.core.text import tr
from studio.core.values import new_id
from studio.files.atomic import free_path, replacing
from studio.library.index import Index, Item

log = logging.getLogger(__name__)
FOLDER = ".trash"
"""In the library's folder. Each delete makes one folder in it with the library's structure, from which a lost index can
be rebuilt, including where each item belongs."""
_OUTSIDE = "from elsewhere"
_AT_ONCE = 200
"""Items moved per transaction: a crash leaves at most these half done, and the next scan repairs them."""


class Moved(msgspec.Struct):
    """The result, item by item: the moved items as they are now; ``refused`` holds an error message for each that
    stayed."""

    done: list[Item] = []
    refused: list[str] = []


class Trash:
    """Moves rows and files together, both ways. ``moving`` is held while they differ."""

    def __init__(self, pictures: Path, index: Index, moving: threading.Lock) -> None:
        self._pictures, self._index, self._moving = pictures, index, moving
        self.folder = pictures / FOLDER

    def put(self, items: Sequence[Item]) -> Moved:
        """Move the items' files into the trash. Items already there stay."""
        moved, now = Moved(), time.time()
        batch = self.folder / f"{datetime.fromtimestamp(now):%Y-%m-%d-%H%M%S}-{new_id()[:8]}"
        for some in _chunks([item for item in items if not item.deleted]):
            ways: list[tuple[Item, Item]] = []
            for item in some:
                with _collect_error(moved, item):
                    ways.append((item, self._delete_one(item, batch, now)))
            try:
                with self._moving:
                    self._move_rows_first(ways, moved)
            except StudioError as error:
                moved.refused.append(error.message)
                break
        return moved

    def restore(self, items: Sequence[Item]) -> Moved:
        """Move the items' files back to where they were, under another name if that is taken."""
        moved = Moved()
        for some in _chunks(items):
            ways: list[tuple[Item, Item]] = []
            with self._moving:
                for item in some:
                    with _collect_error(moved, item):
                        ways.append((item, self._restore_one(item)))
                try:
                    self._index.place([back for _, back in ways])
                    moved.done += [back for _, back in ways]
                except StudioError as error:
                    for item, back in ways:
                        with contextlib.suppress(OSError):
                            carry(Path(back.path), Path(item.path))
                    moved.refused.append(error.message)
                    break
        self.tidy()
        return moved

    def found(self, path: Path) -> tuple[float, str]:
        """When the file at ``path`` was deleted, and its original path; (0, "") if it isn't in the trash."""
        if not path.is_relative_to(self.folder):
            return 0.0, ""
        batch, *inner = path.relative_to(self.folder).parts
        with contextlib.suppress(ValueError):
            deleted = datetime.strptime(batch[:17], "%Y-%m-%d-%H%M%S").timestamp()
            if inner and inner[0] != _OUTSIDE:
                return deleted, str(self._pictures.joinpath(*inner))
            return deleted, str(self._pictures / batch[:10] / path.name)
        return path.lstat().st_mtime, str(self._pictures / path.name)

    def keep_folder(self) -> None:
        """Create the trash folder in an existing library: if not even this exists, a drive is unplugged."""
        with contextlib.suppress(OSError):
            if self._pictures.is_dir():
                self.folder.mkdir(exist_ok=True)

    def tidy(self) -> None:
        """Remove empty folders of the trash."""
        for folder, _, _ in os.walk(self.folder, topdown=False):
            if Path(folder) == self.folder:
                return
            with contextlib.suppress(OSError):  # it holds something
                Path(folder).rmdir()

    def _delete_one(self, item: Item, batch: Path, now: float) -> Item:
        """The item as it will be. Raises StudioError or OSError if it can't be reached."""
        path = Path(item.path)
        place = path
        if path.exists():
            inside = path.is_relative_to(self._pictures)
            place = batch / (path.relative_to(self._pictures) if inside else Path(_OUTSIDE, item.id, path.name))
        elif not is_gone(path, self._pictures):
            raise StudioError(tr("{path} can't be reached. Is a drive unplugged?", path=path))
        return msgspec.structs.replace(item, path=str(place), deleted=now, origin=item.path)

    def _move_rows_first(self, ways: Sequence[tuple[Item, Item]], moved: Moved) -> None:
        self._index.place([after for _, after in ways])
        stay = []
        for before, after in ways:
            try:
                if after.path != before.path:
                    carry(Path(before.path), Path(after.path))
                moved.done.append(after)
            except OSError as error:
                why = error.strerror or str(error)
                moved.refused.append(tr("{path} couldn't be moved to the trash: {why}", path=before.path, why=why))
                stay.append(before)
        if stay:
            self._index.place(stay)

    def _restore_one(self, item: Item) -> Item:
        """Move the item's file back, and return the item. Raises StudioError or OSError if that fails."""
        path, origin = Path(item.path), Path(item.origin)
        if path != origin and os.path.lexists(path):
            origin.parent.mkdir(parents=True, exist_ok=True)
            origin = free_path(origin.parent, origin.stem, origin.suffix)
            carry(path, origin)
        elif path != origin and not origin.exists():
            raise StudioError(tr("{path} couldn't be restored: it is no longer in the trash.", path=origin))
        return msgspec.structs.replace(item, path=str(origin), deleted=0.0, origin="")


def is_gone(path: Path, pictures: Path) -> bool:
    """Whether the file is gone, not just unreachable (no permission, drive unplugged)."""
    inside = path.is_relative_to(pictures)
    try:
        if path.exists():
            return False
        # While a drive is unplugged, its mount point exists and is empty.
        return any(pictures.iterdir()) if inside else path.parent.exists()
    except OSError:
        return False


def carry(source: Path, target: Path) -> None:
    """Move a file or folder to ``target``, which must not exist, also to another drive. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.rename(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    if source.is_dir():
        with replacing(target, folder=True) as unfinished:
            shutil.copytree(source, unfinished, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(source)
    else:
        with replacing(target) as unfinished:
            shutil.copy2(source, unfinished)
        source.unlink()


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + _AT_ONCE] for at in range(0, len(items), _AT_ONCE))


@contextlib.contextmanager
def _collect_error(moved: Moved, item: Item) -> Iterator[None]:
    """Collect the error of an item that stays."""
    try:
        yield
    except StudioError as error:
        moved.refused.append(error.message)
    except OSError as error:
        error.filename = error.filename or item.path
        moved.refused.append(for_people(error).message)

"""Scans the library's folders for files added, removed or moved by hand since the last scan."""

import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from studio.files.reading import is_there
from studio.library.metadata.making import ABOUT
from studio.library.query import ItemKind

log = logging.getLogger(__name__)
KINDS: dict[str, ItemKind] = {".png": "image", ".md": "text", ".mp4": "clip", ".webm": "clip", ".gif": "clip"}
DEEPEST = 16
"""The deepest level of folders that is scanned."""
_STEADY = 4.0
"""Seconds: a younger change may be followed by another one with the same time, on file systems with 2 s resolution."""


class Folder(msgspec.Struct):
    """A folder at the last scan: its modification time (ns; -1: too recent to rely on), and its subfolders."""

    changed: int
    inner: list[str]


class FolderScan:
    """Remembers the folders' state, so that the next scan reads only changed ones.

    Not thread-safe.
    """

    def __init__(self, root: Path, trash: Path) -> None:
        self._root, self._trash = root, trash
        self._seen: dict[str, Folder] = {}
        self.ended = False
        """Set by another thread: nobody waits for any look any more."""
        self.asks: Callable[[], bool] = lambda: False
        """Whether the look that is going on is to end."""

    @property
    def stopped(self) -> bool:
        """Whether to look no further."""
        return self.ended or self.asks()

    def forget(self) -> None:
        """Make the next scan read every folder."""
        self._seen.clear()

    def changed_folders(self) -> dict[str, list[Path]]:
        """The candidate files in each folder that changed since the last scan; none for a folder that is gone.

        A folder that can't be read is left out: its content is unreachable, not gone.
        """
        found: dict[str, list[Path]] = {}
        seen: dict[str, Folder] = {}
        places: set[tuple[int, int]] = set()
        self._walk(self._root, 0, found, seen, places)
        if self._trash.exists():
            self._walk(self._trash, 0, found, seen, places)
        for gone in self._seen.keys() - seen.keys():
            if not is_there(Path(gone)):
                found[gone] = []
        self._seen = seen
        return found

    def _walk(
        self, folder: Path, depth: int, found: dict[str, list[Path]], seen: dict[str, Folder],
        places: set[tuple[int, int]],
    ) -> None:  # fmt: skip
        try:
            now = folder.stat()
            if (now.st_dev, now.st_ino) in places or self.stopped:  # a link back to a parent
                return
            before = self._seen.get(str(folder))
            if before is None or before.changed != now.st_mtime_ns:
                files, inner = _inside(folder)
                found[str(folder)] = files
                steady = time.time() - now.st_mtime > _STEADY
                before = Folder(now.st_mtime_ns if steady else -1, inner)
        except FileNotFoundError:  # a new library, or one that was just removed
            return
        except OSError as error:
            log.warning("%s can't be looked into: %s", folder, error)
            return
        if now.st_ino:
            places.add((now.st_dev, now.st_ino))
        seen[str(folder)] = before
        for name in before.inner if depth < DEEPEST else ():
            self._walk(folder / name, depth + 1, found, seen, places)


def candidates(folder: Path) -> Iterator[Path]:
    """The candidate files in the folder; none if it can't be read."""
    try:
        yield from _inside(folder)[0]
    except OSError as error:
        log.warning("%s can't be looked into: %s", folder, error)


def _inside(folder: Path) -> tuple[list[Path], list[str]]:
    """The candidate files in the folder, and the names of its other subfolders. Raises OSError."""
    files, inner = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if _is_folder(entry):
                if is_there(path / ABOUT):
                    files.append(path)
                else:
                    inner.append(entry.name)
            elif path.suffix.lower() in KINDS:
                files.append(path)
    return sorted(files), sorted(inner)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def state_of(path: Path) -> tuple[int, int] | None:
    """A file's size and modification time (ns), to recognise it by; None if it doesn't exist.

    For a folder of frames, those of its metadata file.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            found = (path / ABOUT).stat()
        return found.st_size, found.st_mtime_ns
    except OSError:
        return None

"""The system's trash: what is deleted permanently goes there, and can be restored from it."""

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QFile, QStandardPaths

from studio.core.errors import StudioError, for_people
from studio.core.text import tr
from studio.files.atomic import free_path
from studio.library.index import Index, Item

log = logging.getLogger(__name__)
_LONGEST = 200
"""Bytes of a file name in the trash; common file systems allow 255."""


class Trashed(msgspec.Struct, frozen=True):
    """A deleted item. ``place``: the path of its file in the trash, "" if it had no file any more."""

    item: Item
    place: str


class Thrown(msgspec.Struct):
    """The result of a delete or undo, item by item; ``refused`` holds an error message for each that stayed."""

    done: list[Trashed] = []
    refused: list[str] = []


def throw_away(index: Index, items: Iterable[Item]) -> Thrown:
    """Remove each item from the index and move its file to the trash; both or neither."""
    _make_data_folder()
    moved = Thrown()
    for item in items:
        try:
            index.remove(item.id)
            try:
                moved.done.append(Trashed(item, _to_trash(item.path)))
            except StudioError:
                index.put(item)
                raise
        except StudioError as error:
            moved.refused.append(error.message)
    return moved


def bring_back(index: Index, trashed: Sequence[Trashed]) -> Thrown:
    """Move the files back to their places and add the items to the index again."""
    moved = Thrown()
    for one in trashed:
        try:
            _from_trash(one)
            index.put(one.item)
            moved.done.append(one)
        except StudioError as error:
            moved.refused.append(error.message)
    return moved


def _to_trash(path: str) -> str:
    try:
        if not Path(path).exists():
            return ""
    except OSError as error:  # it may exist, but can't be accessed
        raise for_people(error) from error
    brief = _with_brief_name(Path(path))
    file = QFile(str(brief))
    if file.moveToTrash():
        return file.fileName()
    why = file.errorString()
    if brief != Path(path):
        brief.rename(path)
    raise StudioError(tr("{path} couldn't be moved to the trash: {why}", path=path, why=why))


def _with_brief_name(path: Path) -> Path:
    """The file under a name short enough for the trash to append ".trashinfo" to it."""
    if len(os.fsencode(path.name)) <= _LONGEST:
        return path
    ending = path.suffix if len(os.fsencode(path.suffix)) < _LONGEST // 2 else ""
    stem = os.fsencode(path.name)[: _LONGEST - len(os.fsencode(ending))].decode("utf-8", "ignore")
    brief = free_path(path.parent, stem, ending)
    try:
        path.rename(brief)
    except OSError:
        return path  # then the trash reports why
    return brief


def _from_trash(one: Trashed) -> None:
    path = Path(one.item.path)
    try:
        if not one.place or path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        brought = QFile.rename(one.place, one.item.path)
    except OSError as error:
        log.warning("%s can't be made: %s", path.parent, error)
        brought = False
    if not brought:
        log.warning("%s couldn't be brought back from %s", path, one.place)
        raise StudioError(tr("{path} couldn't be restored.", path=path))


def _make_data_folder() -> None:
    """Create the parent of the trash folder: without it Qt can't move anything there, as for a new account on Linux."""
    place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("%s can't be made: %s", place, error)


def discard(path: Path) -> None:
    """Move a file or folder that may be somebody's work to the system's trash. Raises StudioError if that fails."""
    _make_data_folder()
    _to_trash(str(path))

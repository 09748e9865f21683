"""The system's trash: what is deleted for good goes there, and can be brought back from it."""

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
"""Bytes of a name that goes to the trash; the usual file systems take 255."""


class Trashed(msgspec.Struct, frozen=True):
    """A deleted item. ``place``: where its file lies in the trash, "" when the item had no file any more."""

    item: Item
    place: str


class Thrown(msgspec.Struct):
    """What came of a delete or an undo, item by item; ``refused`` holds a sentence for each that stayed."""

    done: list[Trashed] = []
    refused: list[str] = []


def throw_away(index: Index, items: Iterable[Item]) -> Thrown:
    """Take the items out of the index and move their files to the trash; both or neither, for each of them."""
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
    """Put the files back in their places and the items back in the index."""
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
    except OSError as error:  # it may be there, but can't be looked at
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
    """The file under a name to which the trash can add what it needs: a note is called so, with ".trashinfo" behind."""
    if len(os.fsencode(path.name)) <= _LONGEST:
        return path
    ending = path.suffix if len(os.fsencode(path.suffix)) < _LONGEST // 2 else ""
    stem = os.fsencode(path.name)[: _LONGEST - len(os.fsencode(ending))].decode("utf-8", "ignore")
    brief = free_path(path.parent, stem, ending)
    try:
        path.rename(brief)
    except OSError:
        return path  # then the trash will say why
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
        raise StudioError(tr("{path} couldn't be brought back.", path=path))


def _make_data_folder() -> None:
    """Qt moves nothing to a trash whose own folder's parent is not there yet, as for a new account on Linux."""
    place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("%s can't be made: %s", place, error)


def discard(path: Path) -> None:
    """Move a file or folder that may be somebody's work to the system's trash. Raises StudioError when it stays."""
    _make_data_folder()
    _to_trash(str(path))

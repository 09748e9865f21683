"""The system's trash: what is deleted for good goes there, and can be brought back from it."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QFile, QStandardPaths

from studio.core.errors import StudioError, for_people
from studio.core.text import tr
from studio.library.index import Index, Item

log = logging.getLogger(__name__)


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
    file = QFile(path)
    if not file.moveToTrash():
        raise StudioError(tr("{path} couldn't be moved to the trash: {why}", path=path, why=file.errorString()))
    return file.fileName()


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

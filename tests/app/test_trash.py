"""The trash: files and index go together, both ways, whatever refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QFile

from studio.app.trash import bring_back, discard, throw_away
from studio.core.errors import StudioError
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask
from studio.library.index import Index, Item, Query
from studio.library.library import Library
from studio.library.paths import find_paths
from tests.app.scripted import picture


@pytest.fixture
def library(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "xdg"))
    made = Library(find_paths())
    yield made
    made.close()


@pytest.fixture
def index(library: Library) -> Index:
    return library.index


def keep(library: Library) -> Item:
    return library.keep(Job(task=ImageTask(prompt="a balloon"), model="m"), picture(seed=7), "A model")


def refuse(*_: object) -> None:
    raise StudioError("The disk is full.")


def test_undo_brings_file_star_and_place_back(library: Library, index: Index) -> None:
    first, second = keep(library), keep(library)
    index.star(first.id, True)
    before = index.search(Query())
    gone = throw_away(index, before)
    assert gone.refused == []
    assert index.search(Query()) == []
    assert not Path(first.path).exists()
    assert not Path(second.path).exists()
    assert bring_back(index, gone.done).refused == []
    assert index.search(Query()) == before
    assert Path(first.path).exists()


def test_what_is_gone_from_the_disk_can_be_deleted_and_undone(library: Library, index: Index) -> None:
    item = keep(library)
    Path(item.path).unlink()
    gone = throw_away(index, [item])
    assert index.count(Query()) == 0
    assert bring_back(index, gone.done).refused == []
    assert index.get(item.id) == item


def test_an_index_that_refuses_leaves_the_file_where_it_was(
    library: Library, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = keep(library)
    monkeypatch.setattr(index, "remove", refuse)
    assert throw_away(index, [item]).refused == ["The disk is full."]
    assert Path(item.path).exists()
    assert index.get(item.id) == item


def test_a_trash_that_refuses_leaves_the_item_in_the_index(
    library: Library, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = keep(library)

    class NoTrash(QFile):
        def moveToTrash(self) -> bool:
            return False

    monkeypatch.setattr("studio.app.trash.QFile", NoTrash)
    moved = throw_away(index, [stays])
    assert moved.done == []
    assert Path(stays.path).name in moved.refused[0]
    assert index.get(stays.id) == stays
    assert Path(stays.path).exists()


def test_a_file_that_may_not_be_looked_at_stays_in_the_index(
    library: Library, index: Index, forbid: Callable[[Path], None]
) -> None:
    stays = keep(library)
    forbid(Path(stays.path).parent)
    moved = throw_away(index, [stays])
    assert moved.done == []
    assert moved.refused == [f"{stays.path} can't be used: Permission denied."]
    assert index.get(stays.id) == stays


def test_what_was_emptied_from_the_trash_is_said_and_the_rest_comes_back(library: Library, index: Index) -> None:
    lost, found = keep(library), keep(library)
    gone = throw_away(index, [lost, found])
    Path(gone.done[0].place).unlink()
    back = bring_back(index, gone.done)
    assert [one.item for one in back.done] == [found]
    assert Path(lost.path).name in back.refused[0]
    assert index.get(lost.id) is None


def test_a_folder_that_went_away_is_made_again(library: Library, index: Index) -> None:
    item = keep(library)
    gone = throw_away(index, [item])
    Path(item.path).parent.rmdir()
    assert bring_back(index, gone.done).refused == []
    assert Path(item.path).exists()


@pytest.mark.parametrize("name", [f"{'a' * 248}.png", f"{'画' * 82}ab.png", f"x.{'y' * 245}"])
def test_a_name_as_long_as_a_disk_takes_goes_to_the_trash_and_comes_back(
    library: Library, index: Index, name: str
) -> None:
    """The trash writes a note that is called so too, with ten letters more."""
    item = keep(library)
    path = Path(item.path).with_name(name)
    assert 245 < len(name.encode()) <= 252
    Path(item.path).rename(path)
    long = msgspec.structs.replace(item, path=str(path))
    index.put(long)
    gone = throw_away(index, [long])
    assert gone.refused == []
    assert not path.exists()
    assert bring_back(index, gone.done).refused == []
    assert path.exists()
    assert index.get(long.id) == long


def test_a_long_name_that_the_trash_refuses_stays_as_it_was(
    library: Library, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = keep(library)
    path = Path(item.path).with_name(f"{'a' * 248}.png")
    Path(item.path).rename(path)
    long = msgspec.structs.replace(item, path=str(path))
    index.put(long)

    class NoTrash(QFile):
        def moveToTrash(self) -> bool:
            return False

    monkeypatch.setattr("studio.app.trash.QFile", NoTrash)
    assert len(throw_away(index, [long]).refused) == 1
    assert path.exists()


def test_what_may_be_somebodys_is_moved_to_the_trash(library: Library, home: Path) -> None:
    place = home / "somebody's"
    place.mkdir()
    (place / "a.txt").write_bytes(b"mine")
    discard(place)
    assert not place.exists()
    assert [path.read_bytes() for path in (home / "xdg" / "Trash" / "files").glob("*/a.txt")] == [b"mine"]

"""The library's own trash: what is deleted is found there until it is emptied, whatever happens in between."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.library.index import Item, Query
from studio.library.library import Library
from tests.library import things
from tests.library.things import contents

DELETED = Query(deleted=True)


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


def keep(library: Library, prompt: str = "a balloon", folder: Path | None = None) -> Item:
    return library.keep(things.image_job(prompt), things.pixels(), "m", folder)


def refuse(*_: object) -> None:
    raise StudioError("The disk is full.")


def names(library: Library, query: Query = Query()) -> list[str]:  # noqa: B008  a frozen value
    assert library.index.names(query) == [item.id for item in library.search(query)]
    return library.index.names(query)


def test_what_is_deleted_is_in_the_trash_and_comes_back_as_it_was(library: Library) -> None:
    first, second = keep(library), keep(library)
    library.star([first.id], True)
    before = library.search(Query())
    gone = library.trash.put(before)
    assert (gone.refused, names(library)) == ([], [])
    assert {item.id for item in library.search(DELETED)} == {first.id, second.id}
    assert not Path(first.path).exists()
    assert all(Path(item.path).exists() for item in library.search(DELETED))
    assert library.count() == 0
    assert library.count(DELETED) == 2
    back = library.trash.restore(library.search(DELETED))
    assert back.refused == []
    assert library.search(Query()) == before
    assert contents(library.trash.folder) == set()


@pytest.mark.parametrize("lost", ["nothing", "index"])
def test_it_is_still_there_after_a_restart_and_after_the_index_was_lost(library: Library, lost: str) -> None:
    kept, deleted, film = keep(library), keep(library), library.keep(things.walk_job(), things.single_frames(), "m")
    library.star([deleted.id], True)
    library.trash.put([deleted, film])
    library.close()
    if lost == "index":
        library.index.path.unlink()
    again = things.library()
    again.rebuild()
    assert names(again) == [kept.id]
    assert set(names(again, DELETED)) == {deleted.id, film.id}
    again.trash.restore(again.search(DELETED))
    found = {item.id: item for item in again.search(Query())}
    assert (found[deleted.id].path, found[deleted.id].starred) == (deleted.path, True)
    assert found[film.id].path == film.path
    assert contents(Path(film.path)) == {"00000.png", "00001.png", "00002.png", "00003.png", "about.md"}
    again.close()


def test_what_lies_outside_of_the_library_comes_back_to_its_own_folder(library: Library, tmp_path: Path) -> None:
    item = keep(library, folder=tmp_path / "out")
    library.trash.put([item])
    assert not Path(item.path).exists()
    library.trash.restore(library.search(DELETED))
    assert Path(item.path).exists()
    assert library.search(Query()) == [item]


def test_nothing_is_written_over_when_it_comes_back(library: Library) -> None:
    item = keep(library)
    library.trash.put([item])
    Path(item.path).write_bytes(b"mine")
    (back,) = library.trash.restore(library.search(DELETED)).done
    assert Path(item.path).read_bytes() == b"mine"
    assert Path(back.path).name == f"{Path(item.path).stem}-2.png"
    assert Path(back.path).exists()


def test_the_same_name_deleted_twice_comes_back_twice(library: Library) -> None:
    first = keep(library)
    library.trash.put([first])
    second = keep(library)
    Path(second.path).rename(first.path)
    library.rebuild()
    library.trash.put(library.search(Query()))
    assert len(library.trash.restore(library.search(DELETED)).done) == 2
    assert len({item.path for item in library.search(Query())}) == 2
    assert all(Path(item.path).exists() for item in library.search(Query()))


def test_a_thing_whose_file_is_gone_can_be_deleted_and_restored(library: Library) -> None:
    item = keep(library)
    Path(item.path).unlink()
    assert library.trash.put([item]).refused == []
    library.rebuild()
    assert names(library, DELETED) == [item.id]
    assert library.trash.restore(library.search(DELETED)).refused == []
    assert library.index.get(item.id) == item


def test_a_drive_that_is_away_is_said_and_nothing_is_deleted(library: Library, tmp_path: Path) -> None:
    inside, outside = keep(library), keep(library, folder=tmp_path / "drive" / "out")
    library.paths.pictures.rename(tmp_path / "away")
    library.paths.pictures.mkdir()  # the place where the drive is mounted
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    moved = library.trash.put([inside, outside])
    assert moved.done == []
    assert ["Is a drive unplugged?" in sentence for sentence in moved.refused] == [True, True]
    assert set(names(library)) == {inside.id, outside.id}
    library.rebuild()
    assert set(names(library)) == {inside.id, outside.id}


def test_a_file_that_may_not_be_looked_at_stays(library: Library, forbid: Callable[[Path], None]) -> None:
    stays = keep(library)
    forbid(Path(stays.path).parent)
    moved = library.trash.put([stays])
    assert (moved.done, moved.refused) == ([], [f"{stays.path} can't be used: Permission denied."])
    assert names(library) == [stays.id]


def test_a_disk_that_refuses_leaves_the_item_where_it_was(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = keep(library)

    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("studio.library.trash.carry", read_only)
    moved = library.trash.put([stays])
    assert moved.done == []
    assert "Read-only" in moved.refused[0]
    assert library.search(Query()) == [stays]


@pytest.mark.parametrize("way", ["put", "restore"])
def test_an_index_that_refuses_leaves_files_where_they_were(
    library: Library, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    item = keep(library)
    if way == "restore":
        library.trash.put([item])
        (item,) = library.search(DELETED)
    monkeypatch.setattr(library.index, "place", refuse)
    moved = library.trash.put([item]) if way == "put" else library.trash.restore([item])
    assert (moved.done, moved.refused) == ([], ["The disk is full."])
    assert Path(item.path).exists()


def test_names_as_long_as_a_disk_takes_are_deleted_and_come_back(library: Library) -> None:
    item = keep(library)
    long = Path(item.path).with_name("x" * 251 + ".png")
    Path(item.path).rename(long)
    library.rebuild()
    assert library.trash.put(library.search(Query())).refused == []
    assert not long.exists()
    assert library.trash.restore(library.search(DELETED)).refused == []
    assert long.exists()


def test_another_drive_inside_the_library_is_no_hindrance(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, film = keep(library), library.keep(things.walk_job(), things.single_frames(), "m")
    real = Path.rename

    def across(self: Path, target: Path) -> Path:
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", across)
    assert library.trash.put([picture, film]).refused == []
    assert not Path(picture.path).exists()
    assert not Path(film.path).exists()
    library.trash.restore(library.search(DELETED))
    assert library.search(Query()) == [film, picture]
    assert len(contents(Path(film.path))) == 5


def test_a_crash_between_row_and_file_loses_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    item = keep(library)
    monkeypatch.setattr("studio.library.trash.carry", lambda *_: None)
    library.trash.put([item])
    library.close()
    again = things.library()
    again.rebuild()
    assert again.search(Query()) == [item]
    again.close()


def test_a_file_that_somebody_takes_out_of_the_trash_by_hand_is_no_longer_deleted(library: Library) -> None:
    item = keep(library)
    library.trash.put([item])
    (deleted,) = library.search(DELETED)
    Path(deleted.path).rename(item.path)
    library.rebuild()
    assert library.search(Query()) == [item]

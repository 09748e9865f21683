"""Looking again: what was moved, added or removed by hand is found, in any depth, and nothing is read twice."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.library import rebuild
from studio.library.index import Query
from studio.library.library import Library
from tests.library import things


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []
    real = rebuild.read_item

    def note(path: Path) -> Any:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(rebuild, "read_item", note)
    return names


def keep(library: Library, prompt: str = "a balloon") -> Any:
    return library.keep(things.image_job(prompt), things.pixels(), "m")


def paths(library: Library) -> list[str]:
    return sorted(item.path for item in library.search(Query()))


@pytest.mark.parametrize("everything", [True, False])
def test_days_that_are_moved_by_hand_stay_in_the_library(library: Library, everything: bool) -> None:
    first, second, film = keep(library), keep(library), library.keep(things.walk_job(), things.single_frames(), "m")
    library.star([first.id], True)
    library.look.again()
    day = Path(first.path).parent
    deep = library.paths.pictures / "2026" / "winter" / "a client" / day.name
    deep.parent.mkdir(parents=True)
    day.rename(deep)
    library.look.again(everything)
    found = {item.id: item for item in library.search(Query())}
    assert found.keys() == {first.id, second.id, film.id}
    assert all(Path(item.path).parent == deep for item in found.values())
    assert found[first.id].starred


def test_what_lies_right_in_the_library_or_in_a_folder_behind_a_link_is_found(library: Library, tmp_path: Path) -> None:
    first, second = keep(library), keep(library)
    Path(first.path).rename(library.paths.pictures / "first.png")
    (tmp_path / "drive").mkdir()
    Path(second.path).rename(tmp_path / "drive" / "second.png")
    (library.paths.pictures / "drive").symlink_to(tmp_path / "drive")
    library.look.again()
    top = library.paths.pictures
    assert paths(library) == [str(top / "drive" / "second.png"), str(top / "first.png")]


def test_a_link_back_to_the_library_is_no_end_of_copies(library: Library) -> None:
    item = keep(library)
    (library.paths.pictures / "loop").symlink_to(library.paths.pictures)
    (Path(item.path).parent / "loop").symlink_to(Path(item.path).parent)
    library.rebuild()
    assert paths(library) == [item.path]


def test_files_of_others_are_read_once_even_when_they_are_broken(library: Library, read: list[str]) -> None:
    day = Path(keep(library).path).parent
    Image.new("RGB", (4, 4)).save(day / "mine.png")
    (day / "broken.png").write_bytes(b"\x89PNG")
    (day / "notes.md").write_text("mine", encoding="utf-8")
    library.rebuild()
    assert sorted(read) == ["broken.png", "mine.png", "notes.md"]
    library.close()
    again = things.library()
    assert not again.index.fresh
    again.rebuild()
    assert len(read) == 3
    (day / "notes.md").write_text("longer than it was", encoding="utf-8")
    again.rebuild()
    assert read[3:] == ["notes.md"]
    (day / "mine.png").unlink()
    again.rebuild()
    assert sorted(Path(path).name for path in again.index.foreign()) == ["broken.png", "notes.md"]
    again.close()


def test_a_file_that_can_not_be_read_now_is_read_later(
    library: Library, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = keep(library)
    library.index.remove(item.id)

    def refuse(path: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(rebuild, "read_item", refuse)
    library.rebuild()
    assert library.index.foreign() == {}
    monkeypatch.undo()
    library.rebuild()
    assert paths(library) == [item.path]


def test_only_folders_that_were_changed_are_looked_into(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    item = keep(library)
    old, new = library.paths.pictures / "2020-01-01", library.paths.pictures / "2020-01-02"
    for day in (old, new):
        day.mkdir()
    for folder in (library.paths.pictures, library.trash.folder, Path(item.path).parent, old, new):
        os.utime(folder, (time.time() - 100,) * 2)
    library.look.again()
    listed: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (listed.append(Path(path).name), real(path))[1])
    assert not library.look.again().anything
    assert listed == []
    shutil.copy(item.path, new / "copy.png")
    assert library.look.again().added == 1
    assert listed == [new.name]


def test_what_is_removed_by_hand_is_gone_and_comes_back_with_its_star(library: Library, tmp_path: Path) -> None:
    item = keep(library)
    library.star([item.id], True)
    Path(item.path).rename(tmp_path / "away.png")
    found = library.look.again()
    assert (found.removed, paths(library)) == (1, [])
    (tmp_path / "away.png").rename(item.path)
    library.look.again()
    assert [(one.id, one.starred) for one in library.search(Query())] == [(item.id, True)]


def test_a_look_that_is_stopped_takes_nothing_away(library: Library) -> None:
    item = keep(library)
    library.look.stop()
    Path(item.path).unlink()
    library.rebuild()
    assert library.count() == 1


def test_a_look_at_many_files_says_how_far_it_is_and_can_be_stopped(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "_AT_ONCE", 2)
    items = [keep(library) for _ in range(7)]
    for item in items:
        library.index.remove(item.id)
    told: list[tuple[int, int]] = []
    found = library.look.again(True, lambda: len(told) == 2, lambda *at: told.append(at))
    assert (told, 4 <= found.added < 7) == ([(2, 7), (4, 7)], True)
    rest = library.look.again()
    assert found.added + rest.added == 7
    assert paths(library) == sorted(item.path for item in items)


def test_a_look_at_some_folders_reads_no_rows_of_others(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = keep(library), keep(library)
    other = library.paths.pictures / "2020-01-01" / "a % b_c"
    other.mkdir(parents=True)
    Path(first.path).rename(other / "first.png")
    library.look.again()
    assert paths(library) == sorted([str(other / "first.png"), second.path])
    monkeypatch.setattr(library.index, "files", lambda: pytest.fail("all rows were read"))
    (other / "first.png").unlink()
    Path(second.path).rename(library.paths.pictures / "second.png")
    found = library.look.again()
    assert paths(library) == [str(library.paths.pictures / "second.png")]
    assert found.anything

"""What a killed program was writing outside of the library's folders is removed at the next start."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.files.unfinished import PREFIX, unfinished_name
from studio.library.export import ExportOptions
from studio.library.library import Library
from tests.library import things
from tests.library.things import contents


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


def test_what_a_killed_export_left_in_a_folder_of_the_person_goes_at_the_next_start(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, out = library.keep(things.image_job(), things.pixels(), "m"), tmp_path / "out"
    monkeypatch.setattr(os, "link", lambda *_: os._exit(9))
    for export in (lambda: library.export([item], ExportOptions(folder=str(out))),
                   lambda: library.keep(things.image_job(), things.pixels(), "m", out)):  # fmt: skip
        child = os.fork()
        if not child:
            export()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    cached = library.paths.cache / "thumbnails" / "ab" / unfinished_name(".jpg")
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"half")
    os.utime(cached, (1, 1))
    (out / "mine").write_bytes(b"mine")
    assert len(contents(out)) == 3
    library.close()
    again = things.library()
    again.clean_up()
    assert contents(out) == {"mine"}
    assert not cached.exists()
    assert contents(library.paths.data / "elsewhere") == set()
    again.close()


def test_an_export_that_is_going_on_is_left_alone(library: Library, tmp_path: Path) -> None:
    with library._note_folder(tmp_path / "out"):
        unfinished = tmp_path / "out" / unfinished_name(".png")
        unfinished.parent.mkdir()
        unfinished.write_bytes(b"half")
        library.clean_up()
        assert unfinished.exists()
        assert contents(library.paths.data / "elsewhere")
    assert contents(library.paths.data / "elsewhere") == set()


def test_a_half_list_of_stars_goes(library: Library) -> None:
    half = library.paths.pictures / unfinished_name(".json")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"{")
    os.utime(half, (1, 1))
    library.close()
    again = things.library()
    again.clean_up()
    again.close()
    assert not half.exists()


def test_a_folder_of_the_persons_own_stays_wherever_it_lies(library: Library, tmp_path: Path) -> None:
    day = Path(library.keep(things.image_job(), things.pixels(), "m").path).parent
    places = (library.paths.pictures, day, library.paths.data, library.paths.cache, tmp_path / "out")
    with library._note_folder(tmp_path / "out"):
        pass
    for place in places:
        backup = place / f"{PREFIX}backup"
        backup.mkdir(parents=True)
        (backup / "1.png").write_bytes(b"mine")
        os.utime(backup, (1, 1))
    library.clean_up(lambda path: pytest.fail(f"{path} was thrown away"))
    assert all((place / f"{PREFIX}backup" / "1.png").read_bytes() == b"mine" for place in places)

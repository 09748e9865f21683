"""The library: on disk first, found again, and nothing lost when something fails."""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.errors import StudioError
from studio.core.saved import job_to_data
from studio.core.values import Asset, Job
from studio.files.unfinished import unfinished_name
from studio.library import index
from studio.library.index import Query
from studio.library.library import Library, text_of
from studio.library.metadata.making import read_making
from studio.library.paths import find_paths
from tests.library import things
from tests.library.things import contents


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


KEPT: list[tuple[Job, Asset]] = [
    (things.image_job("a red balloon"), things.pixels(7)),
    (things.write_job(), things.text("upon a time\r\n猫", seed=3)),
    (things.walk_job(), things.gif()),
    (things.walk_job(), things.mp4()),
    (things.walk_job(), things.webm()),
    (things.walk_job(), things.single_frames()),
]


@pytest.mark.parametrize(("job", "asset"), KEPT, ids=["png", "md", "gif", "mp4", "webm", "frames"])
def test_everything_is_on_disk_with_its_request(library: Library, job: Job, asset: Asset) -> None:
    item = library.keep(job, asset, "The model")
    assert library.index.get(item.id) == item == library.index.at(item.path)
    making = read_making(Path(item.path))
    assert making is not None
    assert making.data is not None
    assert making.data["job"] == item.job
    assert item.job["kind"] == job.task.kind
    assert (item.model, item.width, item.height) == ("The model", asset.width, asset.height)
    path = Path(item.path)
    assert path.parent.parent == library.paths.pictures
    assert len(path.parent.name) == len("2026-01-02")


def test_a_picture(library: Library) -> None:
    item = library.keep(things.image_job("a red balloon", seed=-1), things.pixels(7), "m")
    assert (item.kind, item.seed, item.prompt) == ("image", 7, "a red balloon")
    assert Path(item.path).name.endswith("-7-a-red-balloon.png")
    with Image.open(item.path) as image:
        assert image.tobytes() == things.pixels(7).data
    assert item.job["task"]["seed"] == 7


def test_a_text(library: Library) -> None:
    item = library.keep(things.write_job(), things.text("a\r\n---\n猫"), "m")
    assert text_of(item) == "a\r\n---\n猫"
    Path(item.path).unlink()
    with pytest.raises(StudioError, match="no longer there"):
        text_of(item)


def test_frames(library: Library) -> None:
    item = library.keep(things.walk_job(), things.single_frames(), "m")
    assert item.kind == "clip"
    assert contents(Path(item.path)) == {"00000.png", "00001.png", "00002.png", "00003.png", "about.md"}


def test_a_folder_of_ones_own(library: Library, tmp_path: Path) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m", tmp_path / "out")
    assert Path(item.path).parent == tmp_path / "out"
    assert library.search(Query()) == [item]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="./\\\x00\nCON😀猫\u202e\ud800"))
def test_any_prompt_stays_in_its_folder(library: Library, prompt: str) -> None:
    for item in (
        library.keep(things.image_job(prompt), things.pixels(1, 2), "m"),
        library.keep(things.write_job(prompt), things.text("x"), "m"),
    ):
        path = Path(item.path)
        assert path.parent.parent == library.paths.pictures
        assert path.resolve() == path
        assert path.is_file()
        making = read_making(path)
        assert making is not None
        assert making.data is not None
        assert making.data["job"] == item.job


def test_a_million_characters(library: Library) -> None:
    prompt = "balloon " * 125_000
    item = library.keep(things.image_job(prompt), things.pixels(), "m")
    assert library.search(Query(text="balloon")) == [item]
    assert item.prompt == prompt


def test_the_same_again_is_another_file(library: Library) -> None:
    paths = {library.keep(things.image_job(), things.pixels(), "m").path for _ in range(5)}
    assert len(paths) == library.count() == 5


def test_thumbnails(library: Library) -> None:
    for job, asset in KEPT:
        item = library.keep(job, asset, "m")
        if item.kind == "text":
            continue
        path = library.thumbnail(item, 16)
        with Image.open(path) as image:
            assert image.size == (16, 16)
        assert path.is_relative_to(library.paths.cache)
        assert library.thumbnail(item, 16) == path
        assert library.thumbnail(item, 8) != path


def test_thumbnails_of_what_is_gone_or_damaged(library: Library) -> None:
    for job, asset in (KEPT[0], KEPT[3]):
        item = library.keep(job, asset, "m")
        content = Path(item.path).read_bytes()
        Path(item.path).write_bytes(content[: len(content) // 4])
        with pytest.raises(StudioError, match="damaged"):
            library.thumbnail(item, 16)
        Path(item.path).unlink()
        with pytest.raises(StudioError, match="no longer there"):
            library.thumbnail(item, 16)
    assert contents(library.paths.cache) == set()


# -- trouble -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("job", "asset"), KEPT, ids=["png", "md", "gif", "mp4", "webm", "frames"])
def test_a_full_disk_leaves_nothing(library: Library, job: Job, asset: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudioError, match="The disk is full"):
        library.keep(job, asset, "m")
    monkeypatch.undo()
    assert contents(library.paths.pictures) == set()
    assert library.count() == 0


def test_a_file_in_the_days_place(library: Library) -> None:
    library.paths.pictures.parent.mkdir(parents=True, exist_ok=True)
    library.paths.pictures.write_bytes(b"mine")
    with pytest.raises(StudioError, match="there is a file where its folder should be"):
        library.keep(things.image_job(), things.pixels(), "m")


def test_an_index_that_refuses_loses_no_file(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_PATIENCE", 0.01)
    library.index.close()
    with contextlib.closing(sqlite3.connect(library.index.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        kept = library.keep(things.image_job("first"), things.pixels(), "m")
        assert Path(kept.path).exists()
        assert library.index.fresh
        other.execute("ROLLBACK")
    library.keep(things.image_job("second"), things.pixels(), "m")
    assert [item.prompt for item in library.search(Query())] == ["second", "first"]


def test_many_threads_keep(library: Library) -> None:
    def work() -> None:
        for _ in range(5):
            library.keep(things.image_job(), things.pixels(1, 4), "m")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert library.count() == len(contents(library.paths.pictures)) == 20


# -- from the files ----------------------------------------------------------------------------------------------------


def keep_all(library: Library) -> list[Any]:
    return [library.keep(job, asset, "m") for job, asset in KEPT]


def test_rebuilt_from_the_files(library: Library) -> None:
    items = keep_all(library)
    library.close()
    library.index.path.unlink()
    again = things.library()
    assert again.index.fresh
    assert again.rebuild() == 6
    assert sorted(again.search(Query()), key=lambda item: item.created) == items
    assert again.rebuild() == 0
    assert not again.index.fresh
    again.close()


def test_files_of_others_are_left_out(library: Library) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m")
    day = Path(item.path).parent
    Image.new("RGB", (4, 4)).save(day / "mine.png")
    (day / "notes.md").write_text("mine", encoding="utf-8")
    (day / "broken.png").write_bytes(b"\x89PNG")
    (day / "folder").mkdir()
    (day / "odd.png").mkdir()
    (day / "film.mp4").write_bytes(b"")
    (day / "film.webm").write_bytes(b"")
    assert library.rebuild() == 0
    assert library.search(Query()) == [item]


def test_hostile_files_do_not_stop_it(library: Library) -> None:
    item = library.keep(things.write_job(), things.text("x"), "m")
    data = {"triptych": 1, "job": {"task": {"prompt": ["x"], "seed": 2**80}}, "notes": {"width": -3, "height": "x"},
            "created": 1e999, "item": 5}  # fmt: skip
    import json

    (Path(item.path).parent / "odd.md").write_text(f"---\ntriptych: {json.dumps(data)}\n---\n", encoding="utf-8")
    assert library.rebuild() == 1
    found = next(each for each in library.search(Query()) if each.id != item.id)
    assert (found.seed, found.width, found.height) == (None, 0, 0)


def test_moved_copied_and_deleted_files(library: Library) -> None:
    moved, copied, deleted = (library.keep(things.image_job(word), things.pixels(), "m") for word in "abc")
    library.index.star(moved.id, True)
    other = library.paths.pictures / "favourites"
    other.mkdir()
    Path(moved.path).rename(other / "moved.png")
    (other / "copied.png").write_bytes(Path(copied.path).read_bytes())
    Path(deleted.path).unlink()
    assert library.rebuild() == 2
    found = library.index.get(moved.id)
    assert found is not None
    assert (found.path, found.starred) == (str(other / "moved.png"), True)
    assert library.index.get(copied.id) == copied
    assert library.count() == 3
    assert library.index.get(deleted.id) is None


def test_an_unplugged_drive_loses_no_rows(library: Library, tmp_path: Path) -> None:
    inside = library.keep(things.image_job(), things.pixels(), "m")
    outside = library.keep(things.image_job(), things.pixels(), "m", tmp_path / "drive" / "out")
    library.paths.pictures.rename(tmp_path / "away")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    library.rebuild()
    assert {item.id for item in library.search(Query())} == {inside.id, outside.id}


def test_a_folder_that_may_not_be_looked_into_loses_no_rows(library: Library, forbid: Callable[[Path], None]) -> None:
    hidden, found = (library.keep(things.image_job(word), things.pixels(), "m") for word in "ab")
    other = library.paths.pictures / "favourites"
    (other / "film").mkdir(parents=True)
    Path(found.path).rename(other / "b.png")
    library.index.remove(found.id)
    forbid(Path(hidden.path).parent)
    forbid(other / "film")
    assert library.rebuild() == 1
    assert {item.path for item in library.search(Query())} == {hidden.path, str(other / "b.png")}


def test_a_file_that_was_written_right_before_a_crash_is_found(library: Library) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m")
    library.index.remove(item.id)
    library.close()
    again = things.library()
    again.rebuild()  # as the window does beside itself, at each of its starts
    assert again.search(Query()) == [item]
    again.close()


def test_what_a_killed_run_left_is_cleaned(library: Library) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m")
    leftover = Path(item.path).parent / unfinished_name(".png")
    leftover.write_bytes(b"half")
    os.utime(leftover, (1, 1))
    library.close()
    again = things.library()
    again.clean_up()
    assert not leftover.exists()
    assert not again.index.fresh
    again.close()


def test_a_library_without_any_file() -> None:
    library = Library(find_paths())
    assert library.index.fresh
    assert library.rebuild() == 0
    assert library.count() == 0
    assert not library.index.fresh
    library.close()


def test_the_whole_request_is_kept(library: Library) -> None:
    job = things.image_job("x", negative="y", count=3, steps=7)
    item = library.keep(job, things.pixels(11), "m")
    whole = json.loads(json.dumps(job_to_data(job)))
    assert item.job == {**whole, "task": {**whole["task"], "seed": 11}}

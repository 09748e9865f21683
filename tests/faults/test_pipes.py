"""A pipe in a file's place, which nobody writes into: reading it would never end, so that nothing reads it."""

import os
import sys
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.engine.watched import _size_for_appending
from studio.files.log import open_log
from studio.files.reading import load_json, open_file, read_file
from studio.library.export import ExportOptions, export
from studio.library.library import Library
from studio.library.metadata.making import read_making
from studio.library.paths import find_paths
from studio.library.settings import Settings, SettingsFile
from studio.library.stars import StarList
from studio.shell.report import report
from tests.library import things
from tests.opened import Opened, drop, open_window
from tests.shell.rooms import room

pytestmark = [
    pytest.mark.timeout(60),  # it would wait for ever
    pytest.mark.skipif(sys.platform == "win32", reason="has no pipes with names in folders"),
]


def pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("what", ["pipe", "/dev/zero", "/dev/tty", "link", "folder"])
def test_only_plain_files_are_opened(tmp_path: Path, what: str) -> None:
    place = tmp_path / "x"
    match what:
        case "pipe":
            pipe(place)
        case "link":
            place.symlink_to(pipe(tmp_path / "pipe"))
        case "folder":
            place.mkdir()
        case _:
            place = Path(what)
    for read in (open_file, read_file, load_json):
        with pytest.raises((OSError, ValueError)):
            read(place)


def test_what_becomes_a_pipe_in_between_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"x")
    real = os.open

    def later(path: Path, *rest: int) -> int:
        return real(pipe(path), *rest)

    monkeypatch.setattr(os, "open", later)
    with pytest.raises(OSError, match="a device or a pipe"):
        open_file(place)


def test_the_window_opens_with_pipes_in_place_of_all_its_files(qtbot: QtBot, home: Path) -> None:
    paths = find_paths()
    for name in ("settings.json", "queue.json", "library.sqlite", "library.sqlite.rebuild", "elsewhere/.triptych-x"):
        pipe(paths.data / name)
    pipe(paths.pictures / ".stars.json")
    pipe(paths.pictures / "2026-01-02" / "a.png")
    pipe(paths.cache / "models.json")
    with open_window(qtbot) as opened:
        opened.library.rebuild()
        opened.library.clean_up()
        item = opened.library.keep(things.image_job(), things.pixels(), "m")
        opened.library.star([item.id], True)
        opened.services.change_settings(memory_mb=7)  # holds until the end
        assert opened.library.count() == 1
        assert StarList(paths.pictures / ".stars.json").names() == {item.id}
    assert (paths.data / "settings.json").is_fifo()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.png", "a.jpg", "a.webp", "a.mp4", "a.webm", "a.gif", "about.md"])
def test_a_pipe_that_is_dropped_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudioError):
        read_making(pipe(tmp_path / name).parent if name == "about.md" else pipe(tmp_path / name))


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_a_picture_with_a_pipe_of_its_name_beside_it_is_dropped(
    qtbot: QtBot, opened: Opened, tmp_path: Path, ending: str
) -> None:
    picture = tmp_path / f"photo{ending}"
    Image.new("RGB", (16, 16)).save(picture)
    pipe(tmp_path / "photo.txt")
    panel = room(opened, "image")
    drop(opened.window, picture)
    qtbot.waitUntil(lambda: panel.task().image == str(picture))


def kept(library: Library, name: str) -> Path:
    """A thing of the library whose file, or a file within it, is a pipe now."""
    job, asset = {
        "picture": (things.image_job(), things.pixels()),
        "text": (things.write_job(), things.text()),
        "film": (things.walk_job(), things.mp4()),
        "gif": (things.walk_job(), things.gif()),
        "frames": (things.walk_job(), things.single_frames()),
    }[name]
    return Path(library.keep(job, asset, "m").path)


@pytest.mark.parametrize("name", ["picture", "text", "film", "gif", "frames"])
@pytest.mark.parametrize("metadata", [True, False])
def test_a_thing_that_has_become_a_pipe_is_not_exported(tmp_path: Path, name: str, metadata: bool) -> None:
    library = things.library()
    path = kept(library, name)
    item = library.index.at(str(path))
    assert item is not None
    pipe(path / "00001.png" if path.is_dir() else path)
    options = ExportOptions(folder=str(tmp_path / "out"), metadata=metadata)
    if name == "frames":
        (whole,) = export([item], options)  # without what is no frame
        assert not (whole / "00001.png").exists()
    else:
        with pytest.raises(StudioError):
            export([item], options)
        with pytest.raises(StudioError):
            library.thumbnail(item, 64) if name != "text" else read_making(path)
    library.close()


def test_a_log_that_is_a_pipe_is_said(tmp_path: Path) -> None:
    pipe(tmp_path / "a.log")
    with pytest.raises(StudioError, match="a device or a pipe"):
        open_log(tmp_path, "a")


def test_settings_that_are_a_pipe_are_said_and_left_alone(tmp_path: Path) -> None:
    file = SettingsFile(pipe(tmp_path / "settings.json"))
    assert file.settings == Settings()
    assert "a device or a pipe" in file.notice


def test_the_engines_log_and_a_report_of_it(tmp_path: Path) -> None:
    assert _size_for_appending(pipe(tmp_path / "engine.log")) is None
    assert "it happened" in report("it happened", "", {}, [tmp_path / "engine.log"], [])

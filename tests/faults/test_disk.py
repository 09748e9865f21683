"""A disk that is full, read-only, unplugged, slow; an index that is locked, cut off, newer or gone: nothing is lost."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.files import atomic
from studio.files.unfinished import PREFIX
from studio.library.export import ExportOptions
from studio.library.index import Query
from studio.library.library import Library
from studio.library.paths import find_paths
from studio.library.settings import Settings, SettingsFile
from tests.app.scripted import picture
from tests.library import things
from tests.opened import Opened, open_window, press
from tests.shell.rooms import room

MB = 1024 * 1024


def mounted(folder: Path, options: str) -> bool:
    """Whether a small disk could be mounted there; only root can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "triptych-test", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    folder = tmp_path / "disk"
    if not mounted(folder, "size=3m"):
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, room_left: int = 0) -> Path:
    """Take all of the disk but ``room_left`` bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    if room_left:
        os.truncate(ballast, max(ballast.stat().st_size - room_left, 0))
    return ballast


def read_only(disk: Path, on: bool) -> None:
    subprocess.run(["mount", "-o", f"remount,{'ro' if on else 'rw'}", str(disk)], check=True)


def unfinished(folder: Path) -> list[Path]:
    return list(folder.rglob(f"{PREFIX}*"))


@pytest.fixture
def on_the_disk(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library with one picture on the small disk."""
    monkeypatch.setenv("TRIPTYCH_HOME", str(disk))
    library = things.library()
    library.rebuild()
    library.keep(things.image_job("the first"), things.pixels(1), "m")
    yield library
    library.close()


# -- full and read-only ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 4096, 12_288, 40_960])
@pytest.mark.parametrize(
    ("job", "asset"),
    [
        (things.image_job("noise"), lambda: things.pixels(3, size=256)),
        (things.write_job(), lambda: things.text("words " * 50_000)),
        (things.walk_job(), things.single_frames),
        (things.walk_job(), things.gif),
        (things.walk_job(), things.mp4),
    ],
    ids=["picture", "text", "frames", "gif", "mp4"],
)
def test_a_full_disk_keeps_all_or_nothing(
    on_the_disk: Library, disk: Path, job: object, asset: Callable[[], object], left: int
) -> None:
    before = things.contents(on_the_disk.paths.pictures)
    ballast = fill(disk, left)
    with contextlib.suppress(StudioError):
        on_the_disk.keep(job, asset(), "m")  # type: ignore[arg-type]
        before = things.contents(on_the_disk.paths.pictures)
    assert things.contents(on_the_disk.paths.pictures) == before
    assert not unfinished(disk)
    ballast.unlink()
    kept = on_the_disk.keep(job, asset(), "m")  # type: ignore[arg-type]
    assert Path(kept.path).exists()
    assert on_the_disk.index.get(kept.id) is not None
    on_the_disk.close()
    again = things.library()
    again.rebuild()
    assert {item.path for item in again.search(Query())} == {
        str(path) for day in on_the_disk.paths.pictures.glob("2*") for path in day.iterdir()
    }
    again.close()


@pytest.mark.parametrize("harm", ["full", "read-only"])
def test_settings_are_the_old_ones_or_the_new_ones(disk: Path, harm: str) -> None:
    file = SettingsFile(disk / "data" / "settings.json")
    file.save(Settings(memory_mb=1))
    ballast = fill(disk)
    if harm == "read-only":
        read_only(disk, True)
    rooms = {"image": {"task": {"prompt": "x" * 10_000}}}
    with pytest.raises(StudioError, match=r"settings\.json couldn't be written"):
        file.save(Settings(memory_mb=2, rooms=rooms))
    assert SettingsFile(file.path).settings == Settings(memory_mb=1)
    read_only(disk, False)
    ballast.unlink()
    file.write()
    assert SettingsFile(file.path).settings == Settings(memory_mb=2, rooms=rooms)
    assert not unfinished(disk)


@pytest.mark.parametrize("harm", ["full", "read-only"])
def test_an_export_says_so_and_leaves_nothing_half(library: Library, disk: Path, harm: str) -> None:
    items = [library.keep(things.image_job(), things.pixels(seed, size=256), "m") for seed in range(3)]
    ballast = fill(disk, 250_000)  # the first fits
    if harm == "read-only":
        read_only(disk, True)
    with pytest.raises(StudioError, match="disk is full" if harm == "full" else "read-only"):
        library.export(items, ExportOptions(folder=str(disk / "out")))
    assert not unfinished(disk)
    assert len(list((disk / "out").glob("*"))) == (1 if harm == "full" else 0)
    read_only(disk, False)
    ballast.unlink()


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


def test_in_the_window_a_full_disk_is_said_and_save_again_saves(
    qtbot: QtBot, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(disk))
    with open_window(qtbot) as opened:
        ballast = fill(disk)
        panel = make(qtbot, opened, size=128)
        qtbot.waitUntil(lambda: "disk is full" in panel.banner.message)
        assert "Nothing is lost" in panel.banner.message
        press(qtbot, panel.banner, "Save again")
        qtbot.waitUntil(lambda: "couldn't be saved" in panel.banner.message)
        ballast.unlink()
        opened.tracker.save_again(lambda left: None)
        qtbot.waitUntil(lambda: opened.library.count() == 1)
        assert not opened.tracker.unsaved


def make(qtbot: QtBot, opened: Opened, size: int = 16) -> object:
    """Have a picture made in the Image room."""
    panel = room(opened, "image")
    panel.prompt.set_text("a boat")
    count = len(opened.engine.jobs)
    panel.make()
    qtbot.waitUntil(lambda: len(opened.engine.jobs) > count)
    opened.engine.finish(picture(size=size, seed=count))
    return panel


# -- unplugged and slow ------------------------------------------------------------------------------------------------


def take_away(folder: Path) -> None:
    """Delete ``folder``, whatever the window's threads write into it or finish in it meanwhile."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def test_folders_that_vanish_in_the_middle(qtbot: QtBot) -> None:
    """First the pictures', then the studio's own: the window goes on, says so, and a new start has all there is."""
    with open_window(qtbot) as opened:
        make(qtbot, opened)
        qtbot.waitUntil(lambda: opened.library.count() == 1)
        take_away(opened.library.paths.pictures)
        make(qtbot, opened)
        qtbot.waitUntil(lambda: opened.library.count() == 2)
        take_away(opened.library.paths.data)
        opened.services.change_settings(memory_mb=77)
        for _ in range(3):
            make(qtbot, opened)
        qtbot.waitUntil(lambda: len(list(opened.library.paths.pictures.glob("*/*.png"))) == 4)
        opened.window.enter("library")
        qtbot.wait(50)
    with open_window(qtbot) as opened:
        assert opened.services.settings.memory_mb == 77
        opened.library.rebuild()
        assert opened.library.count() == 4


def test_a_place_where_no_folder_can_be_is_said(home: Path) -> None:
    (home / "data").write_bytes(b"a file")
    with pytest.raises(StudioError, match="there is a file where its folder should be"):
        Library(find_paths())


def test_a_slow_disk_never_holds_the_window_up(qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes a file once the window's loop has gone round twenty times: who waits for it waits for ever."""
    real, turned, stood_still = os.fsync, threading.Event(), list[str]()

    def slowly(descriptor: int) -> None:
        for _ in range(20):
            turned.clear()
            if not turned.wait(20):
                stood_still.append(threading.current_thread().name)
                break
        real(descriptor)

    clock = QTimer()
    clock.timeout.connect(turned.set)
    clock.start(5)
    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "fsync", slowly)
        panel = make(qtbot, opened)
        opened.services.change_settings(memory_mb=5)
        qtbot.waitUntil(lambda: opened.library.count() == 1)
        (item,) = opened.library.search(Query())
        opened.services.star([item], True)
        panel.remember()  # type: ignore[attr-defined]
        qtbot.waitUntil(lambda: opened.library.count(Query(starred=True)) == 1)
        written: list[bool] = []
        opened.background_tasks.do(lambda: None, lambda _: written.append(True))
        qtbot.waitUntil(lambda: bool(written))
    assert stood_still == []


# -- the index ---------------------------------------------------------------------------------------------------------


def test_a_locked_index_keeps_the_picture_and_lists_it_later(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.library.index._PATIENCE", 0.05)
    fresh = things.library()
    with contextlib.closing(sqlite3.connect(fresh.index.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        item = fresh.keep(things.image_job(), things.pixels(), "m")
        assert Path(item.path).exists()
        with pytest.raises(StudioError, match="in use by another program"):
            fresh.star([item.id], True)
        other.execute("ROLLBACK")
    second = fresh.keep(things.image_job(), things.pixels(), "m")
    assert {found.id for found in fresh.search(Query())} == {item.id, second.id}
    fresh.close()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.9, 0.999])
def test_a_cut_off_index_is_rebuilt_with_its_stars(library: Library, share: float) -> None:
    made = [library.keep(things.image_job(f"number {n}"), things.pixels(n), "m") for n in range(30)]
    library.star([made[3].id, made[7].id], True)
    library.close()
    path = library.index.path
    with contextlib.closing(sqlite3.connect(path)) as checked:
        checked.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, int(path.stat().st_size * share))
    again = things.library()
    with contextlib.suppress(StudioError):  # damage may be met only now; then the next start makes it anew
        again.rebuild()
        again.search(Query())
    again.close()
    last = things.library()
    last.rebuild()
    assert {item.id for item in last.search(Query())} == {item.id for item in made}
    assert {item.id for item in last.search(Query(starred=True))} == {made[3].id, made[7].id}
    last.close()


def test_an_index_from_a_newer_release_is_refused_and_not_touched(library: Library) -> None:
    library.keep(things.image_job(), things.pixels(), "m")
    library.close()
    with contextlib.closing(sqlite3.connect(library.index.path)) as newer:
        newer.execute("PRAGMA user_version = 999")
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = library.index.path.read_bytes()
    with pytest.raises(StudioError, match="newer Triptych"):
        things.library()
    assert library.index.path.read_bytes() == before


def test_an_index_deleted_while_the_window_is_open_costs_nothing(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        make(qtbot, opened)
        qtbot.waitUntil(lambda: opened.library.count() == 1)
        (item,) = opened.library.search(Query())
        for part in opened.library.paths.data.glob("library.sqlite*"):
            part.unlink()
        opened.services.star([item], True)
        make(qtbot, opened)
        qtbot.waitUntil(lambda: len(list(opened.library.paths.pictures.glob("*/*.png"))) == 2)
    with open_window(qtbot) as opened:
        assert opened.library.index.fresh
        opened.library.rebuild()
        assert opened.library.count() == 2
        assert [found.id for found in opened.library.search(Query(starred=True))] == [item.id]

"""A drive that is slow, or never answers: it delays neither the start nor the end, and what is made is waited for."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.app import services as desk_module
from studio.app import tracker as tracker_module
from studio.library import export as export_module
from studio.library.export import ExportOptions
from studio.library.index import Query
from studio.library.paths import find_paths
from tests.app.scripted import picture
from tests.library import things
from tests.opened import Behind, Opened, open_window
from tests.shell.rooms import room

ROOT = Path(__file__).resolve().parents[2]


class Drive:
    """The folder of pictures on a drive that doesn't answer until it is told to; it notes who asks in the window."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = str(folder)
        self.answers = threading.Event()
        self.asked_by_the_window: list[str] = []
        for name in ("stat", "lstat", "scandir", "listdir", "mkdir", "open"):
            monkeypatch.setattr(os, name, self._slow(getattr(os, name)))

    def _slow(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: Any = ".", *rest: Any, **options: Any) -> Any:
            if isinstance(path, str | Path) and str(path).startswith(self._folder):
                if threading.current_thread() is threading.main_thread():
                    self.asked_by_the_window.append(f"{real.__name__} {path}")
                else:
                    self.answers.wait()
            return real(path, *rest, **options)

        return ask


@pytest.fixture
def drive(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    """With a day's pictures on it."""
    library = things.library()
    for number in range(3):
        library.keep(things.image_job(), things.pixels(number), "m")
    library.rebuild()
    library.close()
    made = Drive(find_paths().pictures, monkeypatch)
    yield made
    made.answers.set()


@pytest.mark.parametrize("last", ["image", "library", "write"])
def test_the_window_asks_nothing_of_the_pictures_drive_itself(qtbot: QtBot, drive: Drive, last: str) -> None:
    """Neither at its start nor at its end; the looking around is done beside it."""
    drive.answers.set()
    with open_window(qtbot) as opened:
        room(opened, last)
    with open_window(qtbot) as opened:
        assert opened.window.room == last
        looked: list[object] = []
        opened.services.clean_up()
        opened.services.look_again(everything=True, then=looked.append)
        qtbot.waitUntil(lambda: bool(looked))
        opened.services.search(Query(), 10, looked.extend, opened.services)
        qtbot.waitUntil(lambda: len(looked) == 4)
    assert drive.asked_by_the_window == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "LEAVING", 0.01)


@pytest.fixture
def behind(qtbot: QtBot) -> Iterator[Behind]:
    made = Behind()
    made.worker.start()
    yield made
    made.close()


def test_a_look_at_a_drive_that_never_answers_is_not_waited_for(drive: Drive, behind: Behind, impatient: None) -> None:
    behind.services.clean_up()
    behind.services.look_again(everything=True)
    for item in behind.library.search(Query()):
        behind.services.thumbnail(item, lambda _: pytest.fail("told after the end"), behind.services)
    assert behind.services.close() is False, "it can't know that they have ended"
    drive.answers.set()


def test_a_scan_that_never_ends_holds_up_neither_an_export_nor_the_end(
    qtbot: QtBot, behind: Behind, impatient: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(behind.services.catalogue, "look", lambda *_: answers.wait())
    item = behind.library.keep(things.image_job(), things.pixels(), "m")
    behind.services.rescan_models()
    files: list[Path] = []
    behind.services.export([item], ExportOptions(folder=str(tmp_path / "out")), files.extend, pytest.fail)
    qtbot.waitUntil(lambda: len(files) == 1)
    assert behind.services.close()
    answers.set()


class Halfway:
    """Holds an export in the middle of its second file."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self._count = 0
        self._real = export_module._encode
        monkeypatch.setattr(export_module, "_encode", self)

    def __call__(self, *rest: Any) -> None:
        self._count += 1
        if self._count == 2:
            self.begun.set()
            self.goes_on.wait()
        self._real(*rest)


@pytest.fixture
def halfway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Halfway]:
    made = Halfway(monkeypatch)
    yield made
    made.goes_on.set()


def test_an_export_ends_with_the_file_at_which_one_quits(
    qtbot: QtBot, opened: Opened, halfway: Halfway, tmp_path: Path
) -> None:
    items = [opened.library.keep(things.image_job(), things.pixels(n), "m") for n in range(50)]
    opened.services.export(items, ExportOptions(folder=str(tmp_path / "out")), pytest.fail, pytest.fail)
    assert halfway.begun.wait(20)
    opened.window.close()
    threading.Timer(0.05, halfway.goes_on.set).start()
    assert opened.services.close()
    assert len(things.contents(tmp_path / "out")) == 2
    assert all(name.endswith(".png") and not name.startswith(".") for name in things.contents(tmp_path / "out"))


def test_an_export_ends_when_one_stops_it(qtbot: QtBot, opened: Opened, halfway: Halfway, tmp_path: Path) -> None:
    items = [opened.library.keep(things.image_job(), things.pixels(n), "m") for n in range(50)]
    files = list[Path]()
    export = opened.services.export(items, ExportOptions(folder=str(tmp_path / "out")), files.extend, pytest.fail)
    assert halfway.begun.wait(20)
    export.stop()
    halfway.goes_on.set()
    qtbot.waitUntil(lambda: len(files) == 2)
    assert {path.name for path in files} == things.contents(tmp_path / "out")


@pytest.mark.parametrize("kind", ["film", "frames"])
def test_what_is_being_copied_when_one_stops_leaves_nothing(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(export_module, "_AT_ONCE", 100)
    item = opened.library.keep(things.walk_job(), things.mp4() if kind == "film" else things.single_frames(), "m")
    asked: list[bool] = []

    def in_the_middle() -> bool:
        asked.append(True)
        return len(asked) > 3

    assert opened.library.export([item], ExportOptions(folder=str(tmp_path / "out")), in_the_middle) == []
    assert things.contents(tmp_path / "out") == set()


def test_what_was_made_is_waited_for_at_the_end_though_the_drive_is_slow(qtbot: QtBot, drive: Drive) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        panel.prompt.set_text("a boat")
        panel.make()
        qtbot.waitUntil(lambda: bool(opened.engine.jobs))
        opened.engine.finish(picture())
        qtbot.waitUntil(lambda: bool(opened.tracker._writing))
        threading.Timer(0.05, drive.answers.set).start()
    assert len(list(find_paths().pictures.glob("*/*.png"))) == 4


def test_a_drive_that_never_takes_what_was_made_is_waited_for_within_bounds(
    qtbot: QtBot, drive: Drive, behind: Behind, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.background_tasks.do(lambda: behind.library.keep(things.image_job(), things.pixels(), "m"))
    monkeypatch.setattr(tracker_module.Tracker.close, "__defaults__", (0.01,))
    assert behind.services.close() is False
    drive.answers.set()


HELD = """
import sys, threading
from studio.library.library import Library
from studio.models.catalogue import ModelCatalogue
from studio.shell import start

def never(*_):
    asked.append(True)
    if len(asked) == 2:
        print("busy", flush=True)
    threading.Event().wait()

asked = []
ModelCatalogue.look = Library.clean_up = never
start.make_engine = lambda kind, paths: Engine()
sys.path.insert(0, ".")
from tests.app.scripted import ScriptedEngine as Engine
sys.exit(start.main([]))
"""


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_the_program_ends_when_it_is_asked_to_whatever_a_drive_does(home: Path) -> None:
    environment = {**os.environ, "TRIPTYCH_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([sys.executable, "-c", HELD], env=environment, cwd=ROOT, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"busy\n"
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
    assert (home / "data" / "settings.json").exists(), "what it remembers is kept"
    assert not (home / "data" / "window" / "lock").exists()
    assert "was left" in (home / "logs" / "triptych.log").read_text(encoding="utf-8")


def test_leaving_at_once_says_how_it_went() -> None:
    program = "from studio.shell.start import leave_at_once; leave_at_once(3)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 3

"""The crash report: shown for what nobody caught and for an engine that is gone, without anything private, copied."""

import getpass
import platform
import pwd
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.cli.values import read_address
from studio.core.errors import StudioError
from studio.core.events import EngineState, Failed
from studio.core.resources import ROOT
from studio.library.paths import find_paths
from studio.shell.crash import CrashDialog
from studio.shell.log import watch_for_bugs
from studio.shell.report import private_texts, report, without_private
from studio.shell.window import Window
from tests.opened import LEFT, in_menu, press
from tests.shell.conftest import Opened
from tests.shell.rooms import room
from tests.ui.accessible import clipped, lacking

PROMPT = "my secret garden with seven roses"
TOKEN = "hf_abcdefghijklmnopqrstuvwxyz0123"


def shown(opened: Opened) -> list[CrashDialog]:
    return [one for one in opened.window.findChildren(CrashDialog) if one.isVisible()]


def the_report(qtbot: QtBot, opened: Opened) -> CrashDialog:
    qtbot.waitUntil(lambda: len(shown(opened)) == 1)
    return shown(opened)[0]


def button(dialog: CrashDialog, words: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == words)


@pytest.fixture
def watched(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    watch_for_bugs(opened.window.crashes.bug)
    return opened


# -- what is private ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "private"),
    [
        (f"ValueError: {PROMPT!r} is odd", PROMPT),
        (f"ValueError: {PROMPT[:25]!r}... is odd", PROMPT),
        ("120301-7-My-Secret-Garden-with-seven-roses.png", PROMPT),
        ("no model for 夜里的红猫在屋顶上", "夜里的红猫在屋顶上"),
        ("夜里的红猫 x", "夜里的红猫在屋顶上"),
        ("KeyError: 'Ann'", "Ann"),
        (f"https://x/?token={TOKEN}", TOKEN),
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        (f"the header {TOKEN} was refused", TOKEN),
        (f"{Path.home()}/Pictures/Triptych/a.png couldn't be written", str(Path.home())),
        ("/media/ann/My Drive/models/x.safetensors is cut off", "/media/ann"),
        ("C:\\Users\\Ann\\x.png is cut off", "Users"),
        ("\\\\server\\share\\x.png is cut off", "server"),
        (f"on {platform.node()} by {getpass.getuser()}", platform.node()),
    ],
)
def test_nothing_private_is_in_it(text: str, private: str) -> None:
    said = without_private(text, [PROMPT, "夜里的红猫在屋顶上", "Ann"])
    for words in {private, *(private.split() if private == PROMPT else [])} - {"with"}:
        assert words.lower() not in said.lower()


def test_what_helps_is_in_it(tmp_path: Path) -> None:
    trace = (
        f'  File "{ROOT}/studio/app/services.py", line 10, in make\n    raise ValueError\n'
        f'  File "{sys.prefix}/lib/python3.11/site-packages/PIL/Image.py", line 5, in open\n'
        '  File "/home/ann/odd place/own.py", line 1, in <module>\nValueError: 3 is not 4'
    )
    log = tmp_path / "triptych.log"
    log.write_text("".join(f"2026-01-02 10:00:00 WARNING studio.x: line {n}\n" for n in range(99)), encoding="utf-8")
    said = report("ValueError: 3 is not 4", trace, {"device": "cpu", "dtype": "float32"}, [log, tmp_path / "none"], [])
    for words in (
        "ValueError: 3 is not 4", 'File "studio/app/services.py", line 10, in make', "site-packages/PIL/Image.py",
        'File "…/own.py"', "device: cpu", "dtype: float32", "torch 2", "PySide6_Essentials 6", "Python 3",
        "2026-01-02 10:00:00 WARNING studio.x: line 98", "line 69\n",
    ):  # fmt: skip
        assert words in said
    assert "line 68" not in said
    assert "ann" not in said


def test_the_texts_of_a_person_are_known_by_their_fields() -> None:
    values = {"task": {"prompt": "cat", "steps": 3, "mode": "draft", "history": [{"text": "hello", "role": "user"}]}}
    assert set(private_texts({**values, "note": "two words"})) == {"cat", "hello", "two words"}


# -- when it is shown --------------------------------------------------------------------------------------------------


@pytest.mark.no_qt_log
def test_a_bug_in_the_window_is_shown_and_copied(qtbot: QtBot, watched: Opened) -> None:
    panel = room(watched, "image")
    panel.prompt.set_text(PROMPT)
    panel.remember()

    def fail() -> None:
        raise ValueError(f"{PROMPT} in {Path.home() / 'x'} with {TOKEN}")

    QTimer.singleShot(0, fail)
    dialog = the_report(qtbot, watched)
    assert not dialog.isModal()
    qtbot.mouseClick(button(dialog, "Copy report"), LEFT)
    said = QGuiApplication.clipboard().text()
    assert dialog.copy.text() == "Copied"
    assert "ValueError" in said
    assert 'File "tests/shell/test_crash.py"' in said
    assert "device: cpu" in said
    for private in ("secret", "roses", str(Path.home()), TOKEN):
        assert private not in said
    assert lacking(dialog) == []
    assert clipped(dialog) == []
    qtbot.mouseClick(button(dialog, "Close"), LEFT)
    assert not shown(watched)


@pytest.mark.no_qt_log
def test_the_same_again_is_only_said_in_short(qtbot: QtBot, watched: Opened) -> None:
    for _ in range(3):
        QTimer.singleShot(0, lambda: 1 // 0)
    dialog = the_report(qtbot, watched)
    qtbot.waitUntil(lambda: len(watched.window._toasts.messages) == 1)
    dialog.close()
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.wait(50)
    assert not shown(watched)
    press(qtbot, watched.window._toasts, "Report")
    assert "ZeroDivisionError" in the_report(qtbot, watched).text.toPlainText()


def test_a_bug_in_another_thread_is_shown_by_the_window(qtbot: QtBot, watched: Opened) -> None:
    thread = threading.Thread(target=lambda: next(iter(())))
    thread.start()
    thread.join()
    assert "StopIteration" in the_report(qtbot, watched).text.toPlainText()


def test_an_engine_that_is_gone_is_shown(qtbot: QtBot, opened: Opened) -> None:
    opened.engine.push(EngineState("gone", "The engine stopped 3 times within a minute: a broken driver"))
    assert "a broken driver" in the_report(qtbot, opened).text.toPlainText()


def test_a_request_that_the_engine_died_of_twice_is_shown(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.prompt.set_text(PROMPT)
    panel.make()
    for _ in range(2):
        job = opened.engine.jobs[-1]
        opened.engine.start()
        opened.engine.push(Failed(job.id, "engine_died", "It died.", "Fatal Python error: Segmentation fault"))
        qtbot.waitUntil(lambda: opened.tracker.line[0].over)
        if opened.tracker.line[0].can_retry:
            assert not shown(opened)
            press(qtbot, panel.banner, "Try again")
            qtbot.waitUntil(lambda: len(opened.engine.jobs) == 2)
    assert "Segmentation fault" in the_report(qtbot, opened).text.toPlainText()


@pytest.mark.qt_log_ignore("This plugin does not support")  # without a screen
def test_the_help_menu_opens_the_log_and_a_report(
    qtbot: QtBot, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: seen.append(url.toLocalFile()))
    monkeypatch.setattr(opened.window, "_log", str(tmp_path / "triptych.log"))
    helping = opened.window._rail.help
    in_menu(lambda: qtbot.mouseClick(helping, LEFT), "Open log\tCtrl+Shift+L")
    assert seen == [str(tmp_path / "triptych.log")]
    in_menu(lambda: qtbot.mouseClick(helping, LEFT), "Report a problem…")
    dialog = the_report(qtbot, opened)
    qtbot.mouseClick(button(dialog, "Open log"), LEFT)
    assert len(seen) == 2


def test_no_report_is_made_of_the_end(qtbot: QtBot, opened: Opened) -> None:
    opened.window.close()
    opened.engine.push(EngineState("gone", "The engine was closed."))
    qtbot.waitUntil(lambda: opened.services.engine.state == "gone")
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog) and one.isVisible()]
    assert isinstance(opened.window, Window)


@pytest.mark.no_qt_log
def test_a_report_that_fails_makes_no_other(qtbot: QtBot, watched: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the system may know neither name nor home; whatever else a report meets, it isn't reported."""
    asked: list[str] = []

    def unknown(*_: object) -> NoReturn:
        asked.append("")
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("studio.shell.crash.report", unknown)
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.waitUntil(lambda: bool(asked))
    told: list[str] = []
    QTimer.singleShot(20, lambda: told.append(""))
    qtbot.waitUntil(lambda: bool(told))
    assert len(asked) == 1
    assert not shown(watched)


@pytest.mark.no_qt_log
def test_what_goes_wrong_at_every_painting_is_not_told_without_end(qtbot: QtBot, watched: Opened) -> None:
    failed: list[int] = []

    def fail() -> None:
        failed.append(len(failed))
        raise ValueError(f"the {len(failed)}. time")

    notices: list[object] = []
    watched.services.noticed.connect(notices.append)
    timer = QTimer()
    timer.timeout.connect(fail)
    timer.start(0)
    qtbot.waitUntil(lambda: len(failed) > 60)
    timer.stop()
    QCoreApplication.sendPostedEvents(watched.window.crashes, QEvent.Type.MetaCall)
    assert shown(watched)
    assert len(notices) < 20


def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that was started with the number of a user whom its system doesn't know."""

    def unknown(*_: object) -> NoReturn:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.no_qt_log
def test_a_person_without_a_name_and_a_home_gets_the_report(
    qtbot: QtBot, watched: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody(monkeypatch)
    QTimer.singleShot(0, lambda: 1 // 0)
    assert "ZeroDivisionError" in the_report(qtbot, watched).text.toPlainText()


def test_everything_that_asks_for_a_home_copes_without(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    nobody(monkeypatch)
    opened.window._status.show_count()
    qtbot.waitUntil(lambda: str(opened.library.paths.pictures) in opened.window._status.kept.whole())
    assert find_paths().data == home / "data"
    assert read_address("starter:scenes") == "starter:scenes"
    with pytest.raises(StudioError, match="no model at"):
        read_address("~/models")
    monkeypatch.delenv("TRIPTYCH_HOME")
    with pytest.raises(StudioError, match="TRIPTYCH_HOME"):
        find_paths()

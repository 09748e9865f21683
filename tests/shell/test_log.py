"""What nobody caught is logged and said; the program goes on."""

import sys
import threading

import pytest
from PySide6.QtCore import QTimer, qInstallMessageHandler, qWarning
from pytestqt.qtbot import QtBot

from studio.shell.log import log_qt, watch_for_bugs


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    said: list[str] = []
    watch_for_bugs(lambda words, trace: said.append(words) if "Traceback" in trace else None)
    return said


def test_a_bug_in_a_thread_is_said(told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    thread = threading.Thread(target=lambda: next(iter(())))
    thread.start()
    thread.join()
    assert told == ["StopIteration: "]
    assert "Traceback" in caplog.text


@pytest.mark.no_qt_log
def test_a_bug_in_the_window_is_said(qtbot: QtBot, told: list[str]) -> None:
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.waitUntil(lambda: told == ["ZeroDivisionError: integer division or modulo by zero"])


def test_ctrl_c_is_no_bug(told: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


@pytest.mark.no_qt_log
def test_what_qt_says_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    log_qt()
    try:
        qWarning("a bad style sheet")
    finally:
        qInstallMessageHandler(None)
    assert ("studio.qt", 30, "a bad style sheet") in caplog.record_tuples

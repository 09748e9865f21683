"""How a trip drives the program: the started studio, and what a person does with mouse and keyboard."""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QMimeData,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QUrl,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.app.job_handle import JobHandle
from studio.shell.start import Studio

PATIENCE = 60_000
"""Milliseconds: a busy machine may take long to start an engine, and a trip tests behaviour, not speed."""
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
ROOMS = {"write": Qt.Key.Key_1, "image": Qt.Key.Key_2, "latent": Qt.Key.Key_3, "library": Qt.Key.Key_4}


@contextlib.contextmanager
def opened(app: QApplication, home: Path) -> Iterator[Studio]:
    """The program as ``studio.shell.start.main`` starts it, with its files in ``home``, until the block is left.

    The hooks that it takes are given back at once, so that an uncaught exception or a warning of Qt's fails the trip;
    and its log must hold no error at the end but the death of a child that was killed.
    """
    log = logging.getLogger("studio")
    handlers, hooks = set(log.handlers), (sys.excepthook, threading.excepthook)
    qt = qInstallMessageHandler(None)
    places = {"TRIPTYCH_HOME": home, "XDG_DATA_HOME": home / "xdg"}
    with mock.patch.dict(os.environ, {name: str(place) for name, place in places.items()}):
        studio = Studio(app)
        sys.excepthook, threading.excepthook = hooks
        qInstallMessageHandler(qt)
        studio.show()
        try:
            bring_forward(studio.window)
            yield studio
        finally:
            studio.window.close()
            studio.close()
            studio.window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            for handler in set(log.handlers) - handlers:
                log.removeHandler(handler)
                handler.close()
    said = (home / "logs" / "triptych.log").read_text(encoding="utf-8").splitlines()
    assert not [line for line in said if " ERROR " in line and "the engine's child died" not in line]


def bring_forward(window: QWidget) -> None:
    """Give ``window`` the keyboard; without a screen nobody else does, not even when a dialog has closed."""
    window.activateWindow()
    while not window.isActiveWindow():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


class Hands:
    """A person at the window: goes to rooms, types, clicks, waits and looks."""

    def __init__(self, qtbot: QtBot, studio: Studio) -> None:
        self.qtbot, self.studio, self.window = qtbot, studio, studio.window

    def until(self, true: Callable[[], object]) -> None:
        """Wait until ``true()`` is."""
        self.qtbot.waitUntil(lambda: bool(true()), timeout=PATIENCE)

    def enter(self, room: str) -> Any:
        """Go to ``room`` with its shortcut; returns its panel."""
        self.qtbot.keyClick(self.window, ROOMS[room], CONTROL)
        assert self.window.room == room
        return self.window.panel()

    def click(self, button: QWidget) -> None:
        """Click a button that can be seen and pressed."""
        assert button.isVisible(), button.accessibleName()
        assert button.isEnabled(), button.accessibleName()
        self.qtbot.mouseClick(button, LEFT)

    def press(self, inside: QWidget, words: str) -> None:
        """Click the button with these words."""
        buttons = [one for one in inside.findChildren(QPushButton) if one.text() == words and one.isVisible()]
        assert len(buttons) == 1, f"{len(buttons)} buttons say {words!r}"
        self.click(buttons[0])

    def type(self, edit: QWidget, text: str) -> None:
        """Type ``text`` in place of what stands there."""
        edit.setFocus()
        self.qtbot.keyClick(edit, Qt.Key.Key_A, CONTROL)
        self.qtbot.keyClick(edit, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(edit, text)

    def number(self, form: Any, name: str, value: int) -> None:
        """Type a number into the box of the field ``name``."""
        box = form.control(name).box
        self.type(box, str(value))
        self.qtbot.keyClick(box, Qt.Key.Key_Tab)
        assert form.values()[name] == value

    def seed(self, form: Any, value: int) -> None:
        """Type a seed, which locks it."""
        self.type(form.control("seed").edit, str(value))
        assert form.values()["seed"] == value

    def newest(self) -> JobHandle:
        """The run that was asked for last."""
        return self.studio.tracker.line[-1]

    def make(self, edit: QWidget) -> JobHandle:
        """Press Ctrl+Enter where one has typed."""
        self.qtbot.keyClick(edit, Qt.Key.Key_Return, CONTROL)
        return self.newest()

    def finish(self, run: JobHandle) -> None:
        """Wait for the end of ``run``, which must be a good one."""
        self.until(lambda: run.over)
        assert run.state == "done", f"{run.message}\n{run.detail}"

    def drag(self, widget: QWidget, start: QPoint, *way: QPoint) -> None:
        """Press the mouse at ``start``, move it along ``way`` and let go."""
        QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, start)
        for spot in way:
            QTest.mouseMove(widget, spot)
            QCoreApplication.processEvents()
        QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, way[-1])

    def drop(self, widget: QWidget, file: Path) -> None:
        """Drop ``file`` on the middle of ``widget``, as a file manager does."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        middle, copy = widget.rect().center(), Qt.DropAction.CopyAction
        entering = QDragEnterEvent(middle, copy, mime, LEFT, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(widget, entering)
        assert entering.isAccepted()
        dropping = QDropEvent(QPointF(middle), copy, mime, LEFT, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(widget, dropping)
        assert dropping.isAccepted()

    def in_dialog(self, open_it: Callable[[], object], use: Callable[[Any], object]) -> None:
        """``open_it`` opens a dialog and returns when it is closed; ``use`` is called with it meanwhile."""
        used: list[bool] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QDialog):
                timer.stop()
                try:
                    use(dialog)
                    used.append(True)
                except BaseException:
                    dialog.reject()  # or the trip would hang in the dialog's own loop
                    raise

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(20)
        open_it()
        bring_forward(self.window)
        assert used


def made(home: Path, ending: str) -> list[Path]:
    """The files with this ending that the studio has made, oldest name first."""
    return sorted(home.glob(f"Pictures/Triptych/*/*{ending}"))

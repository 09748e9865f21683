"""The whole window on a scripted engine: every room in milliseconds, with a real library and the bundled starters."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.app.background_tasks import BackgroundTasks
from studio.app.services import StudioServices
from studio.app.tracker import Tracker
from studio.app.worker import Worker
from studio.core.resources import starters
from studio.core.values import Asset, Job
from studio.features import task_types
from studio.library.index import Item
from studio.library.library import Library
from studio.library.paths import find_paths
from studio.library.settings import SettingsFile
from studio.models.catalogue import ModelCatalogue
from studio.shell.window import Window
from studio.ui.theme import apply_theme
from tests.app.scripted import ScriptedEngine

CONTROL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton


class Behind:
    """The real services with a real library and the bundled starters, on an engine that does what the test says."""

    def __init__(self) -> None:
        paths = find_paths()
        self.engine = ScriptedEngine()
        self.library = Library(paths)
        self.refusal: Exception | None = None
        self.worker, self.background_tasks = Worker(self.engine), BackgroundTasks()
        inputs, line = self.library.inputs, paths.data / "queue.json"
        self.tracker = Tracker(self.worker, self.background_tasks, self._keep, inputs, line, task_types())
        settings = SettingsFile(paths.data / "settings.json")
        catalogue = ModelCatalogue(
            starters(), settings.settings.model_folders, paths.cache / "models.json", paths.trained
        )
        self.services = StudioServices(
            self.tracker, self.background_tasks, self.library, catalogue, settings, task_types()
        )

    def _keep(self, job: Job, asset: Asset, folder: Path | None = None) -> Item:
        if self.refusal is not None:
            raise self.refusal
        return self.library.keep(job, asset, "A model", folder)

    def close(self) -> None:
        self.services.close()
        self.library.close()


class Opened(Behind):
    """The same with its window."""

    def __init__(self) -> None:
        super().__init__()
        self.window = Window(self.services, "")

    def close_window(self, qtbot: QtBot) -> None:
        """Close the window as a person does, and wait until all that it remembers is on the disk."""
        self.window.close()
        written: list[bool] = []
        self.background_tasks.do(lambda: None, lambda _: written.append(True))
        qtbot.waitUntil(lambda: bool(written))

    def close(self) -> None:
        self.tracker.unsaved.clear()  # or closing would ask
        self.window.close()
        super().close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@contextlib.contextmanager
def open_window(qtbot: QtBot) -> Iterator[Opened]:
    """The window until the block is left; open it twice in one test to see what it remembers.

    In the end no thread may be left.
    """
    before = set(threading.enumerate())
    opened = Opened()
    opened.window.resize(1280, 800)
    opened.window.show()
    with qtbot.waitSignal(opened.services.engine_changed, check_params_cb=lambda state: state.state == "ready"):
        opened.worker.start()
    try:
        yield opened
    finally:
        opened.close()
    assert opened.worker.isFinished()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "xdg"))  # the trash
    apply_theme(qapp, "dark")
    with open_window(qtbot) as window:
        yield window


# -- what a person does -----------------------------------------------------------------------------------------------


def room(opened: Opened, name: str) -> Any:
    """Enter a room by its key and return its panel."""
    opened.window.enter(name)
    return opened.window.panel()


def press(qtbot: QtBot, inside: QWidget, words: str) -> None:
    """Click the button that says ``words``."""
    buttons = [one for one in inside.findChildren(QPushButton) if one.text() == words and one.isVisible()]
    assert len(buttons) == 1, f"{len(buttons)} buttons say {words!r}"
    qtbot.mouseClick(buttons[0], LEFT)


def drop(widget: QWidget, *files: Path, mime: QMimeData | None = None) -> None:
    """Drop ``files``, or ``mime``, on the middle of ``widget``."""
    if mime is None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    middle, copy = widget.rect().center(), Qt.DropAction.CopyAction
    entering = QDragEnterEvent(middle, copy, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(widget, entering)
    assert entering.isAccepted()
    dropping = QDropEvent(QPointF(middle), copy, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(widget, dropping)
    assert dropping.isAccepted()


def drag(qtbot: QtBot, widget: QWidget, start: QPoint, end: QPoint) -> None:
    """Press the mouse at ``start``, move it to ``end`` and let go."""
    qtbot.mousePress(widget, LEFT, pos=start)
    qtbot.mouseMove(widget, (start + end) / 2)
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, LEFT, pos=end)


def ask_menu(widget: QWidget, spot: QPoint) -> None:
    """Press the right button at ``spot``."""
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, widget.mapToGlobal(spot))
    QCoreApplication.sendEvent(widget, asked)


def in_dialog(open_it: Callable[[], object], use: Callable[[Any], object]) -> None:
    """``open_it`` opens a dialog and returns when it is closed; ``use`` is called with it meanwhile."""
    used: list[bool] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            timer.stop()
            try:
                use(dialog)
                used.append(True)
            finally:
                dialog.close()  # or the test would hang in the dialog's own loop

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(1)
    open_it()
    assert used


def in_menu(open_it: Callable[[], object], words: str) -> None:
    """``open_it`` opens a menu; its entry ``words`` is clicked."""
    taken: list[bool] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            timer.stop()
            entry = next((action for action in menu.actions() if action.text() == words), None)
            if entry is None:
                menu.close()  # or the test would hang in the menu's own loop
            else:
                taken.append(True)
                QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(1)
    open_it()
    assert taken

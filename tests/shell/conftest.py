"""The whole window on a scripted engine: every room in milliseconds, with a real library and the bundled starters."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.desk import Desk
from studio.app.errands import Errands
from studio.app.tracker import Tracker
from studio.app.worker import Worker
from studio.core.values import Asset, Job
from studio.features import task_types
from studio.library.index import Item
from studio.library.library import Library
from studio.library.paths import find_paths
from studio.library.settings import SettingsFile
from studio.models.shelf import Shelf
from studio.shell.start import RESOURCES
from studio.shell.window import Window
from studio.ui.theme import apply_theme
from tests.app.scripted import ScriptedEngine


class Opened:
    """A window, what stands behind it, and the engine that does what the test says."""

    def __init__(self) -> None:
        paths = find_paths()
        self.engine = ScriptedEngine()
        self.library = Library(paths)
        self.refusal: Exception | None = None
        self.worker, errands = Worker(self.engine), Errands()
        self.tracker = Tracker(self.worker, errands, self._keep, paths.data / "queue.json", task_types())
        shelf, settings = Shelf(RESOURCES / "starters"), SettingsFile(paths.data / "settings.json")
        self.desk = Desk(self.tracker, errands, self.library, shelf, settings, task_types())
        self.window = Window(self.desk, "")

    def _keep(self, job: Job, asset: Asset) -> Item:
        if self.refusal is not None:
            raise self.refusal
        return self.library.keep(job, asset, "A model")

    def close(self) -> None:
        self.window.close()
        self.tracker.close()
        self.library.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@contextlib.contextmanager
def open_window(qtbot: QtBot) -> Iterator[Opened]:
    """The window until the block is left; open it twice in one test to see what it remembers."""
    opened = Opened()
    opened.window.resize(1280, 800)
    opened.window.show()
    with qtbot.waitSignal(opened.desk.engine_changed, check_params_cb=lambda state: state.state == "ready"):
        opened.worker.start()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, home: Path) -> Iterator[Opened]:
    apply_theme(qapp, "dark")
    with open_window(qtbot) as window:
        yield window

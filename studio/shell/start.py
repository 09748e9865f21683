"""The start of the window: everything is put together here, and nowhere else."""

import argparse
import importlib
import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtGui import QFontDatabase, QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from studio import __version__
from studio.app.desk import Desk
from studio.app.errands import Errands
from studio.app.garbage import Garbage
from studio.app.tracker import Tracker
from studio.app.worker import Worker
from studio.core.context import Models
from studio.core.engine_config import EngineConfig
from studio.core.errors import StudioError
from studio.core.resources import RESOURCES, starters
from studio.core.text import tr, tr_count, use_language
from studio.core.values import Asset, Job
from studio.engine.local import LocalEngine
from studio.engine.protocol import Engine
from studio.engine.remote import RemoteEngine
from studio.features import task_types
from studio.files.hashes import model_hash
from studio.files.log import open_log
from studio.library.index import Item
from studio.library.library import Library
from studio.library.paths import Paths, find_paths
from studio.library.settings import Settings, SettingsFile, engine_config
from studio.models.shelf import Shelf
from studio.shell.log import log_qt, watch_for_bugs
from studio.shell.seat import Seat
from studio.shell.signals import closing_on_signals
from studio.shell.window import Window
from studio.ui.pixels import tell_colours
from studio.ui.plain import message
from studio.ui.theme import apply_theme

log = logging.getLogger(__name__)
POOL, TASKS = "studio.ml.pool:Pool", "studio.features:job_types"
PAINTED_MS = 100
"""After this the window was painted, or nobody looks at it."""
FONTS = ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")
"""The systems' fonts for Chinese. Qt alone takes any that has the characters, often a bold or a Japanese one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    options = _options(argv)
    app = QApplication.instance() or QApplication(["triptych"])
    assert isinstance(app, QApplication)
    try:
        seat = Seat(find_paths().data)
        if not seat.take() and not _open_anyway(app, seat):
            return _call_the_other(app, seat) if seat.elsewhere is None else 0
        studio = Studio(app, options.engine)
    except StudioError as error:
        message(QMessageBox.Icon.Critical, error.message).exec()
        return 1
    studio.show()
    seat.listen(studio.window.come_forward)
    with closing_on_signals(app.closeAllWindows, app):
        status = app.exec()
        ended = studio.close()
    seat.leave()
    if not ended:
        leave_at_once(status)
    return status


def leave_at_once(status: int) -> NoReturn:
    """End the process though one of its threads waits for a drive, which may never answer."""
    log.warning("something was still busy at the end, and was left")
    logging.shutdown()
    os._exit(status)


def _open_anyway(app: QApplication, seat: Seat) -> bool:
    """Say that a window on another machine may have this library, and ask whether to open it all the same."""
    holder = seat.elsewhere
    if holder is None:
        return False
    paths = find_paths()
    _prepare(app, SettingsFile(paths.data / "settings.json").settings)
    sentence = tr("Triptych seems to be open on this library on another machine: {name}.", name=holder.machine)
    question = message(QMessageBox.Icon.Question, sentence)
    question.setInformativeText(
        tr("If it isn't any more, open it here. Two windows at once would write over each other's queue and settings.")
    )
    anyway = question.addButton(tr("Open it here"), QMessageBox.ButtonRole.AcceptRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    question.exec()
    return question.clickedButton() is anyway and seat.take_over()


def _call_the_other(app: QApplication, seat: Seat) -> int:
    """Say that a window is open on this library already, and offer to bring it forward. Returns the exit status."""
    paths = find_paths()
    _prepare(app, SettingsFile(paths.data / "settings.json").settings)
    question = message(QMessageBox.Icon.Information, tr("Triptych is already open on this library."))
    forward = question.addButton(tr("Bring it forward"), QMessageBox.ButtonRole.AcceptRole)
    question.addButton(QMessageBox.StandardButton.Cancel)
    question.setDefaultButton(forward)
    question.exec()
    if question.clickedButton() is forward and not seat.call():
        sentence = tr("The other window doesn't answer. End it in the system's list of programs, then start again.")
        message(QMessageBox.Icon.Warning, sentence).exec()
        return 1
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="triptych", description="A local AI creative studio.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--engine",
        choices=("child", "local"),
        default="child",
        help="child: models run in a process of their own (default); local: in a thread of the window, for debugging",
    )
    return parser.parse_args(argv)


class Studio:
    """The assembled program: what lives as long as the window."""

    def __init__(self, app: QApplication, engine: str = "child") -> None:
        self.garbage = Garbage()
        paths = find_paths()
        log_file, log_notice = _open_log(paths)
        log_qt()
        settings = SettingsFile(paths.data / "settings.json")
        _prepare(app, settings.settings)
        tasks = task_types()
        self.library = Library(paths)
        self.worker = Worker(make_engine(engine, engine_config(settings.settings, paths)))
        self.errands = Errands()
        shelf = Shelf(starters(), settings.settings.model_folders, paths.cache / "models.json", paths.trained)
        inputs, line = self.library.inputs, paths.data / "queue.json"
        self.tracker = Tracker(self.worker, self.errands, self._keep, inputs, line, tasks)
        self.desk = Desk(self.tracker, self.errands, self.library, shelf, settings, tasks)
        self.window = Window(self.desk, log_file)
        watch_for_bugs(self.window.crashes.bug)
        for notice in (log_notice, settings.notice, self.tracker.notice):
            if notice:
                self.desk.notify(notice)
        if self.tracker.paused:
            self.desk.notify(
                tr_count(
                    self.tracker.waiting,
                    "{count} request of last time is waiting.",
                    "{count} requests of last time are waiting.",
                ),
                tr("Resume"),
                partial(self.tracker.pause, False),
            )

    def show(self) -> None:
        """Show the window; everything else begins when it was painted, so that it never waits for another thread."""
        self.window.show()
        QTimer.singleShot(PAINTED_MS, self._begin)

    def _begin(self) -> None:
        self.garbage.spare()
        self.worker.start()
        self.desk.rescan_models()
        self.desk.clean_up()
        self.desk.look_again(everything=True)

    def close(self) -> bool:
        """End everything in order; what is being kept is kept first. Returns False when something is still busy."""
        ended = self.desk.close()
        if ended:
            self.library.close()
        self.garbage.close()
        return ended

    def _keep(self, job: Job, asset: Asset, folder: Path | None) -> Item:
        model = next((model for model in self.desk.models() if model.address == job.model), None)
        name, digest = (model.name, model_hash(model.path)) if model else (Path(job.model).name, "")
        return self.library.keep(job, asset, name, folder, digest)


def _open_log(paths: Paths) -> tuple[str, str]:
    """The log's path and nothing, or nothing and what is wrong with it: that is no reason not to start."""
    try:
        return str(open_log(paths.logs, "triptych")), ""
    except StudioError as error:
        return "", tr("There is no log this time: {why}", why=error.message)


def make_engine(kind: str, config: EngineConfig) -> Engine:
    """The engine of the window: "child" or "local"."""
    if kind == "child":
        return RemoteEngine(POOL, TASKS, config)
    module, _, name = POOL.partition(":")
    pool: Models = getattr(importlib.import_module(module), name)()
    return LocalEngine(pool, config)


def _prepare(app: QApplication, settings: Settings) -> None:
    """Look and language."""
    app.setApplicationName("Triptych")
    app.setWindowIcon(QIcon(str(RESOURCES / "icon.png")))
    app.setDesktopFileName("triptych")
    app.setApplicationVersion(__version__)
    tell_colours()
    language = settings.language or QLocale.system().name()
    if use_language(language):
        _speak(app, language)
    if language.startswith("zh") or QLocale.system().name()[:2] not in ("zh", "ja", "ko"):  # these choose well
        _complete_font(app)
    apply_theme(app, settings.theme)


def _speak(app: QApplication, language: str) -> None:
    """Have Qt's own words (OK, Cancel, the file dialog) in ``language``."""
    translator = QTranslator(app)
    if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)


def _complete_font(app: QApplication) -> None:
    """Have Chinese characters, in prompts and names too, as they are drawn there and in the weight of the others."""
    font = app.font()
    font.setFamilies([QFontInfo(font).family(), *(name for name in FONTS if QFontDatabase.hasFamily(name))])
    app.setFont(font)

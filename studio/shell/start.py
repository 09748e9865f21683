"""Starts the window: everything is assembled here, and nowhere else."""

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
from studio.app.background_tasks import BackgroundTasks
from studio.app.garbage import Garbage
from studio.app.services import StudioServices
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
from studio.models.catalogue import ModelCatalogue
from studio.shell.log import log_qt, watch_for_bugs
from studio.shell.signals import closing_on_signals
from studio.shell.single_instance import SingleInstance
from studio.shell.window import Window
from studio.ui.pixels import tell_colours
from studio.ui.plain import message
from studio.ui.theme import apply_theme

log = logging.getLogger(__name__)
POOL, TASKS = "studio.ml.cache:ModelCache", "studio.features:job_types"
PAINTED_MS = 100
"""After this time the window has been painted, or nobody is looking at it."""
FONTS = ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")
"""The systems' fonts for Chinese. Qt by itself picks any with the characters, often a bold or Japanese one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and run until it is closed. Returns the exit status."""
    options = _options(argv)
    app = QApplication.instance() or QApplication(["triptych"])
    assert isinstance(app, QApplication)
    try:
        instance = SingleInstance(find_paths().data)
        if not instance.take() and not _open_anyway(app, instance):
            return _call_the_other(app, instance) if instance.elsewhere is None else 0
        studio = Studio(app, options.engine)
    except StudioError as error:
        message(QMessageBox.Icon.Critical, error.message).exec()
        return 1
    studio.show()
    instance.listen(studio.window.come_forward)
    with closing_on_signals(app.closeAllWindows, app):
        status = app.exec()
        ended = studio.close()
    instance.leave()
    if not ended:
        leave_at_once(status)
    return status


def leave_at_once(status: int) -> NoReturn:
    """End the process even if a thread waits for a drive that may never answer."""
    log.warning("something was still busy at the end, and was left")
    logging.shutdown()
    os._exit(status)


def _open_anyway(app: QApplication, instance: SingleInstance) -> bool:
    """Warn that a window on another machine may have this library open, and ask whether to open it anyway."""
    holder = instance.elsewhere
    if holder is None:
        return False
    paths = find_paths()
    _prepare(app, SettingsFile(paths.data / "settings.json").settings)
    sentence = tr("This library seems to be open in Triptych on another machine: {name}.", name=holder.machine)
    question = message(QMessageBox.Icon.Question, sentence)
    question.setInformativeText(
        tr(
            "If it isn't open there any more, open it here. Two windows at once would overwrite each other's queue "
            "and settings."
        )
    )
    anyway = question.addButton(tr("Open it here"), QMessageBox.ButtonRole.AcceptRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    question.exec()
    return question.clickedButton() is anyway and instance.take_over()


def _call_the_other(app: QApplication, instance: SingleInstance) -> int:
    """Say that this library is already open, and offer to bring that window forward. Returns the exit status."""
    paths = find_paths()
    _prepare(app, SettingsFile(paths.data / "settings.json").settings)
    question = message(QMessageBox.Icon.Information, tr("This library is already open in another Triptych window."))
    forward = question.addButton(tr("Bring it forward"), QMessageBox.ButtonRole.AcceptRole)
    question.addButton(QMessageBox.StandardButton.Cancel)
    question.setDefaultButton(forward)
    question.exec()
    if question.clickedButton() is forward and not instance.call():
        sentence = tr("The other window isn't responding. End it in the system's task manager, then start again.")
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
    """The assembled program: everything that lives as long as the window."""

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
        self.background_tasks = BackgroundTasks()
        catalogue = ModelCatalogue(
            starters(), settings.settings.model_folders, paths.cache / "models.json", paths.trained
        )
        inputs, line = self.library.inputs, paths.data / "queue.json"
        self.tracker = Tracker(self.worker, self.background_tasks, self._keep, inputs, line, tasks)
        self.services = StudioServices(self.tracker, self.background_tasks, self.library, catalogue, settings, tasks)
        self.window = Window(self.services, log_file)
        watch_for_bugs(self.window.crashes.bug)
        for notice in (log_notice, settings.notice, self.tracker.notice):
            if notice:
                self.services.notify(notice)
        if self.tracker.paused:
            self.services.notify(
                tr_count(
                    self.tracker.waiting,
                    "{count} request from last time is waiting.",
                    "{count} requests from last time are waiting.",
                ),
                tr("Resume"),
                partial(self.tracker.pause, False),
            )

    def show(self) -> None:
        """Show the window; everything else starts once it is painted, so that it never waits for another thread."""
        self.window.show()
        QTimer.singleShot(PAINTED_MS, self._begin)

    def _begin(self) -> None:
        self.garbage.spare()
        self.worker.start()
        self.services.rescan_models()
        self.services.clean_up()
        self.services.look_again(everything=True)

    def close(self) -> bool:
        """End everything in order, after saving what is being saved. Returns False if something is still busy."""
        ended = self.services.close()
        if ended:
            self.library.close()
        self.garbage.close()
        return ended

    def _keep(self, job: Job, asset: Asset, folder: Path | None) -> Item:
        model = next((model for model in self.services.models() if model.address == job.model), None)
        name, digest = (model.name, model_hash(model.path)) if model else (Path(job.model).name, "")
        return self.library.keep(job, asset, name, folder, digest)


def _open_log(paths: Paths) -> tuple[str, str]:
    """The log's path and "", or "" and what is wrong with it: a missing log must not prevent the start."""
    try:
        return str(open_log(paths.logs, "triptych")), ""
    except StudioError as error:
        return "", tr("There is no log this time: {why}", why=error.message)


def make_engine(kind: str, config: EngineConfig) -> Engine:
    """Make the window's engine: "child" or "local"."""
    if kind == "child":
        return RemoteEngine(POOL, TASKS, config)
    module, _, name = POOL.partition(":")
    cache: Models = getattr(importlib.import_module(module), name)()
    return LocalEngine(cache, config)


def _prepare(app: QApplication, settings: Settings) -> None:
    """Set up theme and language."""
    app.setApplicationName("Triptych")
    app.setWindowIcon(QIcon(str(RESOURCES / "icon.png")))
    app.setDesktopFileName("triptych")
    app.setApplicationVersion(__version__)
    tell_colours()
    language = settings.language or QLocale.system().name()
    if use_language(language):
        _speak(app, language)
    if language.startswith("zh") or QLocale.system().name()[:2] not in (
        "zh",
        "ja",
        "ko",
    ):  # these choose good fonts
        _complete_font(app)
    apply_theme(app, settings.theme)


def _speak(app: QApplication, language: str) -> None:
    """Translate Qt's own texts (OK, Cancel, the file dialog) into ``language``."""
    translator = QTranslator(app)
    if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)


def _complete_font(app: QApplication) -> None:
    """Use the Chinese forms of characters, also in prompts and names, in the weight of the other text."""
    font = app.font()
    font.setFamilies([QFontInfo(font).family(), *(name for name in FONTS if QFontDatabase.hasFamily(name))])
    app.setFont(font)

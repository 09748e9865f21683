"""The log: a rotated file in the data folder, and what nobody caught."""

import logging
import logging.handlers
import platform
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from studio import __version__
from studio.library.files import explained

log = logging.getLogger("studio")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def open_log(folder: Path) -> Path:
    """Write the log to ``folder`` from now on: three files of one megabyte at most. Returns the newest one's path.

    Raises StudioError when the folder can't be made.
    """
    path = folder / "triptych.log"
    with explained(path):
        folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    qInstallMessageHandler(_from_qt)
    log.info("Triptych %s on %s, Python %s", __version__, platform.platform(), platform.python_version())
    return path


def _from_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("studio.qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


def watch_for_bugs(tell: Callable[[str], None]) -> None:
    """Log every exception that nobody caught, in any thread, and ``tell`` its last line; the program goes on."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("a bug: %s", error, exc_info=(kind, error, trace))
        tell(f"{kind.__name__}: {error}")

    sys.excepthook = caught
    threading.excepthook = lambda hook: caught(hook.exc_type, hook.exc_value or hook.exc_type(), hook.exc_traceback)

"""The log: a rotated file in the data folder."""

import logging
import logging.handlers
import platform
import re
from pathlib import Path

from studio import __version__
from studio.library.files import explained

log = logging.getLogger("studio")
_SECRETS = re.compile(
    r"\b(?:hf|sk|gh[pousr])[_-][A-Za-z0-9_-]{8,}|(?i:\b(?:authorization|bearer|token|password|api_?key)\b[ =:\"']+)\S+"
)


def open_log(folder: Path, name: str) -> Path:
    """Write the log to ``folder`` from now on: three files of one megabyte at most. Returns the newest one's path.

    ``name``: one for each program that may run at the same time, since two can't rotate one file.

    Raises StudioError when the file can't be written.
    """
    path = folder / f"{name}.log"
    with explained(path):
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for earlier in log.handlers[:]:
        log.removeHandler(earlier)
        earlier.close()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.info("Triptych %s on %s, Python %s", __version__, platform.platform(), platform.python_version())
    return path


def without_secrets(text: str) -> str:
    """``text`` with tokens and passwords, by their looks and by what stands before them, left out."""
    return _SECRETS.sub("«…»", text)


class _Formatter(logging.Formatter):
    """Writes no secret down, whatever an error of a library says."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))

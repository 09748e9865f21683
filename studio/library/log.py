"""The log: a rotated file in the data folder."""

import logging
import logging.handlers
import platform
from pathlib import Path

from studio import __version__
from studio.library.files import explained

log = logging.getLogger("studio")


def open_log(folder: Path, name: str) -> Path:
    """Write the log to ``folder`` from now on: three files of one megabyte at most. Returns the newest one's path.

    ``name``: one for each program that may run at the same time, since two can't rotate one file.

    Raises StudioError when the file can't be written.
    """
    path = folder / f"{name}.log"
    with explained(path):
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for earlier in log.handlers[:]:
        log.removeHandler(earlier)
        earlier.close()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.info("Triptych %s on %s, Python %s", __version__, platform.platform(), platform.python_version())
    return path

"""The log: a rotated file in the data folder."""

import io
import logging
import logging.handlers
import platform
from pathlib import Path

from studio import __version__
from studio.core.override import override
from studio.core.private import without_paths, without_secrets
from studio.files.errors import explained
from studio.files.permissions import make_private_folder, open_to_append

log = logging.getLogger("studio")


def open_log(folder: Path, name: str) -> Path:
    """Log to ``folder`` from now on: at most three files of one megabyte. Returns the newest one's path.

    ``name``: a different one for each program that may run at the same time, since two can't rotate one file.

    Raises StudioError if the file can't be written.
    """
    path = folder / f"{name}.log"
    make_private_folder(folder)
    with explained(path):
        handler = _Handler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for earlier in log.handlers[:]:
        log.removeHandler(earlier)
        earlier.close()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.info("Triptych %s on %s, Python %s", __version__, platform.platform(), platform.python_version())
    return path


class _Handler(logging.handlers.RotatingFileHandler):
    """Creates files that only the owner can read, and ignores failed writes instead of reporting each on stderr."""

    @override
    def _open(self) -> io.TextIOWrapper:
        file = open_to_append(Path(self.baseFilename))
        return io.TextIOWrapper(file, encoding=self.encoding, errors="backslashreplace")

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        """Go on without the line."""


class _Formatter(logging.Formatter):
    """Removes secrets and personal paths, whatever a library's error contains."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return without_paths(without_secrets(super().format(record)))

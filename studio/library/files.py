"""Files written whole or not at all."""

import contextlib
import errno
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import StudioError
from studio.core.text import tr

log = logging.getLogger(__name__)
PREFIX = ".triptych-"
"""How the names of unfinished files begin."""
_REASONS: dict[int, str] = {
    errno.ENOSPC: "The disk is full: {path} couldn't be written. Free some space and try again.",
    errno.EDQUOT: "The disk quota is used up: {path} couldn't be written. Free some space and try again.",
    errno.EFBIG: "{path} is too large for this disk.",
    errno.EROFS: "{path} couldn't be written: the disk is read-only. Choose another folder.",
    errno.EACCES: "{path} couldn't be written: you may not write in this folder. Choose another one.",
    errno.EPERM: "{path} couldn't be written: you may not write in this folder. Choose another one.",
    errno.ENOTDIR: "{path} couldn't be written: a file stands where its folder should be.",
    errno.ENOENT: "{path} couldn't be written: its folder is gone. Is a drive unplugged?",
    errno.ENAMETOOLONG: "{path} couldn't be written: its name is too long.",
}


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into a sentence. Raises StudioError for every OSError inside."""
    try:
        yield
    except OSError as error:
        sentence = _REASONS.get(error.errno or 0, "{path} couldn't be written: {reason}.")
        raise StudioError(tr(sentence, path=path, reason=error.strerror or error)) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` under a temporary name beside ``path``, flush it to the disk, and move it over.

    Raises StudioError; then the old file is untouched and nothing is left behind.
    """

    def write(file: BinaryIO) -> None:
        file.write(data)

    write_through(path, write)


def write_through(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """The same for content that ``write`` produces into an open file."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, suffix=path.suffix, dir=path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.chmod(0o644)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


def clean_leftovers(folder: Path, older_than: float = 60.0) -> int:
    """Remove unfinished files of an earlier, killed run from ``folder`` and the folders in it. Returns how many.

    Files younger than ``older_than`` seconds are left alone: another program may be writing them now.
    """
    count = 0
    for unfinished in (*folder.glob(f"{PREFIX}*"), *folder.glob(f"*/{PREFIX}*")):
        try:
            if unfinished.is_file() and time.time() - unfinished.stat().st_mtime > older_than:
                unfinished.unlink()
                count += 1
        except OSError as error:
            log.warning("the leftover %s can't be removed: %s", unfinished, error)
    return count

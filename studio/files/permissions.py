"""Files that are one person's own: no other person of this machine may read them."""

import contextlib
import errno
import os
import threading
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.errors import explained

_creating = threading.Lock()
"""Until a new file is closed, no other thread of this program may lock it."""
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}


def make_private_folder(folder: Path) -> None:
    """Have ``folder`` be there for this person alone, where the system and the disk know such a thing.

    Raises StudioError when it can't be there.
    """
    with explained(folder):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            raise StudioError(
                tr(
                    "Triptych can't keep its files in {path}: {why}. Set {name} to a folder that you can write to.",
                    path=folder,
                    why=error.strerror,
                    name="TRIPTYCH_HOME",
                )
            ) from error
    make_private(folder, 0o700)


def make_private(path: Path, mode: int = 0o600) -> None:
    """Take from others what they may do with a file, or (0o700) a folder, of an earlier release; as far as one may."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(mode)


def make_private_file(path: Path, *beside: str) -> None:
    """Have the file be there, if it can be, for this person alone; and those that are called so with an ending more.

    One that is there already is never opened: closing any descriptor of a file gives up all the locks that this process
    has on it, SQLite's too, and the next program would take the index for its own.
    """
    with _creating, contextlib.suppress(OSError):
        os.close(_open_private(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    for ending in ("", *beside):
        make_private(path.with_name(path.name + ending))


def open_to_append(path: Path) -> BinaryIO:
    """Open a file that belongs to this person alone, made where it is missing, to be written at its end.

    Raises OSError, for everything else that is there, too: opening a pipe would wait for one who reads it.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, tr("not a file, but a device or a pipe"), str(path))
    make_private(path)
    return os.fdopen(_open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab")


def _open_private(path: Path, flags: int) -> int:
    return os.open(path, flags, 0o600)

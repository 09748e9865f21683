"""Files written whole or not at all."""

import contextlib
import errno
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import StudioError
from studio.core.picture_file import refuse_traps
from studio.core.text import tr
from studio.core.unfinished import PREFIX, maker_of, unfinished_name

log = logging.getLogger(__name__)
_REASONS: dict[int, str] = {
    errno.ENOSPC: "The disk is full: {path} couldn't be written. Free some space and try again.",
    errno.EDQUOT: "The disk quota is used up: {path} couldn't be written. Free some space and try again.",
    errno.EFBIG: "{path} is too large for this disk.",
    errno.EROFS: "{path} couldn't be written: the disk is read-only. Choose another folder.",
    errno.EACCES: "{path} couldn't be written: you may not write in this folder. Choose another one.",
    errno.EPERM: "{path} couldn't be written: you may not write in this folder. Choose another one.",
    errno.ENOTDIR: "{path} couldn't be written: a file stands where its folder should be.",
    errno.EEXIST: "{path} couldn't be written: a file stands where its folder should be.",
    errno.ENOENT: "{path} couldn't be written: its folder is gone. Is a drive unplugged?",
    errno.ENAMETOOLONG: "{path} couldn't be written: its name is too long.",
}
REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}
"""What a disk says that takes no more. Other reasons may be those of a damaged film: FFmpeg uses the same numbers."""
_NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
"""What file systems without hard links (FAT, some network drives) say."""


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into a sentence. Raises StudioError for every OSError inside."""
    try:
        yield
    except OSError as error:
        sentence = _REASONS.get(error.errno or 0, "{path} couldn't be written: {reason}.")
        raise StudioError(tr(sentence, path=path, reason=error.strerror or error)) from error


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """The same for reading ``path``, which is a plain file, not a pipe that never ends."""
    refuse_traps(path)
    try:
        yield
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is not there any more.", path=path)) from error
    except OSError as error:
        raise StudioError(tr("{path} can't be read: {reason}.", path=path, reason=error.strerror or error)) from error


def make_folder(folder: Path) -> None:
    """Have ``folder`` be there and take files. Raises StudioError."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` under a temporary name beside ``path``, flush it to the disk, and move it over.

    Raises StudioError; then the old file is untouched and nothing is left behind.
    """
    write_through(path, partial(_write_bytes, data))


def write_through(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """The same for content that ``write`` produces into an open file."""
    with explained(path), _unfinished(path.parent, path.suffix) as unfinished:
        _write_file(unfinished, write)
        unfinished.replace(path)
        _flush_folder(path.parent)


def write_new(folder: Path, name: str, ending: str, write: Callable[[BinaryIO], object]) -> Path:
    """Write a file that was not there before: "name.png", else "name-2.png"... Returns where it is.

    Nothing is ever written over, even when two programs write at once. Raises StudioError.
    """
    with explained(folder / f"{name}{ending}"), _unfinished(folder, ending) as unfinished:
        _write_file(unfinished, write)
        path = _move_to_free(unfinished, folder, name, ending)
        _flush_folder(folder)
        return path


def write_new_folder(folder: Path, name: str, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write a folder of ``files`` (name, content) that was not there before; it appears when it is whole.

    Raises StudioError; then nothing is left behind.
    """
    with explained(folder / name), _unfinished(folder, "") as unfinished:
        unfinished.mkdir()
        for file_name, data in files:
            _write_file(unfinished / file_name, partial(_write_bytes, data))
        path = free_path(folder, name, "")
        unfinished.rename(path)
        _flush_folder(folder)
        return path


def free_path(folder: Path, name: str, ending: str) -> Path:
    """A path in ``folder`` that nothing has yet: "name.png", "name-2.png"..."""
    path, number = folder / f"{name}{ending}", 2
    while os.path.lexists(path):
        path, number = folder / f"{name}-{number}{ending}", number + 1
    return path


def clean_leftovers(folder: Path, older_than: float = 60.0) -> int:
    """Remove what an earlier, killed run left unfinished in ``folder``. Returns how many things that were.

    What another program may be writing now is left alone: its process lives; or is of another machine, and it was
    changed within the last ``older_than`` seconds.
    """
    count = 0
    for unfinished in folder.glob(f"{PREFIX}*"):
        try:
            if is_abandoned(unfinished, older_than):
                shutil.rmtree(unfinished) if unfinished.is_dir() else unfinished.unlink()
                count += 1
        except OSError as error:
            log.warning("the leftover %s can't be removed: %s", unfinished, error)
    return count


def is_abandoned(unfinished: Path, older_than: float = 60.0) -> bool:
    """Whether nobody will finish this any more. Raises OSError when it can't be looked at."""
    changed, maker = unfinished.stat().st_mtime, maker_of(unfinished.name)
    if maker is not None:
        return maker == 0 or not _lived(maker, changed)
    # Of the future, too: the clock may have been set back.
    return abs(time.time() - changed) > older_than


def _lived(process: int, then: float) -> bool:
    """Whether the process still lives, and did so ``then``: another one may have its number by now."""
    import psutil  # where something was left only: it takes longer to import than this whole module

    try:
        return bool(psutil.Process(process).create_time() <= then + 1)
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def _unfinished(folder: Path, ending: str) -> Iterator[Path]:
    """A temporary name in ``folder``, which is made; whatever still has that name in the end is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / unfinished_name(ending)
    try:
        yield path
    finally:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _write_bytes(data: bytes, file: BinaryIO) -> None:
    file.write(data)


def _write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _move_to_free(unfinished: Path, folder: Path, name: str, ending: str) -> Path:
    """Give the file its name. A link, unlike a move, fails where something has that name by now."""
    while True:
        path = free_path(folder, name, ending)
        try:
            path.hardlink_to(unfinished)
            return path
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        unfinished.rename(path)
        return path


def _flush_folder(folder: Path) -> None:
    """Have the new name on the disk too, where the system can do that."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

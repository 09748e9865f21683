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
from studio.core.text import tr
from studio.files.picture_file import refuse_traps
from studio.files.unfinished import PREFIX, is_ours, maker_of, unfinished_name

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
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}
_LONGEST_NAME = 255
"""Bytes of a name on the usual file systems."""
_ABANDONED_ELSEWHERE = 3600.0
"""Seconds after which what another machine writes counts as abandoned: its clock may go wrong, and films take long."""


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
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:  # what lies above it is there or was just made: /proc, say, takes nothing
            raise StudioError(
                tr(
                    "{path} couldn't be made: nothing can be made where it would be. Choose another folder.",
                    path=folder,
                )
            ) from error
        tempfile.TemporaryFile(dir=folder).close()


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
                    "Triptych can't keep its files in {path}: {why}. Set {name} to a folder that you may write in.",
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
    """Have the file be there, if it can be, for this person alone; and those that are called so with an ending more."""
    with contextlib.suppress(OSError):
        os.close(open_private(str(path), os.O_RDWR | os.O_CREAT))
    for ending in ("", *beside):
        make_private(path.with_name(path.name + ending))


def open_private(path: str, flags: int) -> int:
    """For ``open(opener=...)``: a file that is made by it belongs to this person alone."""
    return os.open(path, flags, 0o600)


def write_atomic(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` under a temporary name beside ``path``, flush it to the disk, and move it over.

    ``private``: no other person of this machine may read it. Raises StudioError; then the old file is untouched and
    nothing is left behind.
    """
    write_through(path, partial(_write_bytes, data), private=private)


def write_through(path: Path, write: Callable[[BinaryIO], object], *, private: bool = False) -> None:
    """The same for content that ``write`` produces into an open file."""
    with explained(path), _unfinished(path.parent, path.suffix) as unfinished:
        _write_file(unfinished, write, private)
        unfinished.replace(path)
        _flush_folder(path.parent)


class Numbers:
    """The next free number of each name, for one who writes many: of 4,000 equal names not all are tried each time."""

    def __init__(self) -> None:
        self._next: dict[Path, int] = {}

    def free_path(self, folder: Path, name: str, ending: str) -> Path:
        """As the function of this name."""
        first = folder / f"{name}{ending}"
        number = self._next.get(first, 1)
        while os.path.lexists(path := first if number == 1 else folder / _fitting(name, f"-{number}{ending}")):
            number += 1
        self._next[first] = number
        return path


def write_new(
    folder: Path, name: str, ending: str, write: Callable[[BinaryIO], object], numbers: Numbers | None = None
) -> Path:
    """Write a file that was not there before: "name.png", else "name-2.png"... Returns where it is.

    Nothing is ever written over, even when two programs write at once. Raises StudioError.
    """
    with explained(folder / f"{name}{ending}"), _unfinished(folder, ending) as unfinished:
        _write_file(unfinished, write)
        path = _move_to_free(unfinished, folder, name, ending, numbers or Numbers())
        _flush_folder(folder)
        return path


def write_new_folder(
    folder: Path, name: str, files: Iterable[tuple[str, bytes]], numbers: Numbers | None = None
) -> Path:
    """Write a folder of ``files`` (name, content) that was not there before; it appears when it is whole.

    Raises StudioError; then nothing is left behind.
    """
    with explained(folder / name), _unfinished(folder, "") as unfinished:
        unfinished.mkdir()
        for file_name, data in files:
            _write_file(unfinished / file_name, partial(_write_bytes, data))
        path = (numbers or Numbers()).free_path(folder, name, "")
        unfinished.rename(path)
        _flush_folder(folder)
        return path


def free_path(folder: Path, name: str, ending: str) -> Path:
    """A path in ``folder`` that nothing has yet: "name.png", "name-2.png"..."""
    return Numbers().free_path(folder, name, ending)


def clean_leftovers(folder: Path, discard: Callable[[Path], object] | None = None) -> int:
    """Remove what an earlier, killed run left unfinished in ``folder``. Returns how many things that were.

    Whatever is called otherwise than our own unfinished things is somebody's, and stays. So does what another program
    may be writing now: its process lives. What another machine left, of which nobody here can know that for certain, is
    given to ``discard``, which moves it to the trash; without one it stays, too.
    """
    count = 0
    for unfinished, is_folder in _unfinished_in(folder):
        try:
            if not is_abandoned(unfinished):
                continue
            if maker_of(unfinished.name) is not None:
                shutil.rmtree(unfinished) if is_folder else unfinished.unlink()
            elif discard is not None:
                discard(unfinished)
            else:
                continue
            count += 1
        except (OSError, StudioError) as error:
            log.warning("the leftover %s can't be removed: %s", unfinished, error)
    return count


def _unfinished_in(folder: Path) -> list[tuple[Path, bool]]:
    """What in ``folder`` is called as our unfinished things are, and whether it is a folder. Links are not ours."""
    try:
        with os.scandir(folder) as entries:
            found = [(Path(entry.path), entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in entries
                     if entry.name.startswith(PREFIX)]  # fmt: skip
    except OSError:
        return []  # gone, forbidden, unplugged: then nothing of it can be removed either
    return [(path, is_folder) for path, is_folder, link in found if not link and is_ours(path.name, folder=is_folder)]


def is_abandoned(unfinished: Path) -> bool:
    """Whether nobody will finish this any more. Raises OSError when it can't be looked at."""
    changed, maker = unfinished.lstat().st_mtime, maker_of(unfinished.name)
    if maker is not None:
        return maker == 0 or not _lived(maker, changed)
    # Of the future, too: the clock may have been set back.
    return abs(time.time() - changed) > _ABANDONED_ELSEWHERE


def _lived(process: int, then: float) -> bool:
    """Whether the process still lives, and did so ``then``: another one may have its number by now."""
    import psutil  # where something was left only: it takes longer to import than this whole module

    try:
        return bool(psutil.Process(process).create_time() <= then + 1)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


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


def _write_file(path: Path, write: Callable[[BinaryIO], object], private: bool = False) -> None:
    with path.open("xb") as file:
        if private:
            make_private(path)
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _fitting(name: str, ending: str) -> str:
    """Both together, with as much of ``name`` as there is room for."""
    whole, room = os.fsencode(name), _LONGEST_NAME - len(os.fsencode(ending))
    return (name if len(whole) <= room else whole[:room].decode("utf-8", "ignore")) + ending


def _move_to_free(unfinished: Path, folder: Path, name: str, ending: str, numbers: Numbers) -> Path:
    """Give the file its name. A link, unlike a move, fails where something has that name by now."""
    while True:
        path = numbers.free_path(folder, name, ending)
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

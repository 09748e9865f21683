"""Files and folders written whole or not at all."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from studio.files.errors import explained
from studio.files.permissions import make_private
from studio.files.unfinished import unfinished_name

_NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
"""What file systems without hard links (FAT, some network drives) say."""
_LONGEST_NAME = 255
"""Bytes of a name on the usual file systems."""


@contextlib.contextmanager
def replacing(path: Path, *, folder: bool = False) -> Iterator[Path]:
    """Where to write what is to become ``path``, with whatever writer: a file, or a ``folder``, which is made.

    When the block is left it is flushed to the disk and moved over; a folder takes the place of none that holds
    something. Raises OSError; then, as after every error, the old file is untouched and nothing is left behind.
    """
    with _unfinished(path.parent, "" if folder else path.suffix) as unfinished:
        if folder:
            unfinished.mkdir()
        yield unfinished
        _flush(unfinished)
        _move_over(unfinished, path)


def write_atomic(path: Path, data: bytes | str, *, private: bool = False) -> None:
    """Write ``data``, a text in UTF-8, under a temporary name beside ``path``, flush it to the disk, and move it over.

    ``private``: no other person of this machine may read it. Raises StudioError; then the old file is untouched and
    nothing is left behind.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    write_through(path, partial(_write_bytes, content), private=private)


def write_through(path: Path, write: Callable[[BinaryIO], object], *, private: bool = False) -> None:
    """The same for content that ``write`` produces into an open file."""
    with explained(path), _unfinished(path.parent, path.suffix) as unfinished:
        _write_file(unfinished, write, private)
        _move_over(unfinished, path)


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


def _move_over(unfinished: Path, path: Path) -> None:
    unfinished.replace(path)
    _flush_folder(path.parent)


def _flush(path: Path) -> None:
    """Have a file, or all files of a folder, on the disk, whoever wrote them."""
    if not path.is_dir():
        _flush_file(path)
        return
    for place, _, names in os.walk(path):
        for name in names:
            if not Path(place, name).is_symlink():
                _flush_file(Path(place, name))
        _flush_folder(Path(place))


def _flush_file(path: Path) -> None:
    # Windows flushes only what is open for writing; elsewhere a file that may not be written to is flushed, too.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

"""Reading files of strangers: what is read is a file, of bounded length and depth, and wrong in one way only."""

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from studio.core.text import tr

LONGEST = 20_000_000
"""Bytes of a settings file. The longest real ones, lists of a model's weights, have some millions."""
LONGEST_OWN = 100_000_000
"""Of what the studio itself wrote: a queue may hold long talks."""
_MOST_BYTES, _MOST_LISTS, _MOST_VALUES, _DEEPEST = 100_000_000, 2_000_000, 4_000_000, 50
"""What is read costs up to a hundred times its bytes: "[]," is three of them."""
_AT_ONCE = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


class UnreadableError(ValueError):
    """What is wrong with a file, in words for people: half a sentence."""


def is_there(path: Path) -> bool:
    """Whether something is at ``path``. What can't be looked at (forbidden, a failed drive, too long a name) is not."""
    try:
        return path.exists()
    except OSError:
        return False


def open_file(path: Path) -> BinaryIO:
    """Open the plain file at ``path`` to be read. Raises OSError, for everything else that is there, too.

    A pipe would never end, nor would /dev/zero behind a link, and some devices do something when they are opened: it is
    looked at before, and once more what was opened, since it may have become another thing in between.
    """
    _refuse_all_but_files(path, path.stat().st_mode)
    # Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    try:
        _refuse_all_but_files(path, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: Path, most: int = LONGEST) -> bytes:
    """All bytes of the plain file at ``path``. Raises OSError, or ValueError for more than ``most``."""
    with open_file(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableError(tr("it is too large"))
    return data


def _refuse_all_but_files(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, tr("not a file, but a device or a pipe"), str(path))


def load_json(path: Path, most: int = LONGEST) -> Any:
    """What the JSON file holds. Raises OSError or ValueError, whatever is wrong with it."""
    return read_json(read_file(path, most))


def read_json(content: bytes) -> Any:
    """What the JSON in ``content`` says. Raises ValueError when it is none, or takes more memory than is sane."""
    bytes_a_character = 1 if content.isascii() else 4
    lists = content.count(b"[") + content.count(b"{")
    if len(content) * bytes_a_character > _MOST_BYTES or lists > _MOST_LISTS or content.count(b",") > _MOST_VALUES:
        raise UnreadableError(tr("it is too large"))
    try:
        data = json.loads(content)
    except RecursionError as error:
        raise UnreadableError(tr("it is nested too deeply")) from error
    level = [data]
    for _ in range(_DEEPEST):
        level = [inner for value in level if isinstance(value, dict | list) for inner in _inside(value)]
    if level:
        raise UnreadableError(tr("it is nested too deeply"))
    return data


def why_unread(error: Exception) -> str:
    """Why a file couldn't be read, as half a sentence for people: Python's own words are for the log."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or tr("the system refused access")
    return tr("it is damaged")


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value

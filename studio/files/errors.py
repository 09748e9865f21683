"""What a disk refuses, said to people."""

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.picture_file import refuse_traps

_REASONS: dict[int, str] = {
    errno.ENOSPC: "The disk is full: {path} couldn't be written. Free some space and try again.",
    errno.EDQUOT: "The disk quota is used up: {path} couldn't be written. Free some space and try again.",
    errno.EFBIG: "{path} is too large for this disk.",
    errno.EROFS: "{path} couldn't be written: the disk is read-only. Choose another folder.",
    errno.EACCES: "{path} couldn't be written: you don't have permission to write in this folder. Choose another one.",
    errno.EPERM: "{path} couldn't be written: you don't have permission to write in this folder. Choose another one.",
    errno.ENOTDIR: "{path} couldn't be written: there is a file where its folder should be.",
    errno.EEXIST: "{path} couldn't be written: there is a file where its folder should be.",
    errno.ENOENT: "{path} couldn't be written: its folder is gone. Is a drive unplugged?",
    errno.ENAMETOOLONG: "{path} couldn't be written: its name is too long.",
}
REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}
"""What a disk says that takes no more. Other reasons may be those of a damaged film: FFmpeg uses the same numbers."""


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into a sentence. Raises StudioError for every OSError inside."""
    try:
        yield
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> StudioError:
    """What it means that the system refused to write ``path``."""
    sentence = _REASONS.get(error.errno or 0, "{path} couldn't be written: {reason}.")
    return StudioError(tr(sentence, path=path, reason=error.strerror or error))


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """The same for reading ``path``, which is a plain file, not a pipe that never ends."""
    refuse_traps(path)
    try:
        yield
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is no longer there.", path=path)) from error
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
                    "{path} couldn't be created: nothing can be created there. Choose another folder.",
                    path=folder,
                )
            ) from error
        tempfile.TemporaryFile(dir=folder).close()

"""Names of what is unfinished, which tell who is making it: a later start knows what a killed one left behind."""

import contextlib
import os
import platform
import re
import tempfile
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".triptych-"
"""How the names of unfinished files begin."""
_LONGEST_ENDING = 16
"""Characters: a name as long as a disk takes may be all ending."""
_MACHINE = f"{zlib.crc32(platform.node().encode()):08x}"
_PROCESS = uuid.uuid4().hex[:8]
"""Of this process only: in a container every start may have the same number."""
_STEM = re.escape(PREFIX) + r"(?P<machine>[0-9a-f]{8})-(?P<number>[0-9]{1,10})-(?P<process>[0-9a-f]{8})-[0-9a-f]{12}"
_FILE, _FOLDER = re.compile(_STEM + r"(\.[^./\\]+)?"), re.compile(_STEM + r"(-[a-z0-9_]{8})?")
"""A file has the ending of what it becomes; a folder has none, or what ``tempfile`` appends."""


def unfinished_name(ending: str = "") -> str:
    """A name that nobody else uses, for a file or folder of this process until it is whole.

    ``ending``: the file's own, as far as there is room for it; folders have none.
    """
    return f"{PREFIX}{_MACHINE}-{os.getpid()}-{_PROCESS}-{uuid.uuid4().hex[:12]}{ending[:_LONGEST_ENDING]}"


def is_ours(name: str, *, folder: bool) -> bool:
    """Whether a file, or a ``folder``, called ``name`` was made by ``unfinished_name``: people name things, too."""
    return (_FOLDER if folder else _FILE).fullmatch(name) is not None


def maker_of(name: str) -> int | None:
    """The number of the process that made the unfinished thing ``name``; None for one of another machine, or unknown.

    0: a process that had the number of this one, and is gone.
    """
    found = _FILE.fullmatch(name) or _FOLDER.fullmatch(name)
    if found is None or found["machine"] != _MACHINE:
        return None
    number = int(found["number"])
    return 0 if number == os.getpid() and found["process"] != _PROCESS else number


@contextlib.contextmanager
def temporary_folder(where: Path | None = None) -> Iterator[Path]:
    """A folder in ``where``, else among the system's temporary files, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix=unfinished_name("-"), dir=where) as folder:
        yield Path(folder)

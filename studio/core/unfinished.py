"""Names of what is unfinished, which tell who is making it: a later start knows what a killed one left behind."""

import contextlib
import os
import platform
import tempfile
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".triptych-"
"""How the names of unfinished files begin."""
_MACHINE = f"{zlib.crc32(platform.node().encode()):08x}"
_PROCESS = uuid.uuid4().hex[:8]
"""Of this process only: in a container every start may have the same number."""


def unfinished_name(ending: str = "") -> str:
    """A name that nobody else uses, for a file or folder of this process until it is whole."""
    return f"{PREFIX}{_MACHINE}-{os.getpid()}-{_PROCESS}-{uuid.uuid4().hex[:12]}{ending}"


def maker_of(name: str) -> int | None:
    """The number of the process that made the unfinished thing ``name``; None for one of another machine, or unknown.

    0: a process that had the number of this one, and is gone.
    """
    machine, number, process, _ = [*name.removeprefix(PREFIX).split("-"), "", "", "", ""][:4]
    if machine != _MACHINE or not number.isdecimal():
        return None
    return 0 if int(number) == os.getpid() and process != _PROCESS else int(number)


@contextlib.contextmanager
def temporary_folder(where: Path | None = None) -> Iterator[Path]:
    """A folder in ``where``, else among the system's temporary files, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix=unfinished_name("-"), dir=where) as folder:
        yield Path(folder)

"""Who holds the lock of a library, as its file says; and whether they can be alive."""

import os
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QByteArray, QStorageInfo, QSysInfo

from studio.files.leftovers import was_there
from studio.files.reading import read_file

Holding = Literal["alive", "elsewhere", "dead"]
_LONGEST, _LONGEST_NAME = 4096, 80
_NETWORK = ("nfs", "cifs", "smb", "ncp", "afs", "9p", "ceph", "gluster", "lustre", "fuse.", "virtiofs", "beegfs")
"""How the kinds of file systems begin that several machines may see."""


class Holder(NamedTuple):
    """What QLockFile wrote down: each "" or 0 where the file doesn't say."""

    process: int = 0
    machine: str = ""
    machine_id: str = ""
    boot_id: str = ""


def read_holder(lock: Path) -> Holder:
    """What the file says, which may be empty, cut off or anything."""
    try:
        lines = read_file(lock, _LONGEST).decode("utf-8", "replace").split("\n")
    except (OSError, ValueError):
        return Holder()
    process, _, machine, machine_id, boot_id = [*(line.strip() for line in lines), "", "", "", "", ""][:5]
    if not (process.isascii() and process.isdecimal() and len(process) < 11):
        return Holder()
    shown = "".join(char for char in machine if char.isprintable())[:_LONGEST_NAME]
    return Holder(int(process), shown, machine_id, boot_id)


def holding(lock: Path) -> Holding:
    """Whether the holder of ``lock`` lives. "elsewhere": on another machine, of which nobody here can tell.

    A lock of the system's is given back by whatever end a program finds, and holds in all containers of this machine.
    """
    if _is_locked(lock):
        return "alive"
    holder = read_holder(lock)
    if holder.machine == QSysInfo.machineHostName() and holder.machine_id == _text(QSysInfo.machineUniqueId()):
        same_start = holder.boot_id in ("", _text(QSysInfo.bootUniqueId()))
        return "alive" if same_start and _lives(holder.process, lock) else "dead"
    return "elsewhere" if holder.machine and _is_shared(lock) else "dead"


def _is_locked(lock: Path) -> bool:
    try:
        import fcntl
    except ImportError:
        return False  # on Windows nobody can delete the file while its holder lives
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a disk that knows no such locks
    finally:
        os.close(descriptor)
    return False


def _lives(process: int, lock: Path) -> bool:
    """Whether the process was there when the lock was written, and still is."""
    try:
        return process != os.getpid() and was_there(process, lock.stat().st_mtime)
    except OSError:
        return False


def _is_shared(lock: Path) -> bool:
    return _text(QStorageInfo(str(lock.parent)).fileSystemType()).lower().startswith(_NETWORK)


def _text(data: QByteArray) -> str:
    return bytes(data.data()).decode("ascii", "replace")

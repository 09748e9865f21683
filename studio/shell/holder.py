"""Who holds a library's lock according to its file, and whether that process may be alive."""

import os
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QByteArray, QStorageInfo, QSysInfo

from studio.files.leftovers import was_there
from studio.files.reading import read_file

Holding = Literal["alive", "elsewhere", "dead"]
_LONGEST, _LONGEST_NAME = 4096, 80
_NETWORK = ("nfs", "cifs", "smb", "ncp", "afs", "9p", "ceph", "gluster", "lustre", "fuse.", "virtiofs", "beegfs")
"""Prefixes of the types of file systems that several machines may share."""


class Holder(NamedTuple):
    """What QLockFile wrote; "" or 0 for what the file doesn't say."""

    process: int = 0
    machine: str = ""
    machine_id: str = ""
    boot_id: str = ""


def read_holder(lock: Path) -> Holder:
    """Parse the lock file, which may be empty, truncated or garbage."""
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
    """Whether the holder of ``lock`` is alive. "elsewhere": on another machine, where we can't tell.

    The system releases its lock however a program ends, and it works across containers on this machine.
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
        return False  # on Windows the file can't be deleted while its holder is alive
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a disk without such locks
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

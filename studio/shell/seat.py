"""The seat before a library: one window at a time has it; a second start can only call that one forward."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QLockFile, QObject

from studio.library.files import explained

PATIENCE = 3.0
"""Seconds that the other window may take to hear a call: it may be loading a large library."""


class Seat(QObject):
    """Two windows on one library would write over each other's queue and settings.

    The lock of a program that died is taken over. A call is a file beside it, which the window that has the seat takes
    away when it hears it: that needs no port and no socket.
    """

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._folder = data / "window"
        with explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(self._folder / "lock"))
        self._lock.setStaleLockTime(0)
        self._watcher: QFileSystemWatcher | None = None

    def take(self) -> bool:
        """False when another window has the seat. A disk that knows no locks keeps nobody out."""
        return self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def listen(self, called: Callable[[], object]) -> None:
        """Call ``called`` whenever somebody asks for the window that has the seat."""
        self._hear(lambda: None)  # calls that nobody waits for any more
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._hear(called))

    def call(self) -> bool:
        """Ask the window that has the seat to come forward; False when it doesn't answer."""
        file = self._folder / f"{os.getpid()}.call"
        try:
            file.touch()
        except OSError:
            return False
        end = time.monotonic() + PATIENCE
        while file.exists():
            if time.monotonic() > end:
                file.unlink(missing_ok=True)
                return False
            time.sleep(0.02)
        return True

    def leave(self) -> None:
        """Let the next one take it."""
        self._lock.unlock()

    def _hear(self, called: Callable[[], object]) -> None:
        calls = list(self._folder.glob("*.call"))
        for call in calls:
            call.unlink(missing_ok=True)
        if calls:
            called()

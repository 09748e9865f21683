"""The seat before a library: one window at a time has it; a second start can only call that one forward."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QLockFile, QObject

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.permissions import make_private_folder
from studio.shell.holder import Holder, holding, read_holder

PATIENCE = 3.0
"""Seconds that the other window may take to hear a call: it may be loading a large library."""
_WRITTEN = 0.05
"""Seconds within which a lock is written once its file is there."""


class Seat(QObject):
    """Two windows on one library would write over each other's queue and settings.

    The lock of a program that died is taken over, as is one that nobody can have: of another machine or container,
    empty, or no lock at all. A call is a file beside it, which the window that has the seat takes away when it hears
    it: that needs no port and no socket.
    """

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._folder = data / "window"
        make_private_folder(data)
        make_private_folder(self._folder)
        self._file = self._folder / "lock"
        self._lock = QLockFile(str(self._file))
        self._lock.setStaleLockTime(0)
        self._watcher: QFileSystemWatcher | None = None

    def take(self) -> bool:
        """False when another window has the seat. A disk that knows no locks keeps nobody out.

        Raises StudioError when something stands in the lock's place that can't be moved away.
        """
        if os.path.lexists(self._file) and not self._file.is_file():
            self._clear()  # reading a pipe would never end
        if self._try():
            return True
        if not self._file.exists():  # the other one has just left it
            return self._try()
        if holding(self._file) != "dead":
            return False
        time.sleep(_WRITTEN)  # another start may have made the file, and not yet written who it is
        return holding(self._file) == "dead" and self.take_over()

    @property
    def elsewhere(self) -> Holder | None:
        """Who has the seat, if that is somebody on another machine, who may have been gone for long."""
        return read_holder(self._file) if holding(self._file) == "elsewhere" else None

    def take_over(self) -> bool:
        """Take the seat from one who is gone."""
        self._clear()
        return self._try()

    def _try(self) -> bool:
        return self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def _clear(self) -> None:
        try:
            if self._file.is_dir() and not self._file.is_symlink():
                self._file.rmdir()
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise StudioError(
                tr("{path} is in the way and can't be removed: {why}.", path=self._file, why=error.strerror)
            ) from error

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

"""Single instance: one window per library; a second start can only bring that one forward."""

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
"""Seconds for the other window to answer: it may be loading a large library."""
_WRITTEN = 0.05
"""Seconds within which a lock file gets its content."""


class SingleInstance(QObject):
    """Two windows on one library would overwrite each other's queue and settings.

    A dead program's lock is taken over, as is one that nobody can hold: of another machine or container, empty, or not
    a lock at all. A call is a file next to it, which the owning window deletes when it notices it: that needs neither
    port nor socket.
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
        """False if another window has it. A disk without locks keeps nobody out.

        Raises StudioError if something else is in the lock's place and can't be moved away.
        """
        if os.path.lexists(self._file) and not self._file.is_file():
            self._clear()  # reading a pipe would block for ever
        if self._try():
            return True
        if not self._file.exists():  # the other one has just released it
            return self._try()
        if holding(self._file) != "dead":
            return False
        time.sleep(_WRITTEN)  # another start may have created the file, but not written it yet
        return holding(self._file) == "dead" and self.take_over()

    @property
    def elsewhere(self) -> Holder | None:
        """The holder, if it is on another machine and may be long gone."""
        return read_holder(self._file) if holding(self._file) == "elsewhere" else None

    def take_over(self) -> bool:
        """Take over from a holder that is gone."""
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
        """Call ``called`` whenever another start asks for this window."""
        self._hear(lambda: None)  # stale calls
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._hear(called))

    def call(self) -> bool:
        """Ask the owning window to come forward; False if it doesn't answer."""
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
        """Release it."""
        self._lock.unlock()

    def _hear(self, called: Callable[[], object]) -> None:
        calls = list(self._folder.glob("*.call"))
        for call in calls:
            call.unlink(missing_ok=True)
        if calls:
            called()

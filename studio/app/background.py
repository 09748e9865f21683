"""The background engine: long work on files beside the window, with progress, a stop and a row in the queue."""

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from studio.app.background_tasks import BackgroundTasks
from studio.core.errors import StudioError

Outcome = TypeVar("Outcome")


class BackgroundJob(QObject):
    """One piece of such work. It is on the list once it has said how far it is: what takes a moment never is."""

    progress = Signal(int, int)
    """So many are done, of so many: as ``at`` says from now on."""
    _told = Signal(int, int)

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.at = (0, 0)
        self._stop = threading.Event()
        # In the window's thread ``at`` and ``progress`` go together: whoever begins to listen there misses nothing.
        self._told.connect(self._move_on, Qt.ConnectionType.QueuedConnection)

    def stop(self) -> None:
        """Have it end as soon as it asks; what it has done stays."""
        self._stop.set()

    def stopped(self) -> bool:
        """Whether it is to end. The work asks this, in its own thread."""
        return self._stop.is_set()

    def tell(self, done: int, total: int) -> None:
        """Say how far it is. The work calls this, in its own thread."""
        self._told.emit(done, total)

    def _move_on(self, done: int, total: int) -> None:
        self.at = (done, total)
        self.progress.emit(done, total)


class BackgroundEngine(QObject):
    """Threads, not a process: the work waits for disks, not for Python, and shares the library's index and its locks.

    What belongs to one ``lane`` is done in order; an export doesn't wait for a look through all folders.
    """

    changed = Signal()
    """Which jobs are on the list."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, BackgroundTasks] = {}
        self._jobs: list[BackgroundJob] = []
        self._listed: list[BackgroundJob] = []

    @property
    def jobs(self) -> tuple[BackgroundJob, ...]:
        """Those on the list."""
        return tuple(self._listed)

    def do(
        self, lane: str, title: str, work: Callable[[BackgroundJob], Outcome], then: Callable[[Outcome], None],
        failed: Callable[[StudioError], None], owner: QObject,
    ) -> BackgroundJob:  # fmt: skip
        """Run ``work`` in the lane's thread, then ``then`` with its outcome or ``failed`` with its error here.

        Neither is called any more once ``owner`` was deleted.
        """
        job = BackgroundJob(title, self)
        self._jobs.append(job)
        job.progress.connect(lambda *_: self._list(job))

        def end(outcome: Outcome) -> None:
            self._end(job)
            if isValid(owner):
                then(outcome)

        def fail(error: StudioError) -> None:
            self._end(job)
            if isValid(owner):
                failed(error)

        if lane not in self._lanes:
            self._lanes[lane] = BackgroundTasks(self)
        self._lanes[lane].do(lambda: work(job), end, fail, self)
        return job

    def drop(self) -> list[BackgroundTasks]:
        """Have everything end and nobody be told. Returns what is to be closed."""
        for job in self._jobs:
            job.stop()
        for background_tasks in self._lanes.values():
            background_tasks.drop()
        return list(self._lanes.values())

    def _list(self, job: BackgroundJob) -> None:
        if job in self._jobs and job not in self._listed:
            self._listed.append(job)
            self.changed.emit()

    def _end(self, job: BackgroundJob) -> None:
        self._jobs.remove(job)
        if job in self._listed:
            self._listed.remove(job)
            self.changed.emit()
        job.deleteLater()

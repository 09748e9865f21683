"""The line: jobs that wait and the one that runs, changed under one lock."""

import threading
from collections.abc import Callable

from studio.core.values import Job


class Line:
    """Jobs in the order in which they will run.

    Waiting and running change under the same lock: with one lock for each, a cancel that fell between the two was lost.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._wake = wake
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._cancelled = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """True once ``close`` was called."""
        with self._lock:
            return self._closed

    def add(self, job: Job) -> list[Job]:
        """Append to the lane. Returns the jobs that this overtakes, or ``[job]`` itself when the line is closed."""
        with self._lock:
            if self._closed:
                return [job]
            overtaken = [other for other in self._waiting if other.lane == job.lane == "frames"]
            self._waiting = [other for other in self._waiting if other not in overtaken]
            place = next(
                (at for at, other in enumerate(self._waiting) if _rank(other) > _rank(job)), len(self._waiting)
            )
            self._waiting.insert(place, job)
        self._wake()
        return overtaken

    def take(self) -> Job | None:
        """The next job, which runs from now on; None when none waits."""
        with self._lock:
            if self._closed or not self._waiting:
                return None
            self._running, self._cancelled = self._waiting.pop(0), False
            return self._running

    def cancel(self, name: str) -> Job | None:
        """Returns the job if it waited, and is now out of the line; a running one is marked."""
        with self._lock:
            if self._running is not None and self._running.id == name:
                self._cancelled = True
                return None
            found = next((job for job in self._waiting if job.id == name), None)
            if found is not None:
                self._waiting.remove(found)
            return found

    def is_cancelled(self, name: str) -> bool:
        """True when the job runs and shall stop."""
        with self._lock:
            return self._running is not None and self._running.id == name and (self._cancelled or self._closed)

    def finish(self) -> bool:
        """The running job has ended; from here on a cancel comes too late. Returns whether it had been cancelled."""
        with self._lock:
            self._running = None
            return self._cancelled or self._closed

    def empty(self) -> list[Job]:
        """Take all that waits out of the line."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting

    def has_waiting(self) -> bool:
        """True when ``take`` would give a job."""
        with self._lock:
            return bool(self._waiting) and not self._closed

    def close(self) -> list[Job]:
        """Take no more jobs, cancel the running one. Returns those that waited."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        self._wake()
        return waiting


def _rank(job: Job) -> tuple[bool, bool]:
    return (job.lane != "frames", not job.urgent)

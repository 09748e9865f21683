"""The line: jobs that wait and the one that runs, changed under one lock."""

import threading
from collections.abc import Callable

from studio.core.values import Job


class JobQueue:
    """Jobs in the order in which they will run: frames, then work.

    A job is in one place only: it waits, it runs, or it was taken out unrun and nobody has been told yet. All three
    change under the same lock: with one lock for each, a cancel that fell between two of them was lost.
    ``wake`` is called, from any thread and without the lock, whenever the engine has something to look at.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._wake = wake
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._asked = 0
        """How often somebody asked for the end of the running job."""
        self._unrun: list[Job] = []
        self._closed = False

    @property
    def closed(self) -> bool:
        """True once ``close`` was called."""
        with self._lock:
            return self._closed

    @property
    def waits(self) -> bool:
        """True when ``take`` would give a job."""
        with self._lock:
            return bool(self._waiting) and not self._closed

    def add(self, job: Job) -> None:
        """Put ``job`` in its place. In the frames lane it takes the place of those that wait there."""
        with self._lock:
            if self._closed:
                self._unrun.append(job)
            elif job.lane == "frames":
                self._unrun += [other for other in self._waiting if other.lane == "frames"]
                self._waiting = [job, *(other for other in self._waiting if other.lane != "frames")]
            else:
                self._waiting.append(job)
        self._wake()

    def take(self) -> Job | None:
        """The next job, which runs from now on; None when none waits."""
        with self._lock:
            if self._closed or not self._waiting:
                return None
            self._running, self._asked = self._waiting.pop(0), 0
            return self._running

    def take_frame_job(self) -> Job | None:
        """The next frame, to be made between the steps of the running job. It is over soon, so nobody can ask for its
        end."""
        with self._lock:
            at_work = self._running is not None and self._running.lane == "work" and not self._closed
            return self._waiting.pop(0) if at_work and self._waiting and self._waiting[0].lane == "frames" else None

    def cancel(self, name: str) -> None:
        """Take the job out if it waits; ask for its end if it runs; else it is over and nothing happens."""
        with self._lock:
            if self._running is not None and self._running.id == name:
                self._asked += 1
            else:
                self._unrun += [job for job in self._waiting if job.id == name]
                self._waiting = [job for job in self._waiting if job.id != name]
        self._wake()

    def asked(self, name: str) -> int:
        """How often the end of the job was asked for, if it runs."""
        with self._lock:
            if self._running is None or self._running.id != name:
                return 0
            return self._asked or int(self._closed)

    def finish(self) -> bool:
        """The running job has ended; from here on a cancel comes too late. Returns whether one came before."""
        with self._lock:
            self._running = None
            return self._asked > 0 or self._closed

    def empty(self) -> list[Job]:
        """Take all that waits out of the line."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting

    def unrun(self) -> list[Job]:
        """The jobs that were cancelled or overtaken before they ran, each told once."""
        with self._lock:
            unrun, self._unrun = self._unrun, []
            return unrun

    def close(self) -> None:
        """Take no more jobs, cancel those that wait, ask for the end of the running one."""
        with self._lock:
            self._closed = True
            self._unrun += self._waiting
            self._waiting = []
        self._wake()

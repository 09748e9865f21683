"""An engine that runs its jobs in the very thread that is lent to it."""

import threading
from functools import partial

from studio.core.context import Models
from studio.core.events import Cancelled, EngineState, ModelsState
from studio.core.text import tr
from studio.core.values import Job
from studio.engine.line import Line
from studio.engine.perform import perform
from studio.engine.protocol import Emit


class LocalEngine:
    """For debugging, tests and the command line: no child process, so a crash of a driver is a crash of the program."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._work = threading.Event()
        self._line = Line(self._work.set)
        self._unrun: list[Job] = []
        self._unrun_lock = threading.Lock()

    def serve(self, emit: Emit) -> None:
        """Run jobs in this thread until ``close``."""
        emit(EngineState("starting"))
        emit(EngineState("ready", facts=self._models.warm()))
        loaded: dict[str, int] = {}
        while True:
            self._work.clear()
            self._tell_unrun(emit)
            job = self._line.take()
            if job is not None:
                final = perform(job, self._models, emit, partial(self._line.is_cancelled, job.id))
                emit(Cancelled(job.id) if self._line.finish() else final)
                self._work.set()
                if self._models.loaded() != loaded:
                    loaded = self._models.loaded()
                    emit(ModelsState(loaded))
            elif self._line.closed:
                self._tell_unrun(emit)
                break
            else:
                self._work.wait()
        emit(EngineState("gone", tr("The engine was closed.")))

    def submit(self, job: Job) -> None:
        """Put the job into its lane."""
        self._drop(self._line.add(job))

    def cancel(self, job_id: str) -> None:
        """Stop the job at its next check, or take it out of the line."""
        waited = self._line.cancel(job_id)
        if waited is not None:
            self._drop([waited])

    def close(self) -> None:
        """Cancel everything and let ``serve`` return."""
        self._drop(self._line.close())

    def _drop(self, jobs: list[Job]) -> None:
        with self._unrun_lock:
            self._unrun += jobs
        self._work.set()

    def _tell_unrun(self, emit: Emit) -> None:
        with self._unrun_lock:
            jobs, self._unrun = self._unrun, []
        for job in jobs:
            emit(Cancelled(job.id))

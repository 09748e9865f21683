"""An engine that runs its jobs in the very thread that is lent to it."""

import logging
import threading

from studio.core.context import Models
from studio.core.engine_config import DEFAULTS, EngineConfig, configure
from studio.core.events import Cancelled, EngineState, ModelsState
from studio.core.text import tr
from studio.core.values import Job
from studio.engine.job_queue import JobQueue
from studio.engine.perform import perform
from studio.engine.protocol import Emit

log = logging.getLogger(__name__)


class LocalEngine:
    """For debugging, tests and the command line: no child process, so a crash of a driver is a crash of the program."""

    capacity = 1

    def __init__(self, models: Models, config: EngineConfig = DEFAULTS) -> None:
        self._models, self._config, self._used = models, config, config
        self._loaded: dict[str, int] = {}
        self._news = threading.Event()
        self._queue = JobQueue(self._news.set)

    def submit(self, job: Job) -> None:
        """Put the job into its lane."""
        self._queue.add(job)

    def cancel(self, job_id: str) -> None:
        """Stop the job at its next check, or take it out of the line."""
        self._queue.cancel(job_id)

    def configure(self, config: EngineConfig) -> None:
        """Work as ``config`` says once the running job has ended."""
        self._config = config
        self._news.set()

    def close(self) -> None:
        """Cancel everything and let ``serve`` return, once the running job has noticed."""
        self._queue.close()

    def serve(self, emit: Emit) -> None:
        """Run jobs in this thread until ``close``."""
        self._warm(emit)
        while not self._queue.closed:
            self._news.clear()
            self._tell_unrun(emit)
            if self._config != self._used:
                self._models.free()
                self._tell_loaded(emit)
                self._warm(emit)
            job = self._queue.take()
            if job is not None:
                self._run(job, emit)
            else:
                self._news.wait()
        self._tell_unrun(emit)
        emit(EngineState("gone", tr("The engine was closed.")))

    def _warm(self, emit: Emit) -> None:
        emit(EngineState("starting"))
        self._used = self._config
        configure(self._used)
        try:
            facts = self._models.warm()
        except Exception as error:
            log.exception("the engine could not be prepared")
            emit(EngineState("died", tr("The engine could not be prepared: {error}", error=repr(error))))
        else:
            emit(EngineState("ready", facts=facts))

    def _run(self, job: Job, emit: Emit) -> None:
        def cancelled() -> bool:
            self._tell_unrun(emit)  # nobody else can while this thread is the runner's
            return self._queue.asked(job.id) > 0

        def frame_job(seconds: float) -> bool:
            self._news.clear()
            frame = self._queue.take_frame_job()
            if frame is None and self._news.wait(seconds):
                frame = self._queue.take_frame_job()
            if frame is None:
                return False
            emit(perform(frame, self._models, emit, lambda: self._queue.closed))
            self._tell_loaded(emit)
            return True

        final = perform(job, self._models, emit, cancelled, frame_job)
        emit(Cancelled(job.id) if self._queue.finish() else final)
        self._tell_loaded(emit)

    def _tell_loaded(self, emit: Emit) -> None:
        if self._models.loaded() != self._loaded:
            self._loaded = self._models.loaded()
            emit(ModelsState(self._loaded))

    def _tell_unrun(self, emit: Emit) -> None:
        for job in self._queue.unrun():
            emit(Cancelled(job.id))

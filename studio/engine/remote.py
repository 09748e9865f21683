"""An engine whose jobs run in a watched child process, replaced when it dies."""

import contextlib
import logging
import multiprocessing
import threading
import time
from multiprocessing.connection import wait
from pathlib import Path

from studio.core.engine_config import DEFAULTS, EngineConfig
from studio.core.events import Cancelled, EngineState, Event, Failed, Final, ModelsState, is_final
from studio.core.text import tr
from studio.core.values import Job
from studio.engine.job_queue import JobQueue
from studio.engine.perform import failure
from studio.engine.protocol import Emit
from studio.engine.watched import Watched, summary
from studio.engine.wire import Pong
from studio.files.unfinished import temporary_folder

log = logging.getLogger(__name__)
DEATHS, WITHIN_SECONDS = 3, 60.0
"""So many deaths in so short a time end in a message, not in a loop."""
SECONDS_TO_EXIT = 2.0
"""How long a child that closed its pipe may take to be gone."""


class RemoteEngine:
    """The desktop's engine. The child is given one job at a time: what waits is here and survives it.

    ``models`` names what the child calls to get its ``Models`` ("module:callable"), ``tasks`` what it calls to get the
    types of tasks by their kind: others are unknown to it. A child is started with the newest configuration; one that
    has another is replaced as soon as it has no job.

    ``patience``: seconds that a cancel may take before the engine says that it is stuck. ``pulse``: seconds without
    news of a job after which its child is asked whether it is there; when it doesn't answer within ``silence``, the
    engine says that it is stuck, too.

    A second cancel of the running job, stuck or not, kills the child, and so does the first one when the child doesn't
    answer; the job ends in ``Cancelled``.
    """

    capacity = 1

    def __init__(
        self, models: str, tasks: str, config: EngineConfig = DEFAULTS, patience: float = 5.0,
        pulse: float = 5.0, silence: float = 20.0,
    ) -> None:  # fmt: skip
        self._models, self._tasks, self._patience = models, tasks, patience
        self._config = self._used = config
        self._pulse, self._silence = pulse, silence
        self._bell = _Bell()
        self._queue = JobQueue(self._bell.ring)
        self._child: Watched | None = None
        self._deaths: list[float] = []
        self._loaded: dict[str, int] = {}

    # -- any thread ----------------------------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Put the job into its lane."""
        self._queue.add(job)

    def cancel(self, job_id: str) -> None:
        """Stop the job; asked again for the running one, replace the child."""
        self._queue.cancel(job_id)

    def configure(self, config: EngineConfig) -> None:
        """Replace the child by one that works as ``config`` says, once the running job has ended."""
        self._config = config
        self._bell.ring()

    def close(self) -> None:
        """Cancel everything and let ``serve`` return."""
        self._queue.close()

    # -- the serving thread --------------------------------------------------------------------------------------

    def serve(self, emit: Emit) -> None:
        """Keep a child alive and hand it the line, job by job, until ``close``."""
        with contextlib.ExitStack() as stack:
            spare = stack.enter_context(temporary_folder()) / "log"
            stack.callback(self._bell.close)
            stack.callback(self._end, emit)
            while not self._queue.closed:
                self._retire(emit)
                self._keep_alive(spare, emit)
                self._hand_over(emit)
                self._wait(emit)
                self._listen(emit)
                self._tell_unrun(emit)

    def _retire(self, emit: Emit) -> None:
        """End a child that was started with another configuration, once it has no job."""
        if self._used == self._config:
            return
        worker = self._child
        if worker is None:
            self._deaths.clear()  # the next one may live
            self._used = self._config
        elif worker.job is None:
            worker.unwanted = True
            worker.process.kill()
            self._bury(worker, emit)

    def _keep_alive(self, spare: Path, emit: Emit) -> None:
        """Start a child if there is none, unless that has failed too often and nobody has asked for anything since."""
        while self._child is None and (len(self._deaths) < DEATHS or self._queue.waits):
            if len(self._deaths) >= DEATHS:
                self._deaths.clear()
            emit(EngineState("starting"))
            self._used = config = self._config
            try:
                self._child = Watched(self._models, self._tasks, config, Path(config.log) if config.log else spare)
            except OSError as error:  # no memory or no process left
                log.exception("the engine's child can't be started")
                self._count_death(error.strerror or str(error), emit)

    def _hand_over(self, emit: Emit) -> None:
        """Give the child the next job when it is free; tell it when the end of the running one was asked for."""
        worker = self._child
        if worker is None or worker.ready is None:
            return
        while worker.job is None and (job := self._queue.take()) is not None:
            try:
                worker.submit(job)
            except Exception as error:  # noqa: BLE001  whatever a job's values raise when they are encoded
                emit(self._finish(failure(job.id, error)))
        if worker.job is None:
            return
        while (frame_job := self._queue.take_frame_job()) is not None:
            try:
                worker.submit_guest(frame_job)
            except Exception as error:  # noqa: BLE001  as above
                emit(failure(frame_job.id, error))
        asked = self._queue.asked(worker.job.id)
        if asked and worker.cancelled_at is None:
            worker.cancel(time.monotonic())
        if asked > (0 if worker.silent else 1) and not worker.unwanted:
            log.warning("the engine's child is replaced: it was asked to stop and does not answer")
            worker.unwanted = True
            worker.process.kill()

    def _wait(self, emit: Emit) -> None:
        """Sleep until the child, its end or another thread has news, or it is time to ask or to say something."""
        worker = self._child
        if worker is None:
            wait([self._bell.pipe])
        elif not wait([self._bell.pipe, worker.pipe, worker.process.sentinel], self._until_due(worker)):
            self._look_at_the_clock(worker, emit)
        self._bell.quiet()

    def _until_due(self, worker: Watched) -> float | None:
        due = []
        if worker.cancelled_at is not None and not worker.stuck:
            due.append(worker.cancelled_at + self._patience)
        if worker.job is not None and not worker.silent:
            due.append(worker.heard_at + self._pulse if worker.asked_at is None else worker.asked_at + self._silence)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _look_at_the_clock(self, worker: Watched, emit: Emit) -> None:
        """Say that the child is stuck when a stop or an answer has taken too long; ask it when it has been quiet."""
        now = time.monotonic()
        stuck = worker.cancelled_at is not None and now >= worker.cancelled_at + self._patience
        silent = worker.asked_at is not None and now >= worker.asked_at + self._silence
        if (stuck and not worker.stuck) or (silent and not worker.silent):
            emit(EngineState("stuck", tr("The engine isn't responding.")))
        worker.stuck, worker.silent = stuck, silent
        if worker.job is not None and worker.asked_at is None and now >= worker.heard_at + self._pulse:
            worker.ask()

    def _listen(self, emit: Emit) -> None:
        """Pass on what the child said; bury it when it is dead and all its words were heard."""
        worker = self._child
        if worker is None:
            return
        alive = worker.process.is_alive()
        messages = worker.messages()
        if messages and worker.silent:
            worker.silent = False
            if worker.ready is not None and not worker.stuck:
                emit(worker.ready)
        for message in messages:
            if isinstance(message, EngineState):
                worker.ready = message
                emit(message)
            elif isinstance(message, ModelsState):
                self._models_changed(message.loaded, emit)
            elif not isinstance(message, Pong):
                self._of_job(worker, message, emit)
        if worker.deaf or not (alive or messages):
            self._bury(worker, emit)

    def _of_job(self, worker: Watched, event: Event, emit: Emit) -> None:
        if is_final(event) and event.job in worker.frame_jobs:
            worker.frame_jobs.discard(event.job)
            emit(event)
        elif is_final(event):
            was_stuck = worker.stuck
            worker.job, worker.cancelled_at, worker.stuck = None, None, False
            emit(self._finish(event))  # type: ignore[arg-type]  # is_final says so
            if was_stuck and worker.ready is not None:
                emit(worker.ready)
        elif not self._queue.asked(event.job):
            emit(event)

    def _finish(self, final: Final) -> Final:
        return Cancelled(final.job) if self._queue.finish() else final

    def _bury(self, worker: Watched, emit: Emit) -> None:
        """The child is dead: its job ends with its last words, its models are gone, and the next child is started."""
        worker.end(SECONDS_TO_EXIT)
        self._child = None
        words, how = worker.last_words(), worker.how_it_ended()
        if not worker.unwanted:
            log.error("the engine's child died (%s): %s", how, words)
            emit(EngineState("died", tr("The engine stopped ({how}). {words}", how=how, words=summary(words)).strip()))
        self._models_changed({}, emit)
        if not worker.unwanted:
            self._count_death(words or how, emit)  # first, that who feeds the line knows before the job's end
        if worker.job is not None:
            sentence = tr("The engine stopped while working on this ({how}).", how=how)
            emit(self._finish(Failed(worker.job.id, "engine_died", sentence, words)))
        for frame_job in worker.frame_jobs:
            emit(Failed(frame_job, "engine_died", tr("The engine stopped ({how}).", how=how), words))

    def _count_death(self, words: str, emit: Emit) -> None:
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < WITHIN_SECONDS] + [now]
        if len(self._deaths) < DEATHS:
            return
        sentence = tr("The engine stopped {count} times within a minute: {words}", count=DEATHS, words=summary(words))
        emit(EngineState("gone", sentence))
        for job in self._queue.empty():
            emit(Failed(job.id, "engine_died", sentence, words))

    def _models_changed(self, loaded: dict[str, int], emit: Emit) -> None:
        if loaded != self._loaded:
            self._loaded = loaded
            emit(ModelsState(loaded))

    def _tell_unrun(self, emit: Emit) -> None:
        for job in self._queue.unrun():
            emit(Cancelled(job.id))

    def _end(self, emit: Emit) -> None:
        worker, self._child = self._child, None
        if worker is not None:
            worker.end()
            if worker.job is not None:
                emit(self._finish(Cancelled(worker.job.id)))
            for frame_job in worker.frame_jobs:
                emit(Cancelled(frame_job))
        self._tell_unrun(emit)
        emit(EngineState("gone", tr("The engine was closed.")))


class _Bell:
    """Ends the serving thread's sleep from any other thread. Rings once until it is quieted: a pipe can fill up."""

    def __init__(self) -> None:
        self.pipe, self._ringer = multiprocessing.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._rings = False

    def ring(self) -> None:
        """Wake the serving thread, now or when it next wants to sleep."""
        with self._lock:
            if not (self._rings or self._ringer.closed):
                self._rings = True
                self._ringer.send_bytes(b"!")

    def quiet(self) -> None:
        """Be ready for the next ring. Called before looking for news, so that none is missed."""
        with self._lock:
            if self._rings:
                self._rings = False
                self.pipe.recv_bytes()

    def close(self) -> None:
        """Ring no more."""
        with self._lock:
            self._ringer.close()
            self.pipe.close()

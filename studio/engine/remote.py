"""An engine whose jobs run in a watched child process, replaced when it dies."""

import contextlib
import logging
import multiprocessing
import tempfile
import threading
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from studio.core.events import Cancelled, EngineState, Failed, ModelsState, is_final
from studio.core.text import tr
from studio.core.values import Job
from studio.engine import child
from studio.engine.line import Line
from studio.engine.protocol import Emit

log = logging.getLogger(__name__)
DEATHS, WITHIN_SECONDS = 3, 60.0
"""So many deaths in so short a time end in a message, not in a loop."""
LAST_WORDS = 4000
"""How much of the end of the child's stderr is told, in bytes."""


class RemoteEngine:
    """The desktop's engine. The parent sends one job at a time: what waits is here and survives the child.

    ``models`` names what the child calls to get its ``Models`` ("module:callable"). ``log`` takes the child's stderr.
    ``patience``: seconds that a cancel may take before the engine says that it is stuck; a cancel after that kills.
    """

    def __init__(self, models: str, log: Path | None = None, patience: float = 5.0) -> None:
        self._models, self._patience = models, patience
        self._scratch = None if log else tempfile.TemporaryDirectory(prefix="triptych-")
        self._words = log or Path(self._scratch.name if self._scratch else "") / "engine.log"
        self._bell, self._ringer = multiprocessing.Pipe(duplex=False)
        self._ring_lock = threading.Lock()
        self._line = Line(self._ring)
        self._unrun: list[Job] = []
        self._kill = False
        self._child: _Child | None = None
        self._deaths: list[float] = []

    # -- any thread ----------------------------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Put the job into its lane."""
        self._drop(self._line.add(job))

    def cancel(self, job_id: str) -> None:
        """Stop the job; once the engine is stuck over it, replace the child."""
        again = self._line.is_cancelled(job_id)
        waited = self._line.cancel(job_id)
        if waited is not None:
            self._drop([waited])
        self._kill = self._kill or again
        self._ring()

    def close(self) -> None:
        """Cancel everything and let ``serve`` return."""
        self._drop(self._line.close())

    def _drop(self, jobs: list[Job]) -> None:
        with self._ring_lock:
            self._unrun += jobs
        self._ring()

    def _ring(self) -> None:
        with self._ring_lock, contextlib.suppress(OSError):
            self._ringer.send_bytes(b"!")

    # -- the serving thread --------------------------------------------------------------------------------------

    def serve(self, emit: Emit) -> None:
        """Keep a child alive and hand it the line, job by job, until ``close``."""
        try:
            while not self._line.closed:
                if self._child is None and (len(self._deaths) < DEATHS or self._line.has_waiting()):
                    self._start(emit)
                self._hand_over()
                self._listen(emit)
                self._tell_unrun(emit)
        finally:
            self._end(emit)

    def _start(self, emit: Emit) -> None:
        if len(self._deaths) >= DEATHS:
            self._deaths.clear()
        emit(EngineState("starting"))
        self._words.parent.mkdir(parents=True, exist_ok=True)
        self._words.write_bytes(b"")
        self._child = _Child(self._models, self._words)

    def _hand_over(self) -> None:
        """Send the next job when the child is free, the cancel of the running one when it was asked for."""
        worker = self._child
        if worker is None:
            return
        if worker.job is None and (job := self._line.take()) is not None:
            worker.job = job
            worker.send(job)
        if worker.job is not None and worker.cancelled_at is None and self._line.is_cancelled(worker.job.id):
            worker.cancelled_at = time.monotonic()
            worker.send(worker.job.id)

    def _listen(self, emit: Emit) -> None:
        worker = self._child
        if worker is None:
            wait([self._bell])
        elif not wait([self._bell, worker.pipe, worker.process.sentinel], self._until_stuck()):
            worker.stuck = True
            emit(EngineState("stuck", tr("The engine doesn't answer.")))
        while self._bell.poll():
            self._bell.recv_bytes()
        if worker is None:
            return
        if self._kill and worker.stuck:
            worker.process.kill()
            worker.replaced = True
        self._kill = False
        alive = worker.process.is_alive()
        count = self._take_messages(worker, emit)
        if worker.deaf or not (alive or count):
            self._bury(worker, emit)

    def _until_stuck(self) -> float | None:
        """Seconds until a cancel has waited too long; None when there is nothing to wait for."""
        worker = self._child
        if worker is None or worker.cancelled_at is None or worker.stuck:
            return None
        return max(0.0, worker.cancelled_at + self._patience - time.monotonic())

    def _take_messages(self, worker: "_Child", emit: Emit) -> int:
        messages = worker.messages()
        for message in messages:
            if isinstance(message, EngineState | ModelsState):
                emit(message)
            elif worker.job is None or message.job != worker.job.id:
                log.error("the engine's child spoke of another job: %r", message)
            elif is_final(message):
                name, worker.job, worker.cancelled_at = worker.job.id, None, None
                was_stuck, worker.stuck = worker.stuck, False
                emit(Cancelled(name) if self._line.finish() else message)
                if was_stuck:
                    emit(EngineState("ready", facts=worker.facts))
            elif not self._line.is_cancelled(worker.job.id):
                emit(message)
        return len(messages)

    def _bury(self, worker: "_Child", emit: Emit) -> None:
        """The child died: its job ends with its last words, and the next one starts unless this happens too often."""
        worker.end()
        words, code = self._last_words(), worker.process.exitcode
        log.error("the engine's child died (exit code %s): %s", code, words)
        self._child = None
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < WITHIN_SECONDS] + [now] * (not worker.replaced)
        emit(EngineState("died", words))
        sentence = tr("The engine stopped (exit code {code}) while it worked on this.", code=code)
        if worker.job is not None:
            name = worker.job.id
            emit(Cancelled(name) if self._line.finish() else Failed(name, "engine_died", sentence, words))
        if len(self._deaths) >= DEATHS:
            gone = tr(
                "The engine stopped {count} times within a minute. Last words: {words}", count=DEATHS, words=words
            )
            emit(EngineState("gone", gone))
            for job in self._line.empty():
                emit(Failed(job.id, "engine_died", tr("The engine can't be started."), words))

    def _last_words(self) -> str:
        try:
            return self._words.read_bytes()[-LAST_WORDS:].decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _tell_unrun(self, emit: Emit) -> None:
        with self._ring_lock:
            jobs, self._unrun = self._unrun, []
        for job in jobs:
            emit(Cancelled(job.id))

    def _end(self, emit: Emit) -> None:
        if self._child is not None:
            job = self._child.job
            self._child.end()
            if job is not None:
                self._line.finish()
                emit(Cancelled(job.id))
        self._tell_unrun(emit)
        emit(EngineState("gone", tr("The engine was closed.")))
        with self._ring_lock:
            self._ringer.close()
        self._bell.close()
        if self._scratch is not None:
            self._scratch.cleanup()


class _Child:
    """One child process, and what the parent knows of it."""

    def __init__(self, models: str, words: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe: Connection[Any, Any]
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=child.main, args=(theirs, models, str(words)), name="engine", daemon=True
        )
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.cancelled_at: float | None = None
        self.stuck = False
        self.replaced = False
        """True when it was killed because a person asked for it."""
        self.deaf = False
        """True once nothing more will come through the pipe."""
        self.facts: dict[str, Any] = {}

    def send(self, message: Job | str) -> None:
        """Send, unless the child is gone; then its end is noticed by its sentinel."""
        with contextlib.suppress(OSError):
            self.pipe.send(message)

    def messages(self) -> list[Any]:
        """Everything that has come through the pipe."""
        found: list[Any] = []
        try:
            while len(found) < 200 and self.pipe.poll():
                found.append(self.pipe.recv())
        except (EOFError, OSError):
            self.deaf = True
        self.facts = next((m.facts for m in found if isinstance(m, EngineState)), self.facts)
        return found

    def end(self) -> None:
        """Make sure that it is gone."""
        self.process.kill()
        self.process.join()
        self.pipe.close()

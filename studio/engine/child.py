"""The child process: one model thread, a listener beside it, and a pipe to the parent."""

import faulthandler
import importlib
import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from studio.core.events import EngineState, ModelsState
from studio.core.values import Job
from studio.engine.perform import perform


class Listener(threading.Thread):
    """Reads what the parent sends: a job, the id of the one to cancel, or None to end.

    When the parent is gone the process ends at once, so a child never outlives its window.
    """

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        super().__init__(name="listener", daemon=True)
        self._pipe = pipe
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._cancelled = ""

    def run(self) -> None:
        """Listen until the pipe ends."""
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            if isinstance(message, str):
                self._cancelled = message
            else:
                self.jobs.put(message)

    def is_cancelled(self, job_id: str) -> bool:
        """True when the parent wants the job to stop."""
        return self._cancelled == job_id


def main(pipe: "Connection[Any, Any]", models: str, words: str) -> None:
    """Serve the parent at the other end of ``pipe``. ``words``: the file that takes what is written to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _write_to(words)
    listener = Listener(pipe)
    listener.start()
    module, _, name = models.partition(":")
    pool = getattr(importlib.import_module(module), name)()
    pipe.send(EngineState("ready", facts=pool.warm()))
    loaded: dict[str, int] = {}
    while (job := listener.jobs.get()) is not None:
        name = job.id
        pipe.send(perform(job, pool, pipe.send, lambda name=name: listener.is_cancelled(name)))  # type: ignore[misc]
        if pool.loaded() != loaded:
            loaded = pool.loaded()
            pipe.send(ModelsState(loaded))


def _write_to(words: str) -> None:
    """Lead stdout and stderr, those of C libraries too, into the file ``words``."""
    file = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    faulthandler.enable(sys.stderr)

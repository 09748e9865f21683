"""The child process: one model thread, a listener beside it, and a pipe to the parent."""

import faulthandler
import os
import pickle
import sys
import threading
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from studio.core.child_signals import leave_to_the_parent
from studio.core.context import Models
from studio.core.events import Cancelled, EngineState, Event, Final, ModelsState
from studio.core.offline import go_offline
from studio.core.text import LANGUAGE, use_language
from studio.engine.perform import failure, find, perform, plain

Packed = tuple[str, bytes, bool]
"""A job as it is sent: its id, the pickled job, and whether it is a frame."""


class Speaker:
    """What is said to the parent, by either thread, each thing whole."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe, self._speaking = pipe, threading.Lock()

    def __call__(self, message: object) -> None:
        """Say it."""
        with self._speaking:
            self._pipe.send(message)


class Listener(threading.Thread):
    """Reads what the parent sends: a job's ``Packed``, the id of the job to cancel, or None, which is to be answered.

    When the parent is gone the process ends at once, so a child never outlives its window.
    """

    def __init__(self, pipe: "Connection[Event, Any]", say: Speaker) -> None:
        super().__init__(name="listener", daemon=True)
        self._pipe, self._say = pipe, say
        self._news = threading.Condition()
        self._waiting: list[Packed] = []
        self._cancelled = ""

    def run(self) -> None:
        """Listen until the pipe ends."""
        while True:
            try:
                message = self._pipe.recv()
                if message is None:
                    self._say(None)
                    continue
            except (EOFError, OSError):
                os._exit(0)
            if isinstance(message, str):
                self._cancelled = message
            else:
                self._add(message)

    def _add(self, packed: Packed) -> None:
        """A frame takes the place of one that was sent before it and that no step of the running job has let in yet."""
        with self._news:
            if packed[2]:
                for name, _, is_frame in self._waiting:
                    if is_frame:
                        self._say(Cancelled(name))
                self._waiting = [other for other in self._waiting if not other[2]]
            self._waiting.append(packed)
            self._news.notify()

    def take(self, seconds: float | None = None) -> Packed | None:
        """The next job; None when none has come within so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self._waiting, seconds)
            return self._waiting.pop(0) if self._waiting else None

    def is_cancelled(self, name: str) -> bool:
        """True when the parent wants the job to stop."""
        return self._cancelled == name


def main(pipe: "Connection[Any, Any]", models: str, words: str) -> None:
    """Serve the parent at the other end of ``pipe``. ``words``: the file that takes what is written to stderr."""
    leave_to_the_parent()
    go_offline()
    _write_to(words)
    use_language(os.environ.get(LANGUAGE, ""))
    say = Speaker(pipe)
    listener = Listener(pipe, say)
    listener.start()
    pool: Models = find(models)()
    say(plain(EngineState("ready", facts={**pool.warm(), "pid": os.getpid()})))
    Serving(pool, say, listener).serve()


class Serving:
    """Performs what the parent sends, in the one thread that computes."""

    def __init__(self, pool: Models, say: Speaker, listener: Listener) -> None:
        self._pool, self._say, self._listener = pool, say, listener
        self._loaded: dict[str, int] = {}

    def serve(self) -> None:
        """Until the process ends."""
        while True:
            job = self._listener.take()
            if job is not None:
                self._answer(job)

    def _answer(self, packed: Packed) -> None:
        self._say(self._perform(packed[0], packed[1]))
        if self._pool.loaded() != self._loaded:
            self._loaded = self._pool.loaded()
            self._say(plain(ModelsState(self._loaded)))

    def _perform(self, name: str, packed: bytes) -> Final:
        try:
            job = pickle.loads(packed)  # the parent's own; it imports the module of the task
        except BaseException as error:  # noqa: BLE001  whatever a module does while it is imported
            return failure(name, error)
        return perform(job, self._pool, self._say, partial(self._listener.is_cancelled, name), self._guest)

    def _guest(self, seconds: float) -> bool:
        """Perform the frame that the parent sends while a job runs: it sends nothing else then."""
        guest = self._listener.take(seconds)
        if guest is not None:
            self._answer(guest)
        return guest is not None


def _write_to(words: str) -> None:
    """Lead stdout and stderr, those of C libraries too, into the file ``words``."""
    file = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    faulthandler.enable(sys.stderr)

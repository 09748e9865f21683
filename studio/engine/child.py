"""The child process: one model thread, a listener beside it, and a pipe to the parent."""

import contextlib
import faulthandler
import os
import sys
import threading
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from studio.core.child_signals import leave_to_the_parent
from studio.core.context import Models
from studio.core.engine_config import EngineConfig, configure
from studio.core.errors import StudioError
from studio.core.events import Cancelled, EngineState, Final, ModelsState
from studio.core.offline import go_offline
from studio.core.override import override
from studio.core.task import Task
from studio.core.text import use_language
from studio.engine.perform import failure, find, perform, plain
from studio.engine.wire import Cancel, Ping, Pong, Submit, ToChild, ToParent, WireError, encode, from_parent, job_of


class Speaker:
    """What is said to the parent, by either thread, each thing whole."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe, self._speaking = pipe, threading.Lock()

    def __call__(self, message: ToParent) -> None:
        """Say it. Raises what ``encode`` raises."""
        frame = encode(message)
        with self._speaking:
            self._pipe.send_bytes(frame)


class Listener(threading.Thread):
    """Reads what the parent sends.

    When the parent is gone the process ends at once, so a child never outlives its window; and so it does, with an
    error, when the parent says what can't be understood.
    """

    def __init__(self, pipe: "Connection[Any, Any]", say: Speaker) -> None:
        super().__init__(name="listener", daemon=True)
        self._pipe, self._say = pipe, say
        self._news = threading.Condition()
        self._waiting: list[Submit] = []
        self._cancelled = ""

    @override
    def run(self) -> None:
        """Listen until the pipe ends."""
        while True:
            match _heard(self._pipe):
                case Submit() as job:
                    self._add(job)
                case Cancel(name):
                    self._cancelled = name
                case Ping():
                    with contextlib.suppress(OSError):  # then the parent is gone
                        self._say(Pong())
                case EngineConfig():
                    _not_understood("it has a configuration already")

    def _add(self, job: Submit) -> None:
        """A frame takes the place of one that was sent before it and that no step of the running job has let in yet."""
        with self._news:
            if job.lane == "frames":
                for other in self._waiting:
                    if other.lane == "frames":
                        self._say(Cancelled(other.id))
                self._waiting = [other for other in self._waiting if other.lane != "frames"]
            self._waiting.append(job)
            self._news.notify()

    def take(self, seconds: float | None = None) -> Submit | None:
        """The next job; None when none has come within so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self._waiting, seconds)
            return self._waiting.pop(0) if self._waiting else None

    def is_cancelled(self, name: str) -> bool:
        """True when the parent wants the job to stop."""
        return self._cancelled == name


def main(pipe: "Connection[Any, Any]", models: str, tasks: str, words: str) -> None:
    """Serve the parent at the other end of ``pipe``.

    ``models`` and ``tasks`` name what gives the ``Models`` and the types of tasks by their kind ("module:callable").
    ``words``: the file that takes what is written to stderr.
    """
    leave_to_the_parent()
    go_offline()
    _write_to(words)
    config = _heard(pipe)
    if not isinstance(config, EngineConfig):
        _not_understood("its configuration must come first")
    configure(config)
    use_language(config.language)
    say = Speaker(pipe)
    listener = Listener(pipe, say)
    listener.start()
    cache: Models = find(models)()
    say(plain(EngineState("ready", facts={**cache.warm(), "pid": os.getpid()})))
    Serving(cache, find(tasks)(), say, listener).serve()


class Serving:
    """Performs what the parent sends, in the one thread that computes."""

    def __init__(self, cache: Models, tasks: Mapping[str, type[Task]], say: Speaker, listener: Listener) -> None:
        self._pool, self._tasks, self._say, self._listener = cache, tasks, say, listener
        self._loaded: dict[str, int] = {}

    def serve(self) -> None:
        """Until the process ends."""
        while True:
            job = self._listener.take()
            if job is not None:
                self._answer(job)

    def _answer(self, job: Submit) -> None:
        final = self._perform(job)
        try:
            self._say(final)
        except (TypeError, ValueError, OverflowError) as error:  # a number without end among a result's notes
            self._say(failure(job.id, error))
        if self._pool.loaded() != self._loaded:
            self._loaded = self._pool.loaded()
            self._say(plain(ModelsState(self._loaded)))

    def _perform(self, message: Submit) -> Final:
        try:
            job = job_of(message, self._tasks)
        except (WireError, StudioError) as error:
            return failure(message.id, error)
        return perform(job, self._pool, self._say, partial(self._listener.is_cancelled, job.id), self._frame_job)

    def _frame_job(self, seconds: float) -> bool:
        """Perform the frame that the parent sends while a job runs: it sends nothing else then."""
        frame_job = self._listener.take(seconds)
        if frame_job is not None:
            self._answer(frame_job)
        return frame_job is not None


def _heard(pipe: "Connection[Any, Any]") -> ToChild:
    """The parent's next message. Ends the process when the parent is gone, or can't be understood."""
    try:
        return from_parent(pipe.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)
    except WireError as error:
        _not_understood(error)


def _not_understood(why: object) -> NoReturn:
    sys.stderr.write(f"The engine's parent can't be understood: {why}\n")
    os._exit(1)


def _write_to(words: str) -> None:
    """Lead stdout and stderr, those of C libraries too, into the file ``words``."""
    file = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    faulthandler.enable(sys.stderr)

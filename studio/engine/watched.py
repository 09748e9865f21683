"""One child process as its parent sees it: its pipe, its job, its last words, how it ended."""

import atexit
import contextlib
import logging
import multiprocessing
import os
import signal
import time
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from studio.core.child_signals import held_back
from studio.core.engine_config import EngineConfig
from studio.core.events import EngineState
from studio.core.text import tr
from studio.core.values import Job
from studio.engine import child
from studio.engine.wire import Cancel, Ping, ToChild, ToParent, WireError, encode, from_child, submit_of
from studio.files.permissions import open_to_append
from studio.files.reading import open_file

log = logging.getLogger(__name__)
LAST_WORDS = 4000
"""How much of the end of the child's stderr is told, in bytes."""
LARGEST_LOG = 1 << 20
AT_ONCE = 200
"""So many messages are read before the line and the bell are looked at again."""


class Watched:
    """A child process with at most one job. Used by the serving thread only."""

    def __init__(self, models: str, tasks: str, config: EngineConfig, log_file: Path) -> None:
        self._log, self._log_from = log_file, _size_for_appending(log_file)
        context = multiprocessing.get_context("spawn")
        self.pipe: Connection[Any, Any]
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=child.main,
            args=(theirs, models, tasks, os.devnull if self._log_from is None else str(log_file)),
            name="engine",
            daemon=True,
        )
        try:
            if os.name == "posix":  # what Python has beside its children undoes what holds signals back, when it starts
                resource_tracker.ensure_running()
            with held_back():
                self.process.start()
        except OSError:
            self.pipe.close()
            raise
        finally:
            theirs.close()
        # Python asks what is left at its end to terminate, and waits for it: this one leaves that to its parent.
        atexit.register(self.process.kill)
        self._say(config)
        self.ready: EngineState | None = None
        """What it said when it had warmed up; it is given no job before."""
        self.job: Job | None = None
        self.frame_jobs: set[str] = set()
        """The frames that it was given in the middle of its job; it drops those that a newer one overtakes."""
        self.cancelled_at: float | None = None
        """When the job's end was asked of it."""
        self.stuck = False
        """True once that took too long."""
        self.unwanted = False
        """True when it was killed because a person asked for it."""
        self.heard_at = time.monotonic()
        """When it last said anything."""
        self.asked_at: float | None = None
        """When it was asked whether it is there, if it has said nothing since."""
        self.silent = False
        """True while it doesn't even answer that."""
        self.deaf = False
        """True once nothing more will come through the pipe."""
        self._strange = ""
        """What was wrong with a message that can't be understood; it was killed for that."""

    def submit(self, job: Job) -> None:
        """Give it a job. Raises what ``encode`` raises; a dead child is noticed by its sentinel."""
        self._say(submit_of(job))
        self.job, self.heard_at = job, time.monotonic()

    def submit_guest(self, frame: Job) -> None:
        """Give it a frame, to be made between the steps of its job. Raises what ``encode`` raises."""
        self._say(submit_of(frame))
        self.frame_jobs.add(frame.id)

    def cancel(self, at: float) -> None:
        """Ask for the end of its job."""
        if self.job is not None:
            self._say(Cancel(self.job.id))
            self.cancelled_at = at

    def ask(self) -> None:
        """Ask whether it is there."""
        self._say(Ping())
        self.asked_at = time.monotonic()

    def _say(self, message: ToChild) -> None:
        frame = encode(message)
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(frame)

    def messages(self) -> list[ToParent]:
        """Everything that has come through the pipe."""
        found: list[ToParent] = []
        try:
            while len(found) < AT_ONCE and self.pipe.poll():
                found.append(from_child(self.pipe.recv_bytes()))
        except (EOFError, OSError):
            self.deaf = True
        except WireError as error:
            log.exception("what the engine's child says can't be understood")
            self.deaf, self._strange = True, str(error)
            self.process.kill()
        if found:
            self.heard_at, self.asked_at = time.monotonic(), None
        return found

    def end(self, seconds: float = 0.0) -> None:
        """Make sure that it is gone; give it some time to go by itself, so that its exit code is its own."""
        self.process.join(seconds)
        atexit.unregister(self.process.kill)
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        if self._log_from is None:
            return ""
        try:
            with open_file(self._log) as file:
                file.seek(max(self._log_from, self._log.stat().st_size - LAST_WORDS))
                return file.read().decode("utf-8", "replace").strip()
        except OSError as error:
            log.warning("the engine's log %s can't be read: %s", self._log, error)
            return ""

    def how_it_ended(self) -> str:
        """The exit code in words."""
        if self._strange:
            return tr("it sent an invalid message: {why}", why=self._strange)
        code = self.process.exitcode or 0
        if code >= 0:
            return tr("exit code {code}", code=code if code < 256 else hex(code))
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        if name == "SIGKILL":
            return tr("killed from outside, as happens when memory runs out")
        return tr("signal {name}", name=name)


def summary(last_words: str) -> str:
    """The one line of ``last_words`` that says most: the last, or what faulthandler began with."""
    lines = [line.strip() for line in last_words.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("Fatal Python error")]
    return (fatal or lines or [""])[-1][:300]


def _size_for_appending(path: Path) -> int | None:
    """How long the log is, made short when it has grown large; None when it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_to_append(path) as file:
            if file.tell() > LARGEST_LOG:
                file.truncate(0)
            return file.seek(0, os.SEEK_END)
    except OSError as error:
        log.warning("the engine's log %s can't be written: %s", path, error)
        return None

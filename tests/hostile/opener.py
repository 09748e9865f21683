"""Opens hostile files the way the studio does, in a process with a limit on memory, and tells what became of each.

As a program, ``python -m tests.hostile.opener MODULE HOME``, it answers each line of stdin, a list in JSON (way, path),
by a line: an ``Opened``. MODULE is ``ways_of_files`` or ``ways_of_models``; only HOME may be written to.
"""

import importlib
import json
import os
import queue
import resource
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from studio.core.errors import StudioError
from tests.configuring import change_config

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 5, 500
"""Of computing, and of memory on top of what the process had before."""
PATIENCE = 30
"""Seconds of the clock after which an opening is ended; a busy machine must not look like a hostile file."""
_ROOM = 6 * 1024**3
"""Bytes of address space on top of what there is at the start: who wants more is stopped before the machine suffers."""
ELSEWHERE = "elsewhere"
"""A folder of this name is nobody's business, whatever a file says."""
_OURS = "studio.ml.writing.template"
"""A program that is ours and may be started: the one that renders chat templates."""


class Opened(NamedTuple):
    opened: str
    refused: str
    """The sentence; "" when the file was opened."""
    fault: str
    """What was raised that is no StudioError; "" mostly."""
    seconds: float
    megabytes: float
    harm: tuple[str, ...]
    """Programs started, the network asked, names looked up on the hub, files read that are nobody's business, or
    written elsewhere than at home."""


class Opener:
    """The process. One that an opening ends, or that hangs, is replaced by the next."""

    def __init__(self, ways: str, home: Path) -> None:
        self.home = home
        self._ways = ways
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __call__(self, way: str, path: Path) -> Opened:
        process = self._running()
        assert process.stdin
        process.stdin.write(json.dumps([way, str(path)]) + "\n")
        process.stdin.flush()
        try:
            line = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            line = ""
        if line:
            return Opened(*json.loads(line))
        self.close()
        return Opened("", "", "it hung or died", PATIENCE, 0, ())

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._reader.join()
            self._process.communicate()
            self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.hostile.opener", self._ways, str(self.home)],
                cwd=ROOT,
                env={
                    **os.environ,
                    "TRIPTYCH_HOME": str(self.home),
                    "TMPDIR": str(self.home),
                    "OMP_NUM_THREADS": "1",
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
            assert self._process.stdout
            self._process.stdout.readline()  # it is ready: imports don't count
            self._answers = queue.SimpleQueue()
            self._reader = threading.Thread(target=_pass_on, args=(self._process.stdout, self._answers))
            self._reader.start()
        return self._process


def _pass_on(lines: IO[str], answers: "queue.SimpleQueue[str]") -> None:
    for line in lines:
        answers.put(line)
    answers.put("")


# -- in the process ----------------------------------------------------------------------------------------------------

_harm: list[str] = []
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")


def _watch(home: Path) -> None:
    """Note whatever starts a program, asks the network, or writes elsewhere than at home."""

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in (*_PROGRAMS, *_NETWORK):
            if _OURS not in str(arguments):
                _harm.append(f"{event} {arguments!r:.200}")
        elif event == "open" and isinstance(arguments[0], str | bytes):
            path, flags = Path(os.fsdecode(arguments[0])).absolute(), arguments[2]
            if ELSEWHERE in path.parts:
                _harm.append(f"read {path}")
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and not path.is_relative_to(home) and path != Path(os.devnull):
                _harm.append(f"wrote {path}")

    sys.addaudithook(note)


def _watch_names() -> None:
    """Note each name that is looked up on the hub, or in the folder of what was once downloaded from it.

    All ways to do so check the name first.
    """
    from huggingface_hub.utils import _validators

    check = _validators.validate_repo_id

    def note(repo_id: str | None) -> None:
        if repo_id is not None:
            _harm.append(f"looked up {repo_id!r:.200}")
        check(repo_id)

    _validators.validate_repo_id = note


def _memory(name: str) -> int:
    """A row of /proc/self/status, in kibibytes."""
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith(name))
    return int(line.split()[1])


def _measured(work: Callable[[Path], str], path: Path) -> Opened:
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
    _harm.clear()
    opened, refused, fault = "", "", ""
    before, begin = _memory("VmRSS"), time.process_time()
    try:
        opened = work(path)
    except StudioError as error:
        refused = error.message
    except BaseException:  # noqa: BLE001  whatever it is, it is what the test asks for
        fault = traceback.format_exc(limit=-6)
    seconds, megabytes = time.process_time() - begin, (_memory("VmHWM") - before) / 1024
    return Opened(opened, refused, fault, seconds, megabytes, tuple(_harm))


def _serve(module: str, home: str) -> None:
    _watch_names()
    change_config(cache=home)
    ways: dict[str, Callable[[Path], str]] = importlib.import_module(f"tests.hostile.{module}").WAYS
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a payload prints is no answer
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pages + _ROOM, resource.RLIM_INFINITY))
    _watch(Path(home).resolve())
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        way, path = json.loads(line)
        print(json.dumps(_measured(ways[way], Path(path))), file=answers, flush=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:3])

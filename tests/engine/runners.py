"""Runners that behave, and runners that do everything a runner should not."""

import contextlib
import ctypes
import errno
import os
import pathlib
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from studio.core.context import Context
from studio.core.engine_config import configured
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.values import Asset, Result, words
from studio.engine import child

HERE = "tests.engine.runners"
TASKS = f"{HERE}:task_types"


class Models:
    """A plain dictionary that warms up at once."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def warm(self) -> dict[str, Any]:
        return {"device": configured().device or "cpu"}

    def get(self, address: str, load: Callable[[str], Any]) -> Any:
        if address not in self._kept:
            self._kept[address] = load(address)
        return self._kept[address]

    def free(self) -> None:
        self._kept.clear()

    def turn(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def loaded(self) -> dict[str, int]:
        return {address: len(address) for address in self._kept}


class Choosy(Models):
    """Its child dies of one device, and is never ready on another."""

    def warm(self) -> dict[str, Any]:
        if configured().device == "broken":
            raise OSError("the driver is broken")
        if configured().device == "slow":
            threading.Event().wait()
        return super().warm()


class Unwarmable(Models):
    """Its child dies before it is ready."""

    def warm(self) -> dict[str, Any]:
        raise OSError("the driver is broken")


class Garbled(Models):
    """Its child says what makes a file where it is read as a pickle."""

    def warm(self) -> dict[str, Any]:
        child.encode = lambda _: pickle.dumps(Canary("garbled"))
        return {}


class NeverWarm(Models):
    """Its child is never ready."""

    def warm(self) -> dict[str, Any]:
        threading.Event().wait()
        return {}


class Echo(Task, frozen=True, kw_only=True):
    """Says its text in pieces and makes it."""

    kind: ClassVar[str] = "echo"
    runner: ClassVar[str] = f"{HERE}:echo"
    text: str = "one two three"


def echo(task: Echo, context: Context) -> Result:
    parts = task.text.split()
    for done, part in enumerate(parts, 1):
        context.words(part)
        context.progress(done, len(parts), "Word")
    context.made(words(task.text))
    return Result(notes={"pid": os.getpid(), "thread": threading.current_thread().name})


class Load(Task, frozen=True, kw_only=True):
    """Loads its job's own model and says its address; ``free``: lets it go again."""

    kind: ClassVar[str] = "load"
    runner: ClassVar[str] = f"{HERE}:load"
    free: bool = False


def load(task: Load, context: Context) -> Result:
    model = context.model("", str.upper)
    if task.free:
        context.free()
    return Result(notes={"model": model})


class Settings(Task, frozen=True, kw_only=True):
    """Says what its process was told to compute on."""

    kind: ClassVar[str] = "settings"
    runner: ClassVar[str] = f"{HERE}:settings"


def settings(_: Settings, context: Context) -> Result:
    config = configured()
    return Result(notes={"device": config.device, "memory": config.memory_mb})


class Wait(Task, frozen=True, kw_only=True):
    """Runs until it is cancelled. ``then``: what it does with that.

    "obey" lets it through; "return" swallows it, as a careless library would, and goes on to make things and return;
    "raise" turns it into an error of its own.
    """

    kind: ClassVar[str] = "wait"
    runner: ClassVar[str] = f"{HERE}:wait"
    then: str = "obey"


def wait(task: Wait, context: Context) -> Result:
    context.progress(0, 0, "Waiting")
    pause = threading.Event()
    try:
        while True:
            context.check()
            pause.wait(0.002)
    except BaseException:
        if task.then == "obey":
            raise
        if task.then == "raise":
            raise RuntimeError("wrapped") from None
    with contextlib.suppress(BaseException):
        context.made(words("made after the stop"))
    return Result()


class Host(Task, frozen=True, kw_only=True):
    """Runs until it is cancelled, and lets frames in between its steps."""

    kind: ClassVar[str] = "host"
    runner: ClassVar[str] = f"{HERE}:host"


def host(_: Host, context: Context) -> Result:
    pause = threading.Event()
    step = 0
    while True:
        context.progress(step, 0, "Step")
        context.yield_to_frames()
        pause.wait(0.002)
        step += 1


class Hang(Task, frozen=True, kw_only=True):
    """Never checks: only the death of its process ends it. ``seconds``: until it comes to itself."""

    kind: ClassVar[str] = "hang"
    runner: ClassVar[str] = f"{HERE}:hang"
    seconds: float | None = None


def hang(task: Hang, context: Context) -> Result:
    context.progress(0, 0, "Hanging")
    threading.Event().wait(task.seconds)
    return Result()


class Leave(Task, frozen=True, kw_only=True):
    """Leaves a thread behind that goes on making things after the job has ended."""

    kind: ClassVar[str] = "leave"
    runner: ClassVar[str] = f"{HERE}:leave"


left: list[threading.Thread] = []


def leave(task: Leave, context: Context) -> Result:
    begun = threading.Event()

    def go_on() -> None:
        with contextlib.suppress(BaseException):
            while True:
                context.words("and ")
                begun.set()

    left.append(threading.Thread(target=go_on))
    left[-1].start()
    begun.wait()
    return Result()


class Misbehave(Task, frozen=True, kw_only=True):
    """Ends in the way that ``how`` says."""

    kind: ClassVar[str] = "misbehave"
    runner: ClassVar[str] = f"{HERE}:misbehave"
    how: str
    words: str = "The file x is cut off."


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


class NamelessError(Exception):
    """Can't even be printed."""

    def __str__(self) -> str:
        raise ValueError("no words")


def misbehave(task: Misbehave, context: Context) -> Result:
    result: Callable[[Misbehave, Context], Any] = globals()[f"misbehave_{task.how.replace(' ', '_')}"]
    return result(task, context) or Result()


def misbehave_for_people(task: Misbehave, context: Context) -> None:
    raise StudioError(task.words, "model_unusable")


def misbehave_bug(task: Misbehave, context: Context) -> None:
    raise ValueError("a bug")


def misbehave_nameless(task: Misbehave, context: Context) -> None:
    raise NamelessError


def misbehave_memory(task: Misbehave, context: Context) -> None:
    raise MemoryError


def misbehave_device_memory(task: Misbehave, context: Context) -> None:
    raise OutOfMemoryError("CUDA: no room")


def misbehave_cpu_memory(task: Misbehave, context: Context) -> None:
    raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: 8 bytes")


def misbehave_system_memory(task: Misbehave, context: Context) -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def misbehave_exit(task: Misbehave, context: Context) -> None:
    raise SystemExit(3)


def misbehave_interrupt(task: Misbehave, context: Context) -> None:
    raise KeyboardInterrupt


def misbehave_swallow(task: Misbehave, context: Context) -> None:
    """Swallows an error of its own, as libraries do; no harm in that."""
    with contextlib.suppress(BaseException):
        raise SystemExit(1)
    context.words("went on")


def misbehave_flood(task: Misbehave, context: Context) -> None:
    for number in range(2000):
        context.words(f"{number} ")


def misbehave_made_of_objects(task: Misbehave, context: Context) -> None:
    context.made(Asset(kind="words", notes={"lock": threading.Lock()}))


def misbehave_ends_in_objects(task: Misbehave, context: Context) -> Result:
    return Result(notes={"lock": threading.Lock()})


def misbehave_ends_in_too_large_a_number(task: Misbehave, context: Context) -> Result:
    return Result(notes={"number": 2**70})


def misbehave_ends_in_a_number(task: Misbehave, context: Context) -> Any:
    return 5


def misbehave_counts_in_halves(task: Misbehave, context: Context) -> None:
    context.progress(0.5, 1, "Half")  # type: ignore[arg-type]


def misbehave_die(task: Misbehave, context: Context) -> None:
    os.write(2, b"my last words\n")
    os._exit(7)


def misbehave_kill(task: Misbehave, context: Context) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def misbehave_crash(task: Misbehave, context: Context) -> None:
    ctypes.string_at(0)


def misbehave_make_and_die(task: Misbehave, context: Context) -> None:
    context.made(words("finished before"))
    os._exit(7)


def misbehave_modules(task: Misbehave, context: Context) -> Result:
    """What its process has imported of what is large."""
    return Result(notes={"large": sorted({"torch", "PySide6", "numpy", "studio.app"} & set(sys.modules))})


class Absent(Task, frozen=True, kw_only=True):
    """Names a runner that isn't there."""

    kind: ClassVar[str] = "absent"
    runner: ClassVar[str] = "no.such.module:run"


class Unsendable(Task, frozen=True, kw_only=True):
    """Can't be sent to a child: ``thing`` is no plain value."""

    kind: ClassVar[str] = "unsendable"
    runner: ClassVar[str] = f"{HERE}:echo"
    thing: Any


class Wrong(Task, frozen=True, kw_only=True):
    """Can be sent to a child, which finds that ``number`` is none."""

    kind: ClassVar[str] = "wrong"
    runner: ClassVar[str] = f"{HERE}:echo"
    number: int


class Unknown(Task, frozen=True, kw_only=True):
    """Can be sent to a child, which doesn't know it."""

    kind: ClassVar[str] = "unknown"
    runner: ClassVar[str] = f"{HERE}:echo"


class Canary:
    """Makes a file when its pickle is read."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return pathlib.Path(self._path).touch, ()


def task_types() -> dict[str, type[Task]]:
    """Those that a child knows."""
    return {
        each.kind: each
        for each in (Echo, Load, Settings, Wait, Host, Hang, Leave, Misbehave, Absent, Unsendable, Wrong)
    }

"""Runners that behave, and runners that do everything a runner should not."""

import contextlib
import os
import signal
import threading
from typing import Any, ClassVar

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.values import Asset, Result, words

HERE = "tests.engine.runners"


class Models:
    """An empty pool that warms up at once."""

    def warm(self) -> dict[str, Any]:
        return {"device": "cpu", "pid": os.getpid()}

    def get(self, address: str, load: Any) -> Any:
        return load(address)

    def free(self) -> None:
        pass

    def loaded(self) -> dict[str, int]:
        return {}


class Unwarmable(Models):
    """Its child dies before it is ready."""

    def warm(self) -> dict[str, Any]:
        raise OSError("the driver is broken")


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


class Wait(Task, frozen=True, kw_only=True):
    """Runs until it is cancelled; ``deaf``: swallows that, as a careless library would, and returns."""

    kind: ClassVar[str] = "wait"
    runner: ClassVar[str] = f"{HERE}:wait"
    deaf: bool = False


def wait(task: Wait, context: Context) -> Result:
    context.progress(0, 0, "Waiting")
    pause = threading.Event()
    try:
        while True:
            context.check()
            pause.wait(0.002)
    except BaseException:
        if not task.deaf:
            raise
    with contextlib.suppress(BaseException):
        context.made(words("made after the stop"))
    return Result()


class Hang(Task, frozen=True, kw_only=True):
    """Never checks: only the death of its process ends it."""

    kind: ClassVar[str] = "hang"
    runner: ClassVar[str] = f"{HERE}:hang"


def hang(task: Hang, context: Context) -> Result:
    context.progress(0, 0, "Hanging")
    threading.Event().wait()
    return Result()


class Misbehave(Task, frozen=True, kw_only=True):
    """Ends in the way that ``how`` says."""

    kind: ClassVar[str] = "misbehave"
    runner: ClassVar[str] = f"{HERE}:misbehave"
    how: str


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


class Unpicklable(Asset, frozen=True, kw_only=True):
    """Can't cross to the parent."""

    def __reduce__(self) -> Any:
        raise TypeError("this can't be pickled")


def misbehave(task: Misbehave, context: Context) -> Result:
    match task.how:
        case "for people":
            raise StudioError("The file x is cut off.", "model_unusable")
        case "bug":
            raise ValueError("a bug")
        case "memory":
            raise MemoryError
        case "device memory":
            raise OutOfMemoryError("CUDA out of memory")
        case "exit":
            raise SystemExit(3)
        case "interrupt":
            raise KeyboardInterrupt
        case "flood":
            for number in range(2000):
                context.words(f"{number} ")
        case "unpicklable":
            context.made(Unpicklable(kind="words"))
        case "die":
            os.write(2, b"my last words\n")
            os._exit(7)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
    return Result()


class Absent(Task, frozen=True, kw_only=True):
    """Names a runner that isn't there."""

    kind: ClassVar[str] = "absent"
    runner: ClassVar[str] = "no.such.module:run"

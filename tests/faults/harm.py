"""Runners that freeze, eat all memory, flood, or die while they load, for the tests of the engine."""

import ctypes
import os
import resource
import signal
import threading
from typing import Any, ClassVar

from studio.core.context import Context
from studio.core.task import Task
from studio.core.values import Result
from tests.engine import runners

HERE = "tests.faults.harm"
TASKS = f"{HERE}:task_types"
ROOM = 300 * 1024**2
"""Bytes that a job may take on top of what its process has."""


class Harm(Task, frozen=True, kw_only=True):
    """Does the harm that ``how`` names; ``much``: how much of it."""

    kind: ClassVar[str] = "harm"
    runner: ClassVar[str] = f"{HERE}:do_harm"
    how: str
    much: int = 0


def task_types() -> dict[str, type[Task]]:
    """Those that a child knows."""
    return {**runners.task_types(), Harm.kind: Harm}


def do_harm(task: Harm, context: Context) -> Result:
    """Say that it begins, with the process's number, and do it."""
    context.progress(os.getpid(), 0, "Harm")
    globals()[task.how](task, context)
    return Result()


def freeze(task: Harm, context: Context) -> None:
    """As a machine that swaps, or a driver that hangs, lets no thread of the process run."""
    os.kill(os.getpid(), signal.SIGSTOP)


def hold_the_lock(task: Harm, context: Context) -> None:
    """A library that waits without letting Python's other threads run."""
    ctypes.PyDLL(None).sleep(600)


def be_quiet(task: Harm, context: Context) -> None:
    """A long computation that says nothing."""
    threading.Event().wait(task.much / 1000)


def _limit() -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        taken = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, resource.RLIM_INFINITY))


def allocate(task: Harm, context: Context) -> None:
    """Python's own memory, without end."""
    _limit()
    taken = []
    while True:
        taken.append(bytearray(10_000_000))


def allocate_arrays(task: Harm, context: Context) -> None:
    """numpy's, without end."""
    import numpy as np

    _limit()
    taken = []
    while True:
        taken.append(np.ones(1_000_000))


def allocate_tensors(task: Harm, context: Context) -> None:
    """torch's, without end."""
    import torch

    _limit()
    taken: list[Any] = []
    while True:
        taken.append(torch.ones(1_000_000))


def flood(task: Harm, context: Context) -> None:
    """Says very much, as fast as it can."""
    for number in range(task.much):
        context.words(f"{number} ")


def die_while_loading(task: Harm, context: Context) -> None:
    """A model that takes its process down."""
    context.model("", lambda _: os._exit(9))


def kill_while_loading(task: Harm, context: Context) -> None:
    """The system ends it while it loads, as when memory runs out."""
    context.model("", lambda _: os.kill(os.getpid(), signal.SIGKILL))

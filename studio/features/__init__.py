"""The rooms: one folder each, named in ``FEATURES``."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from studio.core.task import Task

FEATURES = ("write", "image", "latent", "library", "models")
"""In the order of the rail. A new room is a folder here, its mirror under tests/, and its name in this tuple."""


def task_types() -> dict[str, type[Task]]:
    """Every kind of task that is kept in files -> its type, over all rooms."""
    return _named("TASKS")


def job_types() -> dict[str, type[Task]]:
    """Every kind of task that an engine is given -> its type: also the questions that rooms ask, which nobody keeps."""
    return _named("TASKS") | _named("QUESTIONS")


def _named(name: str) -> dict[str, type[Task]]:
    modules = [module for feature in FEATURES for module in _task_modules(feature)]
    return {task.kind: task for module in modules for task in getattr(module, name, ())}


def _task_modules(feature: str) -> Iterator[ModuleType]:
    """What is in the room's ``tasks``; nothing for a room that makes nothing."""
    name = f"studio.features.{feature}.tasks"
    if importlib.util.find_spec(name) is None:
        return
    for found in pkgutil.iter_modules(importlib.import_module(name).__path__):
        yield importlib.import_module(f"{name}.{found.name}")

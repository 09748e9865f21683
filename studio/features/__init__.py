"""The rooms: one folder each, named in ``FEATURES``."""

import importlib
import importlib.util
from types import ModuleType

from studio.core.task import Task

FEATURES = ("write", "image", "latent", "library", "models")
"""In the order of the rail. A new room is a folder here, its mirror under tests/, and its name in this tuple."""


def task_module(feature: str) -> ModuleType | None:
    """The feature's ``task`` module, or None for a room that makes nothing."""
    name = f"studio.features.{feature}.task"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def task_types() -> dict[str, type[Task]]:
    """Every kind of task -> its type, over all features."""
    modules = [module for module in map(task_module, FEATURES) if module]
    return {task.kind: task for module in modules for task in module.TASKS}


def job_types() -> dict[str, type[Task]]:
    """Every kind of task that an engine is given -> its type: also the questions that rooms ask, which nobody keeps."""
    names = [f"studio.features.{feature}.questions" for feature in FEATURES]
    modules = [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]
    return {**task_types(), **{task.kind: task for module in modules for task in module.QUESTIONS}}

"""Dropping a file on the window, without a window: what it says of its making, and the request that comes of it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from studio.app.finder import Finder, read_settings
from studio.app.messages import UseGeneration, UseSettings
from studio.core.task import check
from studio.families.rules.schedulers import SCHEDULERS
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.image.ui.taken import defaults_of, listed, taken_over
from studio.library.inputs import Inputs
from studio.library.metadata.tools.generation import Generation

NO_INDEX: Any = SimpleNamespace(at=lambda path: None, get=lambda name: None, paths_named=lambda name: [])
NO_INPUTS = Inputs(Path("nowhere"))
FINDER = Finder(NO_INDEX, NO_INPUTS, task_types(), lambda kind: [])
_LONGEST_MESSAGE = 20_000


def dropped(path: Path) -> UseSettings | None:
    """What the window is told of the file; another tool's settings become a request that can be run."""
    message = read_settings(str(path), FINDER)
    if isinstance(message, UseGeneration):
        asked(message.generation)
    return message


def asked(known: Generation) -> ImageTask:
    """The request that comes of ``known``, within all bounds, and told in words that somebody can read."""
    taken = taken_over(known, defaults_of({}), SCHEDULERS)
    task = ImageTask.from_data(taken.fields)
    check(task)
    for things in (taken.named, taken.changed, taken.left):
        assert len(listed(things)) < _LONGEST_MESSAGE
    return task

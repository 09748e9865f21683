"""Takes the shape of the start picture if no size is given, as in the window."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.core.crop import size_like
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.task import Task

_MULTIPLE = 8
"""Pixels; sizes that are multiples of this work for all models."""


def with_shape(task_type: type[Task], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with the start picture's aspect ratio and about the pixel count that the model prefers.

    A picture that can't be opened changes nothing; the request itself will report it.
    """
    sides = {field.name: field for field in describe(task_type) if field.look == "size"}
    if len(sides) != 2 or not given.get("image") or given.keys() & sides:
        return dict(given)
    from studio.pictures.opening import inspect_picture

    width, height = sides["width"], sides["height"]
    try:
        shape, _ = inspect_picture(Path(given["image"]))
    except StudioError:
        return dict(given)
    bounds = (width.minimum or _MULTIPLE, width.maximum or width.default)
    found = size_like(shape, defaults.get("size", width.default), _MULTIPLE, bounds)
    return {**given, width.name: found[0], height.name: found[1]}

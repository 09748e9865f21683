"""A start picture proposes its shape, as it does in the window, where no size was given."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.core.crop import size_like
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.task import Task

_MULTIPLE = 8
"""Of pixels, which all models take."""


def with_shape(task_type: type[Task], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with a size like the start picture's, and about as many pixels as the model likes.

    A picture that can't be opened proposes nothing; the request that it belongs to will say so.
    """
    sides = {field.name: field for field in describe(task_type) if field.look == "size"}
    if len(sides) != 2 or not given.get("image") or given.keys() & sides:
        return dict(given)
    from studio.pictures.opening import look_at

    width, height = sides["width"], sides["height"]
    try:
        shape, _ = look_at(Path(given["image"]))
    except StudioError:
        return dict(given)
    bounds = (width.minimum or _MULTIPLE, width.maximum or width.default)
    found = size_like(shape, defaults.get("size", width.default), _MULTIPLE, bounds)
    return {**given, width.name: found[0], height.name: found[1]}

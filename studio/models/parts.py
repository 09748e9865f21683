"""Parts that a request gives to its model: which fit, and why one doesn't."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from studio.core.fields import describe, parts_in
from studio.core.task import Task
from studio.core.text import tr
from studio.models.model import Model

_ALONE = ("vae",)
"""Parts of which a model has one."""


def parts_for(whole: Model, models: Iterable[Model], part: str) -> list[Model]:
    """Those of ``models`` that may be given to ``whole`` as ``part``."""
    return [model for model in models if model.usable and model.part == part and model.fits_as in whole.takes]


def why_parts_unfit(task: Task, whole: Model, find: Callable[[str], Model | None]) -> str:
    """Why what ``task`` gives to its model ``whole`` is of no use to that; "" where it is.

    ``find`` tells the model at an address.
    """
    given = parts_in(describe(type(task)), msgspec.to_builtins(task))
    for field, address in given:
        part, title = field.part, tr(field.title)
        if part in _ALONE and [other.part for other, _ in given].count(part) > 1:
            return tr("A model works with one {part} at a time. Leave one.", part=title)
        model = find(address)
        if model is None:
            return tr("{path} is not among the models here. Add its folder in the Models room.", path=address)
        if not model.usable:
            return model.reason
        if model.part != part:
            return tr("{name} is no {part}. Choose another one, or none.", name=model.name, part=title)
        if model.fits_as not in whole.takes:
            return tr(
                "{name} is no {part} for {model}: its family is another one. Choose another one, or none.",
                name=model.name, part=title, model=whole.name,
            )  # fmt: skip
    return ""


def unfit_fields(task: Task, whole: Model, find: Callable[[str], Model | None]) -> dict[str, Any]:
    """The fields of ``task`` that give ``whole`` what is of no use to it, with nothing in them."""
    if not why_parts_unfit(task, whole, find):
        return {}
    values = msgspec.to_builtins(task)
    return {field.name: field.default for field in describe(type(task)) if parts_in((field,), values)}

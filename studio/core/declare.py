"""Short ways to declare a task's field: what stands in ``Annotated`` beside its type.

Each takes the field's title and what it does, English sentences for ``tr``, and says the field's role. ``hidden``
fields are on no form, those with ``more`` are folded away there. The default stands behind the annotation, as usual::

    steps: Annotated[int, declare.number("Steps", "More steps show finer detail.", ge=1, le=150, step=1)] = 20

(By the module's name: the class has a ``seed`` and a ``prompt`` of its own.)
"""

from typing import Any

from msgspec import Meta

from studio.core.fields import Look, Role

LAST_SEED = 2**64 - 1
"""Generators of random numbers take 64 bits; msgspec's own bounds end at 63."""


def number(
    title: str, help: str, *, ge: float | None = None, le: float | None = None, step: float | None = None,
    multiple_of: float | None = None, unit: str = "", zero: str = "", look: Look = "",
    more: bool = False, hidden: bool = False,
) -> Meta:  # fmt: skip
    """A number, or several. ``unit`` stands behind it, ``zero`` says in words what 0 means where it is no number."""
    extra = _extra("value", look, more, hidden, step=step, unit=unit, zero=zero)
    return Meta(title=title, description=help, ge=ge, le=le, multiple_of=multiple_of, extra=extra)


def seed(
    title: str, help: str, *, ge: int | None = None, le: int | None = None, step: float | None = None, look: Look = "",
    more: bool = False, hidden: bool = False,
) -> Meta:  # fmt: skip
    """What chance is drawn from, or several of it; with the look "seed", which begins at -1, up to ``LAST_SEED``."""
    extra = _extra("seed", look, more, hidden, step=step, maximum=LAST_SEED if look == "seed" else None)
    return Meta(title=title, description=help, ge=ge, le=le, extra=extra)


def choice(title: str, help: str, *, look: Look = "", more: bool = False, hidden: bool = False) -> Meta:
    """One of a ``Literal``'s words; with the look "scheduler" a text, of those that the model offers."""
    return Meta(title=title, description=help, extra=_extra("value", look, more, hidden))


def flag(title: str, help: str, *, more: bool = False, hidden: bool = False) -> Meta:
    """Yes or no."""
    return Meta(title=title, description=help, extra=_extra("value", "", more, hidden))


def prompt(title: str, help: str) -> Meta:
    """What a person asks for in words: the one field that needs no flag."""
    return Meta(title=title, description=help, extra=_extra("prompt"))


def negative_prompt(title: str, help: str) -> Meta:
    """What shall not come of it, in words."""
    return Meta(title=title, description=help, extra=_extra("negative"))


def text(
    title: str = "", help: str = "", *, max_length: int | None = None, more: bool = False, hidden: bool = False
) -> Meta:  # fmt: skip
    """Other words of a person's, or several; without a title where no form shows them."""
    return Meta(title=title, description=help, max_length=max_length, extra=_extra("text", "", more, hidden))


def input_file(title: str, help: str, *, more: bool = False, hidden: bool = False) -> Meta:
    """The path of a picture or another file that the request reads, or several."""
    return Meta(title=title, description=help, extra=_extra("input", "", more, hidden))


def folder(title: str, help: str, *, more: bool = False) -> Meta:
    """The path of a folder that the request reads or writes."""
    return Meta(title=title, description=help, extra=_extra("folder", "", more))


def model(title: str, help: str, *, part: str = "", more: bool = False) -> Meta:
    """The address of a model beside the job's own; or of a ``part`` that is given to that, as models' ``part`` says."""
    return Meta(title=title, description=help, extra=_extra("model", "", more, part=part))


def nested(
    title: str, help: str, *, max_length: int | None = None, more: bool = False, hidden: bool = False
) -> Meta:  # fmt: skip
    """A struct, one of a tagged union, or several; with ``hidden`` any other data."""
    return Meta(title=title, description=help, max_length=max_length, extra=_extra("value", "", more, hidden))


def _extra(role: Role, look: Look = "", more: bool = False, hidden: bool = False, **others: Any) -> dict[str, Any]:
    """What differs from a ``Field``'s defaults."""
    said = {"role": role, "look": look, "more": more, "hidden": hidden, **others}
    return {name: value for name, value in said.items() if value not in ("", None, False)}

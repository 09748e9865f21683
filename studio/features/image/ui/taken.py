"""What of another picture's settings becomes a request: what is taken, what is changed, and what can't be taken."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from studio.app.finder import TITLES, Generation, schedule_left, scheduler_of
from studio.core.declare import LAST_SEED
from studio.core.fields import Field, describe
from studio.core.text import tr
from studio.features.image.tasks.image import ImageTask
from studio.ui.controls import title_of_choice

_FIELDS = {field.name: field for field in describe(ImageTask)}
_MOST = 25
"""Things that are named; who has more of them has a file that nobody reads to its end."""
_LONGEST = 120
_FLOW, _EULER = "Flow Euler", "Euler"
"""The same method, for models that learnt flows and for those that learnt noise."""


class Taken(msgspec.Struct, frozen=True):
    """``fields``: of the whole request. The rest are words for people: what is ``named`` in the file and taken as it
    is, what was ``changed`` to fit, and what is ``left``.
    """

    fields: dict[str, Any]
    named: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def defaults_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """A whole request as a model begins with it, whose ``own`` settings are these."""
    sides = {"width": own["size"], "height": own["size"]} if "size" in own else {}
    known = {name: value for name, value in {**own, **sides}.items() if name in _FIELDS}
    return {**{name: field.default for name, field in _FIELDS.items()}, **known}


PARTS = {title_of_choice(part.tag): part.tag for name in _FIELDS if name == "parts" for part in _FIELDS[name].variants}
"""What tools' files call what a request gives to its model -> its type."""


def taken_over(
    known: Generation, defaults: Mapping[str, Any], schedulers: Sequence[str],
    part_named: Callable[[str, str], str] | None = None,
) -> Taken:  # fmt: skip
    """``known`` as a request: what it doesn't mention is as in ``defaults``; ``schedulers`` are those of the model.

    ``part_named`` tells the address of a part that fits the model, by type and name; "" where there is none.
    """
    fields = {**defaults, "prompt": known.prompt, "negative": known.negative}
    named = [_title(name) for name in ("prompt", "negative") if fields[name]]
    changed: list[str] = []
    left: list[str] = []
    for name in ("steps", "guidance", "strength"):
        value = getattr(known, name)
        if value is not None:
            fields[name] = _bounded(_FIELDS[name], value)
            if fields[name] == value:
                named.append(_title(name))
            else:
                changed.append(f"{_title(name)} {_short(value)} → {_short(fields[name])}")
    _take_size(known, fields, named, changed)
    _take_seed(known.seed, fields, named, left)
    _take_sampler(known, schedulers, fields, named, left)
    if known.start:
        start = known.start if known.start != "?" else ""
        left.append(tr("start picture {name} (it is not here)", name=start) if start else tr("start picture"))
    by_title: dict[str, list[str]] = {}
    for title, value in known.others:
        if part_named is not None and title in PARTS and (address := part_named(PARTS[title], value)):
            fields["parts"] = (*fields["parts"], {"type": PARTS[title], "path": address})
            named.append(f"{title} {value}")
            continue
        by_title.setdefault(tr(title) if title in TITLES else title, []).append(value)
    left += [f"{title} {', '.join(values)}".strip() for title, values in by_title.items()]
    return Taken(fields, tuple(named), tuple(changed), tuple(left))


def listed(things: Iterable[str]) -> str:
    """The things in one sentence, of bounded length whatever they hold."""
    found = [" ".join(thing.split())[:_LONGEST] for thing in things]
    more = [tr("{count} more", count=len(found) - _MOST)] if len(found) > _MOST else []
    return " · ".join([*found[:_MOST], *more])


def _take_size(known: Generation, fields: dict[str, Any], named: list[str], changed: list[str]) -> None:
    wanted = known.width, known.height
    if known.shape is not None and None in wanted:
        across, down = known.shape
        scale = math.sqrt(fields["width"] * fields["height"] / (across * down))
        fields["width"], fields["height"] = (_side(side * scale) for side in (across, down))
        named.append(tr("shape"))
        return
    for name, side in zip(("width", "height"), wanted, strict=True):
        if side is not None:
            fields[name] = _side(side)
    if wanted != (None, None):
        now = fields["width"], fields["height"]
        if all(side is None or side == fitting for side, fitting in zip(wanted, now, strict=True)):
            named.append(tr("size"))
        else:
            before = " × ".join("?" if side is None else _short(side) for side in wanted)
            changed.append(f"{tr('size')} {before} → {now[0]} × {now[1]}")


def _side(wanted: float) -> int:
    """The nearest side that a picture can have."""
    step = int(_FIELDS["width"].step or 8)
    return int(_bounded(_FIELDS["width"], round(wanted / step) * step if abs(wanted) < LAST_SEED else wanted))


def _take_seed(seed: int | None, fields: dict[str, Any], named: list[str], left: list[str]) -> None:
    if seed is not None and 0 <= seed <= LAST_SEED:
        fields["seed"] = seed
        named.append(_title("seed"))
    elif seed is not None and seed != -1:  # which stands for a new one each time
        left.append(f"{_title('seed')} {_short(seed)}")


def _take_sampler(
    known: Generation, schedulers: Sequence[str], fields: dict[str, Any], named: list[str], left: list[str]
) -> None:
    found = scheduler_of(known.sampler, known.schedule)
    if found == _EULER and found not in schedulers and _FLOW in schedulers:
        found = _FLOW
    if found in schedulers:
        fields["scheduler"] = found
        named.append(f"{_title('scheduler')} {found}")
        if rest := schedule_left(known.sampler, known.schedule):
            left.append(tr("schedule {name}", name=rest))
    elif known.sampler:
        sampler = f"{known.sampler} {known.schedule}".strip()
        left.append(tr("scheduler {name} (the model's own is used)", name=sampler))
    elif rest := schedule_left("", known.schedule):
        left.append(tr("schedule {name}", name=rest))


def _bounded(field: Field, value: float) -> float:
    low, high = field.minimum or 0, field.maximum
    return max(low, value if high is None else min(value, high))


def _title(name: str) -> str:
    title = tr(_FIELDS[name].title)
    return title[:1].lower() + title[1:]


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) and abs(value) < 10**40 else f"{value:g}"

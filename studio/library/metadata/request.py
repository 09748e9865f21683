"""A request as metadata: our own JSON, and the ``parameters`` text made from it and read into it."""

import contextlib
import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from studio import __version__
from studio.core.reading import read_json
from studio.core.saved import job_to_data
from studio.core.schedulers import SCHEDULERS
from studio.core.values import Asset, Job
from studio.library.metadata.infotext import Infotext

VERSION = 1
_KARRAS = " Karras"


class Making(msgspec.Struct, frozen=True):
    """What a file says of its making. ``data`` (a ``record``) is None for other tools' files."""

    data: dict[str, Any] | None
    info: Infotext


def record(job: Job, asset: Asset, model_name: str, created: float, item: str) -> dict[str, Any]:
    """The whole request and what belongs to this one thing, as JSON values.

    ``created``: seconds since 1970, UTC; ``item``: its name in the index. The seed in the request is the one that was
    used, and of several seeds or points its own, so that "use these settings" gives the same thing again.
    """
    data = job_to_data(job)
    data["task"] = {**data["task"], **_own_part(data["task"], asset.notes)}
    size = {"width": asset.width, "height": asset.height} if asset.width else {}
    whole = {
        "triptych": VERSION,
        "app": __version__,
        "model_name": model_name,
        "created": created,
        "item": item,
        "job": data,
        "notes": {**asset.notes, **size},
    }
    plain: dict[str, Any] = json.loads(record_to_json(whole))
    return plain


def _own_part(task: Mapping[str, Any], notes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``task`` that name more than the one thing whose ``notes`` these are, with its own alone."""
    own = {"seed": notes["seed"]} if "seed" in notes and "seed" in task else {}
    index = notes.get("index")
    name = "points" if task.get("points") else "seeds"
    each = task.get(name)
    if isinstance(index, int) and isinstance(each, list | tuple) and index < len(each):
        own[name] = [each[index]]
    return own


def record_to_json(data: Mapping[str, Any]) -> str:
    """One line of JSON. Halves of surrogate pairs, which no file takes, become question marks."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def read_record(text: str) -> dict[str, Any] | None:
    """Our JSON, taken apart; None when it is not ours or of a later version."""
    try:
        data = read_json(text.encode("utf-8", "replace"))
    except ValueError:
        return None
    if not isinstance(data, dict) or data.get("triptych") != VERSION:
        return None
    job = data.get("job")
    if not isinstance(job, dict) or not isinstance(job.get("task"), dict):
        return None
    name, notes = data.get("model_name"), data.get("notes")
    return {
        **data,
        "model_name": name if isinstance(name, str) else "",
        "notes": notes if isinstance(notes, dict) else {},
    }


def infotext_of(data: Mapping[str, Any]) -> Infotext:
    """The ``parameters`` text's parts for a ``record``."""
    task, notes = data["job"]["task"], data["notes"]
    scheduler = str(notes.get("scheduler") or task.get("scheduler") or "")
    pairs = {
        "Steps": task.get("steps"),
        "Sampler": scheduler.removesuffix(_KARRAS),
        "Schedule type": _KARRAS.strip() if scheduler.endswith(_KARRAS) else None,
        "CFG scale": task.get("guidance"),
        "Seed": notes.get("seed", task.get("seed")),
        "Size": f"{notes['width']}x{notes['height']}" if "width" in notes and "height" in notes else None,
        "Model": data["model_name"],
        "Denoising strength": task.get("strength") if task.get("image") else None,
        "Version": f"Triptych {data.get('app', '')}".strip(),
    }
    texts = {key: _plain(value) for key, value in pairs.items() if value not in (None, "")}
    return Infotext(_plain(task.get("prompt", "")), _plain(task.get("negative", "")), texts)


def image_fields(info: Infotext) -> dict[str, Any]:
    """The fields of an image request that a ``parameters`` text names; what it names wrongly is left out."""
    pairs = info.pairs
    width, _, height = pairs.get("Size", "").partition("x")
    wanted: list[tuple[str, type[int] | type[float], str | None]] = [
        ("steps", int, pairs.get("Steps")),
        ("guidance", float, pairs.get("CFG scale")),
        ("seed", int, pairs.get("Seed")),
        ("width", int, width),
        ("height", int, height),
        ("strength", float, pairs.get("Denoising strength")),
    ]
    fields: dict[str, Any] = {"prompt": info.prompt, "negative": info.negative}
    for name, kind, text in wanted:
        with contextlib.suppress(ValueError, OverflowError):  # no number, or one that no number of the machine can hold
            value = kind(text or "")
            if math.isfinite(value):
                fields[name] = value
    if scheduler := scheduler_of(pairs.get("Sampler", ""), pairs.get("Schedule type", "")):
        fields["scheduler"] = scheduler
    return fields


def scheduler_of(sampler: str, schedule: str = "") -> str:
    """Our name of a sampler; "" where there is none.

    ``schedule`` has been a key of its own since AUTOMATIC1111's release 1.9; before, the sampler's name ended with it.
    Some tools write "Euler - euler_a", the name in two spellings.
    """
    karras = schedule == _KARRAS.strip() or sampler.endswith(_KARRAS)
    plain = sampler.removesuffix(_KARRAS)
    known = {_letters(name): name for name in SCHEDULERS}
    for spelling in (plain, *reversed(plain.split(" - "))):
        found = known.get(_letters(spelling), "")
        if found:
            return f"{found}{_KARRAS}" if karras and f"{found}{_KARRAS}" in SCHEDULERS else found
    return ""


def _letters(name: str) -> str:
    return "".join(char for char in name.lower().replace("++", "pp") if char.isalnum())


def _plain(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")

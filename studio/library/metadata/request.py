"""A request as metadata: our own JSON, and the ``parameters`` text made from it and read into it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from studio import __version__
from studio.core.saved import job_to_data
from studio.core.values import Asset, Job
from studio.library.metadata.infotext import Infotext

VERSION = 1


class Making(msgspec.Struct, frozen=True):
    """What a file says of its making. ``data`` (a ``record``) is None for other tools' files."""

    data: dict[str, Any] | None
    info: Infotext


def record(job: Job, asset: Asset, model_name: str) -> dict[str, Any]:
    """The whole request and what belongs to this one thing, as JSON values.

    The seed in the request is the one that was used, so that "use these settings" gives the same thing again.
    """
    data = job_to_data(job)
    if "seed" in asset.notes and "seed" in data["task"]:
        data["task"] = {**data["task"], "seed": asset.notes["seed"]}
    return {"triptych": VERSION, "app": __version__, "model_name": model_name, "job": data, "notes": asset.notes}


def infotext_of(data: Mapping[str, Any]) -> Infotext:
    """The ``parameters`` text's parts for a ``record``."""
    task, notes = data["job"]["task"], data["notes"]
    image_only = {
        "Steps": task.get("steps"),
        "Sampler": str(task.get("scheduler") or notes.get("scheduler") or ""),
        "CFG scale": task.get("guidance"),
    }
    pairs = {
        **image_only,
        "Seed": notes.get("seed", task.get("seed")),
        "Size": f"{notes['width']}x{notes['height']}" if "width" in notes and "height" in notes else None,
        "Model": data["model_name"],
        "Denoising strength": task.get("strength") if task.get("image") else None,
        "Version": f"Triptych {data['app']}",
    }
    texts = {key: str(value) for key, value in pairs.items() if value not in (None, "")}
    return Infotext(str(task.get("prompt", "")), str(task.get("negative", "")), texts)


def read_record(text: str) -> dict[str, Any] | None:
    """Our JSON, taken apart; None when it is not ours or of a later version."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("triptych") != VERSION or not isinstance(data.get("job"), dict):
        return None
    return data


def image_fields(info: Infotext) -> dict[str, Any]:
    """The fields of an image request that a ``parameters`` text names; what it names wrongly is left out."""
    fields: dict[str, Any] = {"prompt": info.prompt, "negative": info.negative}
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
    for name, kind, value in wanted:
        try:
            fields[name] = kind(value or "")
        except ValueError:
            continue
    if sampler := pairs.get("Sampler", ""):
        schedule = pairs.get("Schedule type", "")  # its own key since that program's release 1.9
        karras = schedule == "Karras" and not sampler.endswith(schedule)
        fields["scheduler"] = f"{sampler} Karras" if karras else sampler
    return fields

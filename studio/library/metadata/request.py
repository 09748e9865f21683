"""A request as metadata: our own JSON, and the ``parameters`` text derived from it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

import msgspec

from studio import __version__
from studio.core.facts import ThingFacts
from studio.core.foreign_paths import leads_elsewhere
from studio.core.saved import job_to_data, read_inputs
from studio.core.values import Asset, FileInput, Job
from studio.files.hashes import file_hash, model_hash
from studio.files.reading import read_json
from studio.library.metadata.infotext import Infotext
from studio.library.metadata.samplers import KARRAS
from studio.library.metadata.tools.generation import Generation

VERSION = 1
FILES = frozenset({"image", "folder", "first", "second", "more", "less", "encoder", "path"})
"""All fields of tasks, however deep, in this and earlier releases, that refer to files, folders or models."""


_PART = "path"
"""Among them that of a part which a request gives to its model: a model itself."""
_PAIRS = {"vae": "VAE"}
"""Such a part -> what other tools call it."""


class Making(msgspec.Struct, frozen=True):
    """How a file was made: ``data`` (a ``record``) for ours, a ``generation`` for another tool's."""

    data: dict[str, Any] | None
    info: Infotext
    generation: Generation | None = None


def record(job: Job, asset: Asset, model_name: str, created: float, item: str) -> dict[str, Any]:
    """The whole request and the details of this one item, as JSON values.

    ``created``: seconds since 1970, UTC; ``item``: its name in the index. The request has the seed that was used, or
    for several seeds or points the item's own, so that "use these settings" gives the same result again.
    """
    data = job_to_data(job)
    data["task"] = {**data["task"], **_own_part(data["task"], asset.notes)}
    whole = {
        "triptych": VERSION,
        "app": __version__,
        "model_name": model_name,
        "created": created,
        "item": item,
        "job": data,
        "notes": {**asset.notes, **ThingFacts(width=asset.width, height=asset.height).to_notes()},
    }
    plain: dict[str, Any] = json.loads(record_to_json(whole))
    return plain


def strip_local_paths(data: Mapping[str, Any], digest: str = "") -> dict[str, Any]:
    """``data`` (a ``record``) for files that people share: without local paths.

    Files and models keep their names and hashes, by which they can be found again.
    """
    job, notes = dict(data["job"]), dict(data["notes"])
    known, found = read_inputs(job.get("inputs")), dict[str, Any]()
    task = _by_name(job["task"], {file.path: file.sha256 for files in known.values() for file in files}, found)
    inputs = {field: [_published_input(file) for file in files] for field, files in known.items()} | found
    notes |= ThingFacts(model=_file_name(ThingFacts.of(notes).model)).to_notes()
    job |= {"task": task, "model": _file_name(str(job.get("model", "")))}
    job |= {"inputs": inputs} if inputs else {}
    job |= {"model_hash": digest} if digest else {}
    return {**data, "model_name": _file_name(data["model_name"]), "job": job, "notes": notes}


def _published_input(file: FileInput) -> dict[str, str]:
    return {"name": _file_name(file.name), "sha256": file.sha256}


def _by_name(value: Any, known: Mapping[str, str], found: dict[str, Any], field: str = "") -> Any:
    """A request, or a part of it, that calls files by their names; their hashes go to ``found``, by field.

    ``known``: hashes by path, of files that may have changed since.
    """
    if isinstance(value, Mapping):
        return {
            name: _by_name(inside, known, found, field if field in FILES else name) for name, inside in value.items()
        }
    if isinstance(value, list | tuple):
        return [_by_name(each, known, found, field) for each in value]
    if not isinstance(value, str) or field not in FILES:
        return value
    digests = {"sha256": known.get(value) or _hash_of(value, file_hash)}
    if field == _PART:
        digests["model_hash"] = _hash_of(value, model_hash)
    if any(digests.values()):
        found[field] = [*found.get(field, []), {"name": _file_name(value), **_filled(digests)}]
    return _file_name(value)


def _file_name(path: str) -> str:
    """The last part of a path of any system; anything else unchanged."""
    is_path = Path(path).is_absolute() or PureWindowsPath(path).drive or path.startswith(("\\\\", "//"))
    return PureWindowsPath(path).name if is_path else path


def _hash_of(path: str, digest: Callable[[str], str]) -> str:
    return digest(path) if Path(path).is_absolute() and not leads_elsewhere(path) else ""


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text}


def _own_part(task: Mapping[str, Any], notes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``task`` with several seeds or points, reduced to those of the item with these ``notes``."""
    facts = ThingFacts.of(notes)
    own: dict[str, Any] = {"seed": facts.seed} if facts.seed is not None and "seed" in task else {}
    index = facts.index
    name = "points" if task.get("points") else "seeds"
    each = task.get(name)
    if index is not None and isinstance(each, list | tuple) and index < len(each):
        own[name] = [each[index]]
    return own


def record_to_json(data: Mapping[str, Any]) -> str:
    """One line of JSON. Lone surrogates, which can't be encoded, become question marks."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def read_record(text: str) -> dict[str, Any] | None:
    """Parse our JSON; None if it isn't ours or of a later version."""
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
    """The parts of the ``parameters`` text for a ``record``."""
    task, facts = data["job"]["task"], ThingFacts.of(data["notes"])
    scheduler = facts.scheduler or str(task.get("scheduler") or "")
    pairs = {
        "Steps": task.get("steps"),
        "Sampler": scheduler.removesuffix(KARRAS),
        "Schedule type": KARRAS.strip() if scheduler.endswith(KARRAS) else None,
        "CFG scale": task.get("guidance"),
        "Seed": task.get("seed") if facts.seed is None else facts.seed,
        "Size": f"{facts.width}x{facts.height}" if facts.width and facts.height else None,
        "Model hash": data["job"].get("model_hash"),
        "Model": data["model_name"],
        **_parts(data["job"]),
        "Denoising strength": task.get("strength") if task.get("image") else None,
        "Version": f"Triptych {data.get('app', '')}".strip(),
    }
    texts = {key: _plain(value) for key, value in pairs.items() if value not in (None, "")}
    return Infotext(_plain(task.get("prompt", "")), _plain(task.get("negative", "")), texts)


def _parts(job: Mapping[str, Any]) -> dict[str, str]:
    """The pairs by which other tools name what was given to the model."""
    given, inputs = job["task"].get("parts"), job.get("inputs")
    named = inputs.get(_PART) if isinstance(inputs, Mapping) else None
    known = [each for each in named if isinstance(each, Mapping)] if isinstance(named, list | tuple) else []
    pairs: dict[str, str] = {}
    for part in given if isinstance(given, list | tuple) else ():
        title = _PAIRS.get(str(part.get("type"))) if isinstance(part, Mapping) else None
        if title and (name := _file_name(str(part.get(_PART) or ""))):
            digest = next((each.get("model_hash") for each in known if each.get("name") == name), "")
            pairs |= {f"{title} hash": str(digest or ""), title: name}
    return pairs


def _plain(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")

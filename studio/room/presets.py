"""Presets: named settings of a room's request, one file each, which can be given to others as it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from studio.core.errors import StudioError
from studio.core.fields import Field, Role, describe
from studio.core.task import Task
from studio.core.text import tr
from studio.files.reading import load_json

VERSION = 1
_MARK = "triptych_preset"
_LONGEST = 10_000_000
"""Bytes of a file. One with both prompts has some thousands."""
_HELD: frozenset[Role] = frozenset({"value", "text"})
"""What says how things are made: neither which one (its seed), nor of what, nor anything of this machine."""
_PROMPTS: frozenset[Role] = frozenset({"prompt", "negative"})


class Holds(NamedTuple):
    """What the presets of a room hold: the settings of its task; prompts if the person may want them; a model."""

    task: Task
    """As it begins: what a preset doesn't say."""
    prompts: bool = False
    model: bool = True

    def names(self, with_prompts: bool = True) -> tuple[str, ...]:
        """The fields that are held."""
        return tuple(
            field.name
            for field in describe(type(self.task))
            if _is_setting(field) or (self.prompts and with_prompts and field.role in _PROMPTS)
        )


class Preset(NamedTuple):
    """What a file says: fields of the task, and the name of the model, "" where it names none."""

    values: dict[str, Any]
    model: str = ""


def to_json(holds: Holds, task: Task, model: str, with_prompts: bool) -> bytes:
    """A file with the settings of ``task``; ``model`` is the name that people know it by."""
    data = task.to_data()
    kept = {name: data[name] for name in ("version", *holds.names(with_prompts))}
    about = {_MARK: VERSION, "kind": task.kind, **({"model": model} if holds.model and model else {})}
    return json.dumps({**about, "task": kept}, indent=2).encode("ascii")


def read_preset(holds: Holds, path: Path) -> Preset:
    """What the file at ``path`` says, which anybody may have written. Raises StudioError when it can't be used."""
    try:
        data = load_json(path, _LONGEST)
    except FileNotFoundError as error:
        raise StudioError(tr("The preset {path} is not there any more.", path=path)) from error
    except (OSError, ValueError) as error:
        raise _no_preset(path) from error
    version, fields = (data.get(_MARK), data.get("task")) if isinstance(data, dict) else (None, None)
    if not isinstance(version, int) or not isinstance(fields, dict):
        raise _no_preset(path)
    if version > VERSION:
        raise StudioError(tr("{path} was written by a newer Triptych. Update Triptych to use it.", path=path))
    if data.get("kind") != holds.task.kind:
        raise StudioError(tr("{path} is a preset of another room.", path=path))
    return Preset(_checked(holds, path, fields), _text(data.get("model")) if holds.model else "")


def _checked(holds: Holds, path: Path, fields: Mapping[str, Any]) -> dict[str, Any]:
    try:
        task = type(holds.task).from_data({**holds.task.to_data(), **fields})
    except StudioError as error:
        raise StudioError(tr("The preset {path} can't be used: {why}", path=path, why=error)) from error
    return {name: getattr(task, name) for name in holds.names() if name in fields}


def _is_setting(field: Field) -> bool:
    return field.role in _HELD and not (field.hidden or field.names_files)


def _text(value: object) -> str:
    return value[:300] if isinstance(value, str) else ""


def _no_preset(path: Path) -> StudioError:
    return StudioError(tr("{path} is no preset that Triptych can read. Choose one that was exported here.", path=path))

"""Paths that a request names: those that lead to other machines, or to devices, are never opened.

Windows would send a stranger's machine the person's name and password; some systems mount whatever is named.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from studio.core.errors import StudioError
from studio.core.fields import Field, describe
from studio.core.given_names import is_reserved
from studio.core.resources import BUNDLED
from studio.core.task import Task
from studio.core.text import tr

AnyTask = TypeVar("AnyTask", bound=Task)
_LOCAL_LONG = re.compile(r"//\?/[A-Za-z]:/")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")
"""Of the web, or file://host: a letter alone is a drive."""
_MOUNTS = re.compile(r"/(net|network)/[^/]", re.IGNORECASE)
"""Where autofs and macOS mount the machine that a path names."""


def leads_elsewhere(path: str) -> bool:
    r"""Whether ``path`` leads to another machine (``\\host\..``, ``//?/UNC/..``, ``file://host``) or to a device."""
    plain = path.strip().replace("\\", "/")
    if _LOCAL_LONG.match(plain):
        plain = plain[4:]
    if plain.startswith(BUNDLED):
        return False
    device = plain.startswith("/dev/") and not plain.startswith("/dev/shm/")
    if device or plain.startswith(("//", "/??/")) or is_address(plain) or _MOUNTS.match(plain):
        return True
    windows = not plain.startswith("/")  # elsewhere a folder may well be called "aux"
    return windows and any(is_reserved(part.strip()) for part in plain.split("/"))


def is_address(path: str) -> bool:
    """Whether ``path`` is none, but an address as the web has them."""
    return bool(_ADDRESS.match(path))


def files_of(task_type: type[Task]) -> list[Field]:
    """The fields of ``task_type`` that name a file, a folder or a model, or several."""
    return [field for field in describe(task_type) if field.names_files]


def without_foreign_paths(task: AnyTask) -> tuple[AnyTask, tuple[str, ...]]:
    """``task`` without the paths that lead elsewhere, and these."""
    fields, gone = kept_here(type(task), {field.name: getattr(task, field.name) for field in files_of(type(task))})
    return (msgspec.structs.replace(task, **fields) if gone else task), gone


def kept_here(task_type: type[Task], values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """``values`` of fields of ``task_type``, as a file holds them, without paths that lead elsewhere, and these."""
    kept, gone = dict(values), list[str]()
    for field in files_of(task_type):
        value = kept.get(field.name)
        if isinstance(value, str) and leads_elsewhere(value):
            gone.append(value)
            kept[field.name] = ""
        elif isinstance(value, list | tuple):
            bad = [path for path in value if isinstance(path, str) and leads_elsewhere(path)]
            gone += bad
            kept[field.name] = tuple(path for path in value if path not in bad) if bad else value
    return kept, tuple(gone)


def refuse_foreign_paths(task: Task) -> None:
    """Raise StudioError, for a person who can put the file elsewhere, when ``task`` names a path that leads away."""
    if gone := without_foreign_paths(task)[1]:
        raise StudioError(
            tr(
                "{path} is on another machine, or a device, which Triptych doesn't open. Copy the file to this machine "
                "first.",
                path=gone[0][:300],
            )
        )

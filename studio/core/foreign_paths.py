"""Paths that a request names: those that lead to other machines, or to devices, are never opened.

Windows would send a stranger's machine the person's name and password; some systems mount whatever is named.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.core.fields import FILES, Field, describe, with_roles
from studio.core.given_names import is_reserved
from studio.core.resources import BUNDLED
from studio.core.text import tr

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


def kept_here(kind: type[msgspec.Struct], values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """``values`` of fields of ``kind``, as a file holds them, without paths that lead elsewhere, and these.

    Which fields name files, folders or models is told by their role, however deep they lie.
    """
    gone: list[str] = []

    def keep(_: Field, path: str) -> str:
        if not leads_elsewhere(path):
            return path
        gone.append(path)
        return ""

    kept = with_roles(describe(kind), values, FILES, keep)
    return (kept if gone else dict(values)), tuple(gone)


def refuse_foreign_paths(kind: type[msgspec.Struct], values: Mapping[str, Any]) -> None:
    """Raise StudioError, for a person who can put the file elsewhere, when ``values`` name a path that leads away."""
    if gone := kept_here(kind, values)[1]:
        raise StudioError(
            tr(
                "{path} is on another machine, or a device, which Triptych doesn't open. Copy the file to this machine "
                "first.",
                path=gone[0][:300],
            )
        )

"""The environment that the studio runs in: what it needs, what of that is missing, and the stamp on a finished one.

Standard library only and quick to import: this runs before there is an environment, and at every start.
"""

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "triptych-stamp"
UNFINISHED = "unfinished"


class Stamp(NamedTuple):
    """What is in ``.venv``: for which ``pyproject.toml``, with the test extras or not, with which build of torch."""

    project: str
    tests: bool = False
    torch: str = ""
    """What was given as ``--torch``; "" left the choice to pip."""


def fingerprint() -> str:
    """The hash of what ``pyproject.toml`` says of the package: all that stands before the settings of tools."""
    package, _, _ = PROJECT.read_bytes().partition(b"\n[tool.")
    return hashlib.sha256(package).hexdigest()


def read_stamp() -> Stamp | None:
    """The stamp that was written last of all; None when there is none, or ``.venv`` is half made or has no Python."""
    try:
        lines = STAMP.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    # Not Path.exists, which raises where one may not look.
    if len(lines) < 3 or lines[0] == UNFINISHED or not os.path.exists(PYTHON):  # noqa: PTH110
        return None
    return Stamp(lines[0], lines[1] == "test", lines[2])


def is_out_of_reach() -> bool:
    """True when this user may not look into ``.venv``, or not at the Python that it leads to."""
    try:
        PYTHON.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def write_stamp(stamp: Stamp) -> None:
    """Say what ``.venv`` holds, or with ``UNFINISHED`` as project that it is being changed."""
    STAMP.write_text("\n".join((stamp.project, "test" if stamp.tests else "", stamp.torch)), encoding="utf-8")


def is_ready(tests: bool = False) -> bool:
    """True when ``.venv`` is whole and for what ``pyproject.toml`` asks for today."""
    stamp = read_stamp()
    return stamp is not None and stamp.project == fingerprint() and (stamp.tests or not tests)


def inside() -> bool:
    """True when this very Python is that of ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def is_virtual() -> bool:
    """True in a virtual environment of any kind."""
    return sys.prefix != sys.base_prefix


def requirements(tests: bool = False) -> list[str]:
    """What ``pyproject.toml`` asks for."""
    import tomllib

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return [
        *project.get("dependencies", ()),
        *(project.get("optional-dependencies", {}).get("test", ()) if tests else ()),
    ]


def lacking(tests: bool = False) -> list[str]:
    """The requirements that this Python's environment doesn't meet."""
    return [text for text in requirements(tests) if not _is_met(text)]


def name_of(requirement: str) -> str:
    """The package that it asks for."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _is_met(requirement: str) -> bool:
    from importlib import metadata

    try:
        version = metadata.version(name_of(requirement))
    except metadata.PackageNotFoundError:
        return False
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return True  # without the library that compares versions, being there must do
    return Requirement(requirement).specifier.contains(version, prereleases=True)

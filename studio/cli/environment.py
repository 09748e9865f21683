"""The Python environment: what it needs, what is missing, and the stamp of a finished one.

Standard library only and fast to import: this runs before there is an environment, and at every start.
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
    """What ``.venv`` contains: for which ``pyproject.toml``, with or without test extras, with which build of torch."""

    project: str
    tests: bool = False
    torch: str = ""
    """The value of ``--torch``; "" leaves the choice to pip."""


def fingerprint() -> str:
    """The hash of what ``pyproject.toml`` says of the package: all that stands before the settings of tools."""
    package, _, _ = PROJECT.read_bytes().partition(b"\n[tool.")
    return hashlib.sha256(package).hexdigest()


def read_stamp() -> Stamp | None:
    """The stamp, which is written last; None if there is none, or ``.venv`` is unfinished or has no Python."""
    try:
        lines = STAMP.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    # Not Path.exists, which raises without permission.
    if len(lines) < 3 or lines[0] == UNFINISHED or not os.path.exists(PYTHON):  # noqa: PTH110
        return None
    return Stamp(lines[0], lines[1] == "test", lines[2])


def is_out_of_reach() -> bool:
    """True if this user has no access to ``.venv`` or to the Python that it links to."""
    try:
        PYTHON.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def write_stamp(stamp: Stamp) -> None:
    """Record what ``.venv`` contains; the project ``UNFINISHED`` marks it as being changed."""
    STAMP.write_text("\n".join((stamp.project, "test" if stamp.tests else "", stamp.torch)), encoding="utf-8")


def is_ready(tests: bool = False) -> bool:
    """True if ``.venv`` is complete and matches today's ``pyproject.toml``."""
    stamp = read_stamp()
    return stamp is not None and stamp.project == fingerprint() and (stamp.tests or not tests)


def inside() -> bool:
    """True if this Python is the one in ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def is_virtual() -> bool:
    """True in a virtual environment of any kind."""
    return sys.prefix != sys.base_prefix


def requirements(tests: bool = False) -> list[str]:
    """The requirements in ``pyproject.toml``."""
    import tomllib

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return [
        *project.get("dependencies", ()),
        *(project.get("optional-dependencies", {}).get("test", ()) if tests else ()),
    ]


def lacking(tests: bool = False) -> list[str]:
    """The requirements that are missing in this Python's environment."""
    return [text for text in requirements(tests) if not _is_met(text)]


def name_of(requirement: str) -> str:
    """The name of the required package."""
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
        return True  # without the library that compares versions, being installed is enough
    return Requirement(requirement).specifier.contains(version, prereleases=True)

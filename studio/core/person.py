"""Who works here and where their home is, as far as the system knows: a container may know neither."""

import getpass
import os
from pathlib import Path


def home() -> Path | None:
    """The person's home; None where there is none."""
    try:
        return Path.home()
    except (RuntimeError, KeyError, OSError):
        return None


def user_name() -> str:
    """What the person is called here; "" when nobody knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # which one is raised depends on Python's version
        return ""


def expanded(path: Path) -> Path:
    """``path`` with a leading ~ replaced where that is known."""
    try:
        return path.expanduser()
    except (RuntimeError, KeyError, OSError):
        return path


def stand_in_for_the_unknown() -> None:
    """Have this process and those that it starts find a user's name and a home, which libraries ask for unprepared.

    For instance torch calls a folder by the user's name, and fails where a container was started with a mere number.
    The studio itself keeps nothing in a home that isn't one: see ``studio.library.paths.find_paths``.
    """
    if not user_name():
        os.environ["LOGNAME"] = f"user-{os.getuid()}" if hasattr(os, "getuid") else "user"
    if home() is None and (place := os.environ.get("TRIPTYCH_HOME")):
        os.environ["HOME"] = place

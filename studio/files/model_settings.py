"""The settings files in a model's folder, which may be a stranger's: objects in JSON, read in one way."""

from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.reading import load_json, why_unread


def read_settings(file: Path) -> dict[str, Any]:
    """What the JSON object in ``file`` holds. Raises StudioError "model_unusable" when it can't be read or is none.

    The libraries take a text in its place for the name of a repository, and look for that.
    """
    try:
        settings = load_json(file)
    except FileNotFoundError as error:
        raise _unusable("{path} is missing. Did the model's download finish?", path=file) from error
    except (OSError, ValueError) as error:
        raise _unusable("{path} can't be read: {why}. Download it again.", path=file, why=why_unread(error)) from error
    if not isinstance(settings, dict):
        raise _unusable("{path} contains no model settings. Download it again.", path=file)
    return settings


def settings_or_none(file: Path) -> dict[str, Any]:
    """The same; nothing where it can't be read, which is told where its part is checked."""
    try:
        return read_settings(file)
    except StudioError:
        return {}


def _unusable(sentence: str, **values: object) -> StudioError:
    return StudioError(tr(sentence, **values), "model_unusable")

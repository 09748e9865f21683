"""Where a model lies: from its address to a path."""

from pathlib import Path

from studio.core.errors import StudioError
from studio.core.given_names import is_name
from studio.core.resources import BUNDLED, starters
from studio.core.text import tr
from studio.files.reading import is_there


def resolve(address: str) -> Path:
    """The file or folder at ``address``: "starter:NAME" is a bundled model, all else an absolute path.

    Raises StudioError ("model_missing") when nothing is there.
    """
    if not address:
        raise StudioError(tr("No model is selected. Choose one in the Models room."), trouble="model_missing")
    if address.startswith(BUNDLED):
        name = address.removeprefix(BUNDLED)
        path = starters() / name
        if not is_name(name) or not path.exists():
            raise StudioError(
                tr(
                    "There is no bundled model named {name}. Choose another one in the Models room.",
                    name=repr(name)[:100],
                ),
                trouble="model_missing",
            )
        return path
    path = Path(address)
    if not path.is_absolute():
        raise StudioError(
            tr("{path} is not a full path. Give the full path of the model's folder or file.", path=address),
            trouble="model_missing",
        )
    if not is_there(path):
        raise StudioError(
            tr("The model {path} is no longer there. Was it moved, or is its drive disconnected?", path=path),
            trouble="model_missing",
        )
    if not path.is_dir() and not path.is_file():
        raise StudioError(tr("{path} is not a file. Download it again.", path=path), trouble="model_unusable")
    return path

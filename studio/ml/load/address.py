"""Where a model lies: from its address to a path."""

from pathlib import Path

from studio.core.errors import StudioError

STARTERS = Path(__file__).resolve().parents[3] / "resources" / "starters"


def resolve(address: str) -> Path:
    """The file or folder at ``address``: "starter:NAME" is a bundled model, all else an absolute path.

    Raises StudioError ("model_missing") when nothing is there.
    """
    if not address:
        raise StudioError("No model is chosen. Choose one in the Models room.", trouble="model_missing")
    kind, _, name = address.partition(":")
    if kind == "starter":
        path = STARTERS / name
        if not name or Path(name).name != name or not path.exists():
            raise StudioError(
                f"There is no bundled model named {name!r}. Choose another one in the Models room.",
                trouble="model_missing",
            )
        return path
    path = Path(address)
    if not path.is_absolute():
        raise StudioError(
            f"{address} is no full path. Give the whole path of the model's folder or file.", trouble="model_missing"
        )
    if not path.exists():
        raise StudioError(
            f"The model {path} is not there any more. Was it moved, or is its drive not connected?",
            trouble="model_missing",
        )
    return path

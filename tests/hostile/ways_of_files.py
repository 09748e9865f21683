"""The ways in which the studio opens what is no model, for ``opener.py``."""

import os
from collections.abc import Callable
from pathlib import Path

from studio.app.line_file import read_line
from studio.core.saved import job_to_data
from studio.core.values import Job
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.ui.directions.notebook import read_notebook
from studio.library.export import ExportOptions, export
from studio.library.index import Item
from studio.library.library import Library, text_of
from studio.library.metadata.clips import without_metadata
from studio.library.paths import find_paths
from studio.library.settings import SettingsFile
from studio.library.thumbnails import make_thumbnail
from studio.ml.pictures import read_input_picture
from studio.models.catalogue import ModelCatalogue
from studio.room.shown_items import read_picture
from tests.hostile.dropping import dropped

TASKS = task_types()
JOB = job_to_data(Job(task=ImageTask(prompt="x")))
HOME = Path(os.environ["TRIPTYCH_HOME"])


def _item(path: Path) -> Item:
    kinds = {".md": "text", ".mp4": "clip", ".webm": "clip", ".gif": "clip"}
    return Item(id="it", path=str(path), kind=kinds.get(path.suffix, "image"), created=1.0, job=JOB)  # type: ignore[arg-type]


def _dropped(path: Path) -> str:
    """Dropped on the window, to take its settings over."""
    parcel = dropped(path)
    return "nothing" if parcel is None else parcel.room


def _shown(path: Path) -> str:
    small, whole = read_picture(str(path), 64), read_picture(str(path))
    return f"{small.width()}x{small.height()} of {whole.width()}x{whole.height()}"


def _exported(path: Path) -> str:
    options = ExportOptions(folder=str(HOME / "out"), size=64, format="jpeg")
    return str(export([_item(path)], options)[0])


def _rebuilt(path: Path) -> str:
    """Of a library with the folder ``path`` in it: made, filled, shown and closed."""
    library = Library(find_paths())
    try:
        return f"{path.name}: {library.rebuild()}"
    finally:
        library.close()


WAYS: dict[str, Callable[[Path], str]] = {
    "settings of": _dropped,
    "start picture": lambda path: str(read_input_picture(path).size),
    "preview": _shown,
    "thumbnail": lambda path: str(make_thumbnail(path, HOME / "cache", 256)),
    "export": _exported,
    "bare film": lambda path: str(len(without_metadata(path, HOME))),
    "text": lambda path: str(len(text_of(_item(path)))),
    "settings": lambda path: SettingsFile(path).notice,
    "queue": lambda path: read_line(path, TASKS)[1],
    "models": lambda path: str(len(ModelCatalogue(HOME / "none", ["/added"], path).models())),
    "rebuild": _rebuilt,
    "directions": lambda path: str(len(read_notebook(path).own)),
}

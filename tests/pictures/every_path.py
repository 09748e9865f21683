"""The ways in which a picture file becomes pixels: for the model, the stage, a tile, its thumbnail, and exports."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage

from studio.core.saved import job_to_data
from studio.library.export import ExportOptions, Format, export
from studio.library.index import Item
from studio.library.thumbnails import make_thumbnail
from studio.ml.pictures import read_input_picture
from studio.room.shown_items import read_picture
from tests.library import things

JOB = job_to_data(things.image_job())


def _bytes_of(image: QImage) -> np.ndarray:
    straight = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.bytesPerLine())
    return rows[:, : 3 * straight.width()].reshape(straight.height(), straight.width(), 3).copy()


def _exported(form: Format, size: int = 0) -> Callable[[Path], np.ndarray]:
    def read(path: Path) -> np.ndarray:
        options = ExportOptions(folder=str(path.parent / "out"), format=form, size=size, quality=100)
        item = Item(id="it", path=str(path), kind="image", created=1.0, job=JOB)
        with Image.open(export([item], options)[0]) as image:
            clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return np.asarray(Image.alpha_composite(ground, clear).convert("RGB"))

    return read


PATHS: dict[str, Callable[[Path], np.ndarray]] = {
    "model": lambda path: np.asarray(read_input_picture(path)),
    "stage": lambda path: _bytes_of(read_picture(str(path))),
    "tile": lambda path: _bytes_of(read_picture(str(path), 64)),
    "thumbnail": lambda path: np.asarray(Image.open(make_thumbnail(path, path.parent / "cache", 256)).convert("RGB")),
    "export": _exported("png"),
    "small export": _exported("webp", 24),
    "JPEG export": _exported("jpeg"),
}
"""Name -> what gives the pixels [H, W, 3] that come of a file."""

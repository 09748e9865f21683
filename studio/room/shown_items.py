"""Library items and pictures as they are shown: thumbnails of film strips and grids, and whole."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.app.services import Item, StudioServices
from studio.core.errors import StudioError
from studio.core.facts import ThingFacts
from studio.core.text import tr
from studio.pictures import opening
from studio.ui.thumbs import Load, Provider, Thumb

log = logging.getLogger(__name__)
MOST_PIXELS = 25_000_000
"""Of a picture that is shown: a larger one comes reduced."""
_BAND = 500_000
"""Pixels that are copied at once: a millisecond."""


def thumb_of(item: Item) -> Thumb:
    """The item as a strip or a grid shows it."""
    title = (
        ThingFacts.of(item.notes).begins
        or item.prompt[:300]
        or (f"#{item.seed}" if item.seed is not None else tr(item.kind.capitalize()))
    )
    badge = {"text": "text", "clip": "clip"}.get(item.kind, "")
    return Thumb(item.id, item.path, title, item.starred, badge)


def loader(services: StudioServices, owner: QObject) -> Load:
    """Gives the thumbs of items by their names, read beside the window, until ``owner`` goes."""

    def load(keys: list[str], ready: Callable[[list[Thumb]], None]) -> None:
        services.read(lambda: [thumb_of(item) for item in services.library.index.called(keys)], ready, owner)

    return load


def provider(services: StudioServices, owner: QObject) -> Provider:
    """Gives thumbnails by the item's id, each made beside the window when it is first seen, until ``owner`` goes."""

    def give(key: str, _edge: int, ready: Callable[[QImage | None], None]) -> None:
        item = services.library.index.get(key)
        if item is None:
            ready(None)
        else:
            services.thumbnail(item, lambda path: ready(QImage(path) if path else None), owner)

    return give


def read_picture(path: str, edge: int = 0) -> QImage:
    """The picture in a file, upright, in sRGB, within ``edge`` x ``edge`` if that is not 0; null when it can't be read.

    For any thread. Qt's own reader is not: it connects signals while the GIL is held, which takes a lock of Qt's; a
    signal disconnected in the window's thread takes the two the other way round (PySide 6.11), and both wait for ever.
    """
    try:
        return from_pillow(opening.read_picture(Path(path), edge, MOST_PIXELS))
    except StudioError as error:
        log.info("%s", error)
        return QImage()


class Small(NamedTuple):
    """A picture file at a glance."""

    image: QImage
    size: tuple[int, int]
    """Of the whole picture, upright."""
    pages: int
    """How many there are in the file; the first one is meant."""


def read_small(path: str, edge: int) -> Small:
    """The picture in a file, within ``edge`` x ``edge``, and what is known of it; for any thread.

    Raises StudioError, with what to do, when it can't be opened.
    """
    file = Path(path)
    image = from_pillow(opening.read_picture(file, edge))
    return Small(image, *opening.inspect_picture(file))


def from_pillow(picture: Image.Image) -> QImage:
    """A picture in RGB or RGBA as an image of its own, copied in bands: between them another thread has its turn."""
    bare = picture.mode == "RGB"
    width, height = picture.size
    image = QImage(width, height, QImage.Format.Format_RGB32 if bare else QImage.Format.Format_ARGB32)
    memory, row = memoryview(image.bits()), image.bytesPerLine()
    rows = max(_BAND // width, 1)
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(top + rows, height)))
        data = band.tobytes("raw", "BGRX" if bare else "BGRA")
        memory[top * row : top * row + len(data)] = data
    return image

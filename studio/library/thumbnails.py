"""Thumbnails: small pictures in the cache, made on first use."""

import hashlib
from pathlib import Path

from PIL import Image

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.atomic import write_through
from studio.files.picture_file import BROKEN
from studio.library.metadata.clips import FILMS, first_frame
from studio.pictures.opening import damaged, read_picture

_QUALITY = 88
_MADE = "upright, sRGB"
"""A version in the names, so that thumbnails made differently by earlier releases aren't used."""


def make_thumbnail(path: Path, cache: Path, edge: int) -> Path:
    """The thumbnail of the file at ``path``, at most ``edge`` pixels. Its name is a hash of path, time and size.

    Raises StudioError when the file is gone or damaged.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise StudioError(tr("{path} is no longer there.", path=path)) from error
    name = hashlib.sha256(f"{_MADE}|{path}|{changed}|{edge}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    thumbnail = cache / name[:2] / f"{name}.jpg"
    if not thumbnail.exists():
        image = _read(path, edge)
        write_through(thumbnail, lambda file: image.save(file, "JPEG", quality=_QUALITY, subsampling=0))
    return thumbnail


def _read(path: Path, edge: int) -> Image.Image:
    if path.is_dir():
        path /= "00000.png"
    if path.suffix.lower() not in FILMS:
        return read_picture(path, edge)
    try:
        image = first_frame(path)
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    except BROKEN as error:
        raise damaged(path) from error
    return image

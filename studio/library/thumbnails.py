"""Thumbnails: small pictures in the cache, made when they are first looked at."""

import hashlib
from pathlib import Path

import av
from PIL import Image, UnidentifiedImageError

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.library.files import write_through
from studio.library.metadata.pictures import open_picture


def make_thumbnail(path: Path, cache: Path, edge: int) -> Path:
    """The thumbnail of the file at ``path``, ``edge`` pixels at its longest. The name tells the file, its age and size.

    Raises StudioError when the file is gone or damaged.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise StudioError(tr("{path} is not there any more.", path=path)) from error
    name = hashlib.sha256(f"{path}|{changed}|{edge}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    thumbnail = cache / name[:2] / f"{name}.png"
    if not thumbnail.exists():
        image = _read(path)
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        write_through(thumbnail, lambda file: image.save(file, "PNG", compress_level=1))
    return thumbnail


def _read(path: Path) -> Image.Image:
    if path.is_dir():
        path = path / "00000.png"
    try:
        if path.suffix.lower() == ".mp4":
            with av.open(str(path)) as film:
                first: Image.Image = next(film.decode(video=0)).to_image()
                return first
        with open_picture(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, av.FFmpegError, StopIteration) as error:
        raise StudioError(tr("{path} is damaged: its picture can't be read.", path=path)) from error

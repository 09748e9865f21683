"""Export: copies of chosen things as ordinary files, in the format, size and under the names that one wants."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
from msgspec import Meta
from PIL import Image

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.library.files import explained, write_atomic, write_through
from studio.library.index import Item
from studio.library.metadata.infotext import write_infotext
from studio.library.metadata.pictures import exif_bytes, open_picture, write_png
from studio.library.metadata.request import VERSION, infotext_of
from studio.library.metadata.texts import read_text
from studio.library.names import fill_pattern, free_path

Format = Literal["png", "jpeg", "webp", "tiff"]
_IMAGE_DESCRIPTION = 270
"""The TIFF tag that holds words about the picture."""
_ENDINGS: dict[str, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "tiff": ".tif"}


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to export. ``size``: longest edge in pixels, 0 keeps the picture's own."""

    folder: str
    format: Format = "png"
    size: Annotated[int, Meta(ge=0, le=16384)] = 0
    quality: Annotated[int, Meta(ge=1, le=100)] = 92
    pattern: str = "{date}-{prompt}-{seed}"
    metadata: bool = True


def preview_name(options: ExportOptions, item: Item, number: int) -> str:
    """The file name that ``item`` would get as number ``number`` of an export."""
    return f"{_stem(options, item, number)}{_ending(options, item)}"


def export(
    items: Sequence[Item], options: ExportOptions, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Path]:
    """Write every item into the folder; nothing that is there is written over. Returns the new files.

    Raises StudioError at the first one that can't be read or written; what was written before it stays.
    """
    folder = Path(options.folder)
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, item in enumerate(items, 1):
        target = free_path(folder, _stem(options, item, number), _ending(options, item))
        _export_one(item, target, options)
        written.append(target)
        progress(number, len(items))
    return written


def _stem(options: ExportOptions, item: Item, number: int) -> str:
    made = datetime.fromtimestamp(item.created)
    values = {
        "date": f"{made:%Y-%m-%d}",
        "time": f"{made:%H%M%S}",
        "prompt": " ".join(item.prompt.split())[:60],
        "seed": "" if item.seed is None else item.seed,
        "model": item.model,
        "number": f"{number:03d}",
        "name": Path(item.path).stem,
    }
    return fill_pattern(options.pattern, values).strip("- ") or f"{number:03d}"


def _ending(options: ExportOptions, item: Item) -> str:
    return _ENDINGS[options.format] if item.kind == "image" else Path(item.path).suffix


def _export_one(item: Item, target: Path, options: ExportOptions) -> None:
    source = Path(item.path)
    if not source.exists():
        raise StudioError(tr("{path} is not there any more.", path=source))
    if item.kind == "image":
        _export_picture(item, target, options)
    elif source.is_dir():
        with explained(target):
            shutil.copytree(source, target, ignore=None if options.metadata else shutil.ignore_patterns("about.md"))
    elif item.kind == "text" and not options.metadata:
        write_atomic(target, read_text(source.read_text(encoding="utf-8", errors="replace"))[0].encode("utf-8"))
    else:
        write_atomic(target, source.read_bytes())


def _export_picture(item: Item, target: Path, options: ExportOptions) -> None:
    with open_picture(Path(item.path)) as opened:
        try:
            image = opened.convert("RGB")
        except (OSError, SyntaxError, ValueError) as error:
            raise StudioError(tr("{path} is damaged: its picture can't be read.", path=item.path)) from error
    if options.size and max(image.size) != options.size:
        scale = options.size / max(image.size)
        image = image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
        )
    data = _record_of(item) if options.metadata else None
    if options.format == "png":
        write_through(target, lambda file: write_png(file, image, data))
        return
    if options.format == "tiff":
        about = {_IMAGE_DESCRIPTION: write_infotext(infotext_of(data))} if data is not None else {}
        write_through(target, lambda file: image.save(file, "TIFF", compression="tiff_lzw", tiffinfo=about))
        return
    exif = exif_bytes(data) if data is not None else None
    write_through(target, lambda file: _encode(file, image, options, exif))
    if data is not None and exif is None:  # too long for a picture: beside it, rather than lost
        write_atomic(target.with_suffix(".txt"), write_infotext(infotext_of(data)).encode("utf-8"))


def _encode(file: BinaryIO, image: Image.Image, options: ExportOptions, exif: bytes | None) -> None:
    extra: dict[str, Any] = {"exif": exif} if exif else {}
    if options.format == "jpeg":
        image.save(file, "JPEG", quality=options.quality, subsampling=0, optimize=True, **extra)
    else:
        image.save(file, "WEBP", quality=options.quality, **extra)


def _record_of(item: Item) -> dict[str, Any]:
    return {"triptych": VERSION, "app": "", "model_name": item.model, "job": item.job, "notes": item.notes}

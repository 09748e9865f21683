"""Export: copies of items as ordinary files, in a chosen format, size and naming."""

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, NamedTuple

import msgspec
from msgspec import Meta
from PIL import Image

from studio import __version__
from studio.core.errors import Stopped, StudioError
from studio.core.text import tr
from studio.files.atomic import Numbers, write_new, write_new_folder
from studio.files.errors import readable
from studio.files.names import UNTITLED, fill_pattern
from studio.files.reading import open_file
from studio.library.index import Item
from studio.library.metadata.clips import with_metadata, without_metadata
from studio.library.metadata.infotext import write_infotext
from studio.library.metadata.making import ABOUT, read_making
from studio.library.metadata.pictures import exif_of, fits_in_jpeg, tiff_tags, write_png
from studio.library.metadata.request import VERSION, infotext_of, strip_local_paths
from studio.library.metadata.texts import read_text, write_text
from studio.pictures.colour import srgb_profile
from studio.pictures.opening import on_white, read_picture

Format = Literal["png", "jpeg", "webp", "tiff"]
_AT_ONCE = 1 << 20
"""Bytes copied between two checks whether to stop."""
_ENDINGS: dict[str, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "tiff": ".tif"}


PLACES = ("date", "time", "prompt", "seed", "model", "number", "name")
"""The placeholders of a name pattern."""


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to export. ``size``: longest edge in pixels, 0 keeps the picture's size.

    ``format``, ``size`` and ``quality`` are for pictures; videos are copied unchanged, and texts are Markdown with
    front matter, or plain without ``metadata``.
    """

    folder: str
    format: Format = "png"
    size: Annotated[int, Meta(ge=0, le=16384)] = 0
    quality: Annotated[int, Meta(ge=1, le=100)] = 92
    pattern: str = "{date}-{prompt}-{seed}"
    metadata: bool = True


def unknown_places(pattern: str) -> list[str]:
    """What is in braces in the pattern and isn't a placeholder; also unmatched braces."""
    rest = re.sub(rf"\{{({'|'.join(PLACES)})\}}", "", pattern)
    return list(dict.fromkeys(re.findall(r"\{[^{}]*\}|[{}]", rest)))


def preview_name(options: ExportOptions, item: Item, number: int) -> str:
    """The file name that ``item`` would get as number ``number`` of an export."""
    return f"{_stem(options, item, number)}{_ending(options, item)}"


def preview_names(options: ExportOptions, items: Sequence[Item]) -> list[str]:
    """The file names that ``items`` would get in an empty folder."""
    names: list[str] = []
    for number, item in enumerate(items, 1):
        name = Path(preview_name(options, item, number))
        free = (name.name, *(f"{name.stem}-{again}{name.suffix}" for again in range(2, len(items) + 1)))
        names.append(next(one for one in free if one not in names))
    return names


class _Out(NamedTuple):
    """The target of one export, and whether to stop."""

    folder: Path
    numbers: Numbers
    stopped: Callable[[], bool]

    def check(self) -> None:
        """Raise Stopped if the export should stop."""
        if self.stopped():
            raise Stopped


def export(
    items: Sequence[Item], options: ExportOptions,
    stopped: Callable[[], bool] = lambda: False, progress: Callable[[int], object] = lambda _done: None,
) -> list[Path]:  # fmt: skip
    """Write every item into the folder without overwriting anything. Returns the new files.

    ``stopped`` is called before each file and while one is copied; once it returns True, the export ends with the files
    that are complete. ``progress`` is called with their number. Raises StudioError at the first item that can't be read
    or written; files written before it stay.
    """
    out, written = _Out(Path(options.folder), Numbers(), stopped), list[Path]()
    with contextlib.suppress(Stopped):
        for number, item in enumerate(items, 1):
            out.check()
            written.append(_export_one(item, _stem(options, item, number), options, out))
            progress(number)
    return written


def _stem(options: ExportOptions, item: Item, number: int) -> str:
    made = datetime.fromtimestamp(item.created)
    values = {
        "date": f"{made:%Y-%m-%d}",
        "time": f"{made:%H%M%S}",
        "prompt": " ".join(item.prompt[:200].split())[:60],
        "seed": "" if item.seed is None else item.seed,
        "model": item.model,
        "number": f"{number:03d}",
        "name": Path(item.path).stem,
    }
    name = fill_pattern(options.pattern, values)
    return name if name != UNTITLED else f"{number:03d}"


def _ending(options: ExportOptions, item: Item) -> str:
    if item.kind == "image":
        return _ENDINGS[options.format]
    return ".txt" if item.kind == "text" and not options.metadata else Path(item.path).suffix


def _export_one(item: Item, stem: str, options: ExportOptions, out: _Out) -> Path:
    source, ending = Path(item.path), _ending(options, item)
    if not source.exists():
        raise StudioError(tr("{path} is no longer there.", path=source))
    if item.kind == "image":
        return _export_picture(item, stem, options, out)
    if source.is_dir():
        files = (path for path in sorted(source.iterdir()) if path.is_file())
        kept = ((path.name, _content(path, out)) for path in files if options.metadata or path.name != ABOUT)
        return write_new_folder(out.folder, stem, kept, out.numbers)
    if options.metadata and not _tells_too_much(source):
        return write_new(out.folder, stem, ending, partial(_copy, source, out), out.numbers)
    if item.kind == "text":
        plain = _content(source, out) if options.metadata else read_text(_content(source, out))[0].encode("utf-8")
    elif options.metadata:
        film = _content(source, out)
        plain = with_metadata(film, source.suffix.lower()[1:], _record_of(item), out.folder)
    else:
        plain = without_metadata(source, out.folder)
    return write_new(out.folder, stem, ending, lambda file: file.write(plain), out.numbers)


def _tells_too_much(source: Path) -> bool:
    """Whether the file contains local paths, as those of release 0.1.0 do."""
    try:
        making = read_making(source)
    except StudioError:
        return False
    return making is not None and making.data is not None and strip_local_paths(making.data) != making.data


def _content(path: Path, out: _Out) -> bytes:
    """A file's bytes; for a text, without local paths."""
    out.check()
    with readable(path):
        with open_file(path) as file:
            content = file.read()
    if path.suffix.lower() != ".md":
        return content
    text, data = read_text(content)
    return content if data is None else write_text(text, strip_local_paths(data))


def _copy(source: Path, out: _Out, target: BinaryIO) -> None:
    with readable(source):
        file = open_file(source)
    with file:
        while data := file.read(_AT_ONCE):
            out.check()
            target.write(data)


def _export_picture(item: Item, stem: str, options: ExportOptions, out: _Out) -> Path:
    image = read_picture(Path(item.path), options.size, clear=True)
    if options.size > max(image.size):
        scale, info = options.size / max(image.size), image.info
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
        image.info = info
    data = _record_of(item) if options.metadata else None
    too_long = data is not None and options.format == "jpeg" and not fits_in_jpeg(exif_of(data))
    kept = None if too_long else data
    ending = _ending(options, item)
    target = write_new(out.folder, stem, ending, lambda file: _encode(file, image, options, kept), out.numbers)
    if data is not None and too_long:  # next to the picture rather than lost
        words = write_infotext(infotext_of(data)).encode("utf-8")
        write_new(out.folder, target.stem, ".txt", lambda file: file.write(words))
    return target


def _encode(file: BinaryIO, image: Image.Image, options: ExportOptions, data: dict[str, Any] | None) -> None:
    """Colours are in sRGB, and each format declares it. Transparency becomes white in formats without it."""
    picture = on_white(image) if options.format == "jpeg" else image
    extra: dict[str, Any] = {"icc_profile": image.info.get("icc_profile") or srgb_profile()}
    if data is not None and options.format in ("jpeg", "webp"):
        extra["exif"] = exif_of(data)
    match options.format:
        case "png":
            write_png(file, picture, data)
        case "jpeg":
            picture.save(file, "JPEG", quality=options.quality, subsampling=0, optimize=True, **extra)
        case "webp":
            picture.save(file, "WEBP", quality=options.quality, **extra)
        case "tiff":
            tags = tiff_tags(data) if data is not None else {}
            picture.save(file, "TIFF", compression="tiff_lzw", tiffinfo=tags, **extra)


def _record_of(item: Item) -> dict[str, Any]:
    """The record in the file itself, or the index's where the file has lost it."""
    making = read_making(Path(item.path))
    if making is not None and making.data is not None:
        return strip_local_paths(making.data)
    return strip_local_paths(_record_of_row(item))


def _record_of_row(item: Item) -> dict[str, Any]:
    return {
        "triptych": VERSION,
        "app": __version__,
        "model_name": item.model,
        "created": item.created,
        "item": item.id,
        "job": item.job,
        "notes": item.notes,
    }

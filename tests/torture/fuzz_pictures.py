"""Fuzzing targets for pictures and films; see ``fuzz.py``."""

import io
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

from studio.core.errors import StudioError
from studio.core.saved import job_to_data
from studio.library.export import ExportOptions, export
from studio.library.index import Item
from studio.library.metadata.clips import first_frame, with_metadata, without_metadata
from studio.library.metadata.making import read_making
from studio.library.metadata.pictures import exif_of
from studio.library.metadata.request import record
from studio.library.thumbnails import make_thumbnail
from studio.room.shown_items import read_picture
from tests.hostile import bytes_of
from tests.library import things
from tests.pictures.profiles import P3, cmyk_profile, rgb_profile
from tests.torture.fuzz_target import Target
from tests.torture.mutators import png

RECORD = record(things.image_job("a cat"), things.pixels(), "m", 1.5, "it")
JOB = job_to_data(things.image_job())


def targets(room: Path) -> dict[str, Target]:  # noqa: C901  small functions, one for each way to read
    """The forms that the studio reads; each input goes through the reading of metadata and one of the other ways."""

    def started_from(path: Path) -> None:
        from studio.ml.pictures import read_input_picture

        read_input_picture(path)

    def shown(path: Path) -> None:
        read_picture(str(path), 64)

    def whole(path: Path) -> None:
        read_picture(str(path))

    def thumbnail(path: Path) -> None:
        make_thumbnail(path, room / "cache", 16).unlink()

    def exported(path: Path) -> None:
        kind: Any = "clip" if path.suffix in (".mp4", ".webm", ".gif") else "image"
        options = ExportOptions(folder=str(room / "out"), size=24, format="jpeg", metadata=kind == "image")
        for file in export([Item(id="it", path=str(path), kind=kind, created=1.0, job=JOB)], options):
            file.unlink()

    def bare(path: Path) -> None:
        without_metadata(path, room)

    def through(ending: str, *ways: Callable[[Path], object]) -> Callable[[bytes], None]:
        path = room / f"a.{ending}"

        def read(data: bytes) -> None:
            path.write_bytes(data)
            for way in (read_making, ways[zlib.crc32(data) % len(ways)]):
                with suppress(StudioError):
                    way(path)

        return read

    def picture(ending: str) -> Callable[[bytes], None]:
        return through(ending, started_from, shown, whole, thumbnail, exported)

    def film(ending: str) -> Callable[[bytes], None]:
        return through(ending, first_frame, bare, thumbnail, exported)

    def gif(data: bytes) -> None:
        assert with_metadata(data, "gif", RECORD, room) or not data
        still(data)

    still = through("gif", started_from, shown, thumbnail, exported, bare)
    return {
        "png": Target(picture("png"), _pngs, png),
        "jpeg": Target(picture("jpg"), _jpegs),
        "webp": Target(picture("webp"), _webps),
        "tiff": Target(picture("tif"), _tiffs),
        "gif": Target(gif, _gifs),
        "bmp": Target(picture("bmp"), lambda: _saved("BMP", "1", "L", "P", "RGB")),
        "heic": Target(picture("heic"), _heics),
        "pnm": Target(picture("pgm"), _pnms),
        "avif": Target(picture("avif"), lambda: _saved("AVIF", "RGB", "RGBA", exif=exif_of(RECORD))),
        "mp4": Target(film("mp4"), lambda: _films(things.mp4().data, "mp4")),
        "webm": Target(film("webm"), lambda: _films(things.webm().data, "webm")),
    }


def _saved(form: str, *modes: str, **options: Any) -> Iterator[bytes]:
    """A small picture in each of the modes."""
    for mode in modes:
        file = io.BytesIO()
        picture = Image.linear_gradient("L").resize((9, 7)).convert("RGB").convert(mode)
        picture.save(file, form, **options)
        yield file.getvalue()


def _pngs() -> Iterator[bytes]:
    yield bytes_of.ours(RECORD)
    yield bytes_of.png(before=bytes_of.texts(b"parameters", bytes_of.LOUD))
    yield bytes_of.png(after=bytes_of.texts(b"parameters", bytes_of.LOUD))
    yield bytes_of.png(before=bytes_of.chunk(b"eXIf", exif_of(RECORD)[6:]))
    yield bytes_of.png(16, 16, colour=6, interlaced=1)
    yield bytes_of.png(before=bytes_of.texts(b"Comment", b'{"uc": "a", "sampler": "k_euler", "prompt": "{b}"}'))
    yield bytes_of.png(before=bytes_of.texts(b"prompt", b'{"1": {"class_type": "KSampler", "inputs": {"seed": 1}}}'))
    yield _hidden()
    yield bytes_of.png(colour=0, depth=16, before=bytes_of.chunk(b"tRNS", b"\0\0"))
    for one in bytes_of.packed_texts(b"parameters", bytes_of.blank(99)):
        yield bytes_of.png(before=one)
    yield from _saved("PNG", "1", "L", "LA", "P", "RGBA", "I;16")
    yield from _saved("PNG", "RGB", icc_profile=rgb_profile(P3, 2.2))
    yield from _saved("PNG", "RGB", save_all=True, append_images=things.frames(2))


def _hidden() -> bytes:
    """A picture with a text in the lowest bits of its pixels."""
    data = b"stealth_pnginfo" + (8 * len(bytes_of.LOUD)).to_bytes(4, "big") + bytes_of.LOUD
    bits = bytes(254 | byte >> 7 - bit & 1 for byte in data for bit in range(8))
    alpha = Image.frombytes("L", (32, 40), bits.ljust(32 * 40, b"\xff")).transpose(Image.Transpose.TRANSPOSE)
    image = Image.new("RGBA", alpha.size, "red")
    image.putalpha(alpha)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _jpegs() -> Iterator[bytes]:
    yield bytes_of.jpeg(segments=bytes_of.segment(0xE1, b"Exif\0\0" + exif_of(RECORD)[6:]))
    yield bytes_of.jpeg(segments=bytes_of.segment(0xE1, bytes_of.exif_loop()))
    yield from _saved("JPEG", "L", "RGB", "CMYK", comment=bytes_of.LOUD)
    yield from _saved("JPEG", "RGB", progressive=True, icc_profile=b"x" * 200, exif=exif_of(RECORD))


def _webps() -> Iterator[bytes]:
    yield bytes_of.webp_with(b"EXIF", bytes_of.exif_of(bytes_of.LOUD), 8)
    yield from _saved("WEBP", "RGB", "RGBA", exif=exif_of(RECORD))
    yield from _saved("WEBP", "RGB", save_all=True, append_images=[Image.new("RGB", (9, 7), "red")])


def _tiffs() -> Iterator[bytes]:
    yield bytes_of.sized_tiff(4, 4, rest=b"\0" * 99)
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "raw"):
        yield from _saved("TIFF", "RGB", compression=packing, tiffinfo={270: bytes_of.LOUD.decode()})
    yield from _saved("TIFF", "1", compression="group4")
    yield from _saved("TIFF", "CMYK", "LAB", "I;16", "F")
    yield from _saved("TIFF", "CMYK", icc_profile=cmyk_profile())


def _heics() -> Iterator[bytes]:
    yield bytes_of.heif()
    yield bytes_of.heif(exif=exif_of(RECORD))
    yield from _saved("HEIF", "RGB", "RGBA", icc_profile=rgb_profile(P3, 2.2))


def _pnms() -> Iterator[bytes]:
    yield from _saved("PPM", "1", "L", "RGB", "I;16")
    yield from (b"P1 3 1 1 0 1", b"P2 3 1 9 1 2 3", b"# a\nP3 1 1 255 1 2 3", b"Pf 1 1 -1.0\n\0\0\0\x3f")


def _gifs() -> Iterator[bytes]:
    yield things.gif().data
    yield bytes_of.gif(comment=bytes_of.LOUD)
    yield with_metadata(things.gif().data, "gif", RECORD, Path())


def _films(film: bytes, form: str) -> Iterator[bytes]:
    yield film
    yield with_metadata(film, form, RECORD, Path(tempfile.gettempdir()))

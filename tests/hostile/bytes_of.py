"""Hostile pictures and films, byte by byte: what no honest program writes."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image

MB = 1_000_000
LOUD = b"A red balloon\nSteps: 20, Sampler: Euler a, Seed: 5, Size: 64x64"


def chunk(kind: bytes, data: bytes, length: int | None = None, crc: int | None = None) -> bytes:
    """A chunk of a PNG; ``length`` and ``crc`` may lie."""
    right = zlib.crc32(kind + data)
    size = len(data) if length is None else length
    return struct.pack(">I", size) + kind + data + struct.pack(">I", right if crc is None else crc)


def png(
    width: int = 4,
    height: int = 4,
    *,
    depth: int = 8,
    colour: int = 2,
    before: bytes = b"",
    after: bytes = b"",
    end: bytes = b"",
    pixels: bytes | None = None,
    interlaced: int = 0,
) -> bytes:
    """A PNG with chunks ``before`` and ``after`` its pixels, and bytes behind its ``end``; black by itself."""
    if pixels is None:
        bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        pixels = zlib.compress((b"\0" * (1 + (width * bands * depth + 7) // 8)) * height)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    palette = chunk(b"PLTE", b"\0\0\0" * 256) if colour == 3 else b""
    body = header + before + palette + chunk(b"IDAT", pixels) + after + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + end


def blank(size: int) -> bytes:
    """``size`` zeros, packed to a thousandth."""
    packer, block = zlib.compressobj(1), b"\0" * (16 * MB)
    parts = [packer.compress(block) for _ in range(size // len(block))]
    return b"".join([*parts, packer.compress(block[: size % len(block)]), packer.flush()])


def huge_png(edge: int, colour: int = 6, depth: int = 8) -> bytes:
    """A whole PNG of ``edge`` x ``edge`` that takes some hundred kilobytes."""
    bands = {0: 1, 2: 3, 6: 4}[colour]
    return png(edge, edge, colour=colour, depth=depth, pixels=blank((1 + edge * bands * depth // 8) * edge))


def texts(key: bytes, text: bytes) -> bytes:
    """``text`` as a tEXt chunk."""
    return chunk(b"tEXt", key + b"\0" + text)


def packed_texts(key: bytes, packed: bytes) -> Iterator[bytes]:
    """Compressed text, in both chunks that can hold it."""
    yield chunk(b"zTXt", key + b"\0\0" + packed)
    yield chunk(b"iTXt", key + b"\0\1\0\0\0" + packed)


def ours(record: Any) -> bytes:
    """A PNG whose own record is ``record``: JSON values, or JSON itself."""
    text = record if isinstance(record, str) else json.dumps(record)
    return png(before=texts(b"triptych", text.encode("utf-8")))


def jpeg(width: int = 4, height: int = 4, *, segments: bytes = b"", **options: Any) -> bytes:
    """A JPEG that claims ``width`` x ``height`` but holds 4 x 4, with ``segments`` behind its first marker."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "JPEG", **options)
    data = file.getvalue()
    at = next(data.index(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in data)
    sized = data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]
    return sized[:2] + segments + sized[2:]


def segment(mark: int, data: bytes) -> bytes:
    """A JPEG segment."""
    return bytes([0xFF, mark]) + struct.pack(">H", len(data) + 2) + data


def scans(edge: int, count: int) -> bytes:
    """A progressive JPEG that goes over all its ``edge`` x ``edge`` pixels ``count`` times, in twenty bytes each."""
    file = io.BytesIO()
    Image.new("L", (edge, edge)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + data[-2:]


def gif(width: int = 4, height: int = 4, *, frame: tuple[int, int] = (4, 4), comment: bytes = b"") -> bytes:
    """A GIF of one frame on a screen of ``width`` x ``height``, behind ``comment``."""
    blocks = b"".join(
        bytes([len(part)]) + part for at in range(0, len(comment), 255) if (part := comment[at : at + 255])
    )
    extension = b"\x21\xfe" + blocks + b"\0" if comment else b""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + screen + extension + image + b"\x3b"


def tiff(tags: list[tuple[int, int, int, bytes]], rest: bytes = b"", next_ifd: int = 0) -> bytes:
    """A little-endian TIFF of one directory at 8; a tag is its number, type, count and four bytes."""
    rows = b"".join(struct.pack("<HHI", number, kind, count) + value for number, kind, count, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + rows + struct.pack("<I", next_ifd) + rest


def sized_tiff(
    width: int, height: int, *more: tuple[int, int, int, bytes], rest: bytes = b"", next_ifd: int = 0
) -> bytes:
    """A TIFF of grey pixels that claims its size."""

    def number(value: int) -> bytes:
        return struct.pack("<I", value)

    tags = [
        (256, 4, 1, number(width)),
        (257, 4, 1, number(height)),
        (258, 3, 1, number(8)),
        (259, 3, 1, number(1)),
        (262, 3, 1, number(1)),
        (273, 4, 1, number(8)),
        (277, 3, 1, number(1)),
        (278, 4, 1, number(height)),
        (279, 4, 1, number(16)),
    ]
    return tiff(sorted([*tags, *more]), rest, next_ifd)


def wide_tiff(edge: int, kind: bytes) -> bytes:
    """A whole TIFF of ``edge`` x ``edge`` numbers of 32 bits, well packed; ``kind``: 3 is real."""
    packed = blank(4 * edge * edge)
    tags = [
        (256, 4, 1, struct.pack("<I", edge)),
        (257, 4, 1, struct.pack("<I", edge)),
        (258, 3, 1, struct.pack("<I", 32)),
        (259, 3, 1, struct.pack("<I", 8)),
        (262, 3, 1, struct.pack("<I", 1)),
        (273, 4, 1, struct.pack("<I", 8 + 2 + 12 * 10 + 4)),
        (277, 3, 1, struct.pack("<I", 1)),
        (278, 4, 1, struct.pack("<I", edge)),
        (279, 4, 1, struct.pack("<I", len(packed))),
        (339, 3, 1, kind + bytes(3)),
    ]
    return tiff(tags, packed)


def heif(width: int = 64, height: int = 64, exif: bytes = b"") -> bytes:
    """A telephone's picture that claims ``width`` x ``height`` but holds 64 x 64."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "HEIF", **({"exif": exif} if exif else {}))
    data = file.getvalue()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def profile_of_tables() -> bytes:
    """A colour profile whose one table claims 15 inputs of 255 steps each."""
    table = b"mft2" + bytes(4) + bytes([15, 3, 255, 0]) + bytes(36) + struct.pack(">HH", 4096, 4096) + bytes(99_000)
    tag = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    head = struct.pack(">I4sI4s4s4s", 144 + len(table), bytes(4), 0x02400000, b"mntr", b"RGB ", b"Lab ")
    return (head + bytes(12) + b"acsp").ljust(128, b"\0") + tag + table


def webp(width: int, height: int) -> bytes:
    """The beginning of a lossless WebP that claims its size."""
    bits = (width - 1) | (height - 1) << 14
    body = b"\x2f" + struct.pack("<I", bits) + b"\0" * 8
    data = b"VP8L" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(data) + 4) + b"WEBP" + data


def webp_with(kind: bytes, data: bytes, flag: int) -> bytes:
    """A small WebP with a chunk of metadata."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "WEBP", lossless=True)
    picture = file.getvalue()[12:]
    wide = b"VP8X" + struct.pack("<I", 10) + bytes([flag, 0, 0, 0]) + b"\x03\0\0\x03\0\0"
    whole = wide + picture + kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(whole) + 4) + b"WEBP" + whole


def exif_loop() -> bytes:
    """Exif whose directories name each other and themselves."""
    rows = [
        (0x8769, 4, 1, struct.pack("<I", 8)),
        (0x8825, 4, 1, struct.pack("<I", 8)),
        (0xA005, 4, 1, struct.pack("<I", 8)),
    ]
    return b"Exif\0\0" + tiff(rows, next_ifd=8)


def exif_of(text: bytes) -> bytes:
    """Exif with ``text`` as its description."""
    return b"Exif\0\0" + tiff([(270, 2, len(text), struct.pack("<I", 26))], text)


def atom(kind: bytes, *data: bytes) -> bytes:
    """A box of an MP4."""
    body = b"".join(data)
    return struct.pack(">I", len(body) + 8) + kind + body


def changed(film: bytes, kind: bytes, at: int, number: int) -> bytes:
    """``film`` with the four bytes ``at`` behind the first box called ``kind`` set to ``number``."""
    start = film.index(kind) + 4 + at
    return film[:start] + struct.pack(">I", number) + film[start + 4 :]

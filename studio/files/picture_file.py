"""Picture files as a stranger may make them: what is looked at before any decoder sees them."""

import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.reading import open_file

BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError,
    MemoryError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises for files that are not as they should be."""
MOST_PIXELS = 60_000_000
"""Of a picture whose pixels are decoded whole: four bytes each."""
_MOST_BYTES = 200_000_000
"""Of a file that decoders read into memory whole."""
_MOST_METADATA, _MOST_IN_JPEG = 50_000_000, 20_000_000
"""Bytes. A million characters may be written down five times; Pillow takes half a minute for a hundred in a JPEG."""
_MOST_CHUNKS = 200_000
_MOST_SCANS = 100
"""A progressive JPEG has about ten; each takes as long as decoding the whole picture."""
_PNG, _JPEG, _WEBP, _GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF", b"GIF8"
_BARE_MARKS = (0x00, 0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE))
"""Behind these Pillow looks for the next mark at once: they have no length, or it doesn't ask for it."""
_MOST_SEGMENTS, _MOST_IDLE = 1_000, 1_000_000
"""Pillow copies all Exif so far for each piece of it, and looks at each byte between segments."""


def refuse_traps(path: Path) -> None:
    """Raise StudioError for what is no plain file, and for one that keeps a decoder busy with other than its pixels.

    A file that is missing or can't be read is left to the decoder, which says so.
    """
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise StudioError(tr("{path} is not a file, but a device or a pipe.", path=path))
        if stat.S_ISREG(mode) and _is_trap(path, size):
            raise StudioError(tr("{path} contains too much data besides its picture to be opened.", path=path))
    except (OSError, ValueError):  # ValueError: a name with a NUL
        return


def _is_trap(path: Path, size: int) -> bool:
    with open_file(path) as file:
        head = file.read(8)
        if head == _PNG:
            return _metadata_of_chunks(file, ">I4s", 4, {b"IDAT", b"fdAT"}) > _MOST_METADATA
        if head.startswith((_JPEG, _WEBP, _GIF)) and size > _MOST_BYTES:
            return True
        if head.startswith(_WEBP):
            file.seek(12)
            return _metadata_of_chunks(file, "<4sI", 0, {b"VP8 ", b"VP8L", b"ALPH", b"ANMF"}) > _MOST_METADATA
        return head.startswith(_JPEG) and _is_busy_jpeg(head + file.read())


def _metadata_of_chunks(file: BinaryIO, head: str, tail: int, pixels: set[bytes]) -> int:
    """Bytes of the chunks that hold no ``pixels``. A PNG counts without its padding: it has none."""
    total = 0
    for _ in range(_MOST_CHUNKS):
        row = file.read(8)
        if len(row) < 8:
            return total
        first, second = struct.unpack(head, row)
        kind, length = (first, second) if isinstance(first, bytes) else (second, first)
        total += 0 if kind in pixels else length
        file.seek(length + (tail or length % 2), 1)
    return _MOST_METADATA + 1


def _is_busy_jpeg(data: bytes) -> bool:
    if data.count(b"\xff\xda") > _MOST_SCANS:
        return True
    at, idle = 2, 0
    for _ in range(_MOST_SEGMENTS):
        mark = data.find(b"\xff", at)
        mark = len(data) if mark < 0 else mark
        idle, at = idle + mark - at, mark
        if at + 4 > len(data) or data[at + 1] == 0xDA:
            return at > _MOST_IN_JPEG or idle > _MOST_IDLE
        if data[at + 1] == 0xFF:
            at += 1
        elif data[at + 1] in _BARE_MARKS:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return True

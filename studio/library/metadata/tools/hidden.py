"""Texts hidden in the lowest bits of pixels, column by column, by NovelAI and extensions of A1111 and Forge."""

import zlib

from PIL import Image

_ALPHA = {b"stealth_pnginfo": False, b"stealth_pngcomp": True}
_COLOURS = {b"stealth_rgbinfo": False, b"stealth_rgbcomp": True}
"""Signatures, and whether compressed data follows."""
_SIGNATURE, _LENGTH = 15 * 8, 32
_LONGEST = 4_000_000
"""Bytes of a text, compressed or not."""
_BITS = bytes(48 + (value & 1) for value in range(256))
"""Maps each byte to the digit of its lowest bit."""
_PACKED = 31
"""zlib's wbits for gzip."""


def read_hidden(image: Image.Image) -> str:
    """The text hidden in the decoded pixels of ``image``; "" if there is none."""
    if image.mode == "RGBA" and (found := _read(image, 1, _ALPHA)):
        return found
    return _read(image, 3, _COLOURS) if image.mode in ("RGB", "RGBA") else ""


def _read(image: Image.Image, bands: int, signatures: dict[bytes, bool]) -> str:
    """Read from one band (alpha) or three (colours)."""
    head = _bits(image, bands, 0, _SIGNATURE + _LENGTH)
    if len(head) < _SIGNATURE + _LENGTH:
        return ""
    packed = signatures.get(_bytes(head[:_SIGNATURE]))
    length = int.from_bytes(_bytes(head[_SIGNATURE:]), "big")
    most = image.width * image.height * bands - _SIGNATURE - _LENGTH
    if packed is None or length % 8 or not 0 < length <= min(most, _LONGEST * 8):
        return ""
    data = _bytes(_bits(image, bands, _SIGNATURE + _LENGTH, length))
    if packed:
        try:
            data = zlib.decompressobj(_PACKED).decompress(data, _LONGEST)
        except zlib.error:
            return ""
    return data.decode("utf-8", "replace")


def _bits(image: Image.Image, bands: int, start: int, count: int) -> bytes:
    """``count`` of the lowest bits as digits, from number ``start`` on: x outer, y inner, the bands innermost."""
    each = image.height * bands
    first, last = start // each, min((start + count - 1) // each, image.width - 1)
    part = image.crop((first, 0, last + 1, image.height))
    columns = (part.getchannel("A") if bands == 1 else part.convert("RGB")).transpose(Image.Transpose.TRANSPOSE)
    begin = start - first * each
    return columns.tobytes().translate(_BITS)[begin : begin + count]


def _bytes(digits: bytes) -> bytes:
    return int(digits, 2).to_bytes(len(digits) // 8, "big")

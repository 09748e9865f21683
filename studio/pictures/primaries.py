"""Builds the ICC profile for files that declare primaries and gamma instead of a profile."""

import struct
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

Point = tuple[float, float]
_SRGB: tuple[Point, Point, Point] = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_D65: Point = (0.3127, 0.3290)
_D50 = (0.9642, 1.0, 0.8249)
_CODED: dict[int, tuple[Point, Point, Point]] = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Primaries by their code in ITU-T H.273: BT.2020, Display P3."""
_OF_A_SCREEN = {1, 2, 6, 13, 14, 15}
"""Transfer functions in H.273 that screens treat as sRGB's."""
_USUAL = 1 / 2.2
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def named_profile(image: Image.Image) -> bytes | None:
    """The profile for a PNG's gAMA and cHRM, or for a HEIF's colour codes; None for sRGB and unknown ones."""
    info = image.info
    if image.format == "HEIF":
        return _of_numbers(info.get("nclx_profile"))
    if image.format != "PNG" or "srgb" in info or not ("gamma" in info or "chromaticity" in info):
        return None
    gamma, named = info.get("gamma", _USUAL), info.get("chromaticity")
    if not 0.1 < gamma < 10:
        return None
    white, primaries = _D65, _SRGB
    if isinstance(named, tuple) and len(named) == 8 and all(0.01 < value < 1 for value in named):
        white, *rest = zip(named[::2], named[1::2], strict=True)
        primaries = (rest[0], rest[1], rest[2])
    usual = abs(gamma - _USUAL) < 0.002
    same = all(abs(a - b) < 0.002 for one, other in zip((white, *primaries), (_D65, *_SRGB), strict=True)
               for a, b in zip(one, other, strict=True))  # fmt: skip
    return None if usual and same else _profile(primaries, white, None if usual else 1 / gamma)


def _of_numbers(named: Any) -> bytes | None:
    if not isinstance(named, dict) or named.get("transfer_characteristics") not in _OF_A_SCREEN:
        return None
    primaries = _CODED.get(named.get("color_primaries", 2))
    return _profile(primaries, _D65, None) if primaries is not None else None


def _profile(primaries: tuple[Point, Point, Point], white: Point, exponent: float | None) -> bytes | None:
    """A profile with these primaries and this gamma, or sRGB's curve; None for degenerate primaries."""
    import numpy as np

    columns = np.array([_xyz(point) for point in primaries]).T
    if abs(np.linalg.det(columns)) < 1e-4:
        return None
    columns = columns * np.linalg.solve(columns, _xyz(white))
    cone, to = np.array(_BRADFORD), np.array(_D50)
    adapted = np.linalg.inv(cone) @ np.diag((cone @ to) / (cone @ _xyz(white))) @ cone @ columns
    curve = b"para" + bytes(4)
    curve += (
        struct.pack(">HH", 3, 0) + _numbers(*_CURVE)
        if exponent is None
        else struct.pack(">HH", 0, 0) + _numbers(exponent)
    )
    tags = [(b"wtpt", b"XYZ " + bytes(4) + _numbers(*_D50))]
    tags += [
        (name, b"XYZ " + bytes(4) + _numbers(*adapted[:, at])) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))
    ]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _pack(tags)


def _pack(tags: list[tuple[bytes, bytes]]) -> bytes:
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s28x", size, 0x04000000, b"mntr", b"RGB ", b"XYZ ", b"acsp") + _numbers(*_D50)
    return head.ljust(128, b"\0") + table + body


def _xyz(point: Point) -> "np.ndarray[Any, Any]":
    import numpy as np

    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))

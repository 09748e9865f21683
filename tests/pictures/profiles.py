"""Colour profiles, byte by byte, and what their colours are in sRGB by the textbook."""

import struct

import numpy as np

D50 = (0.9642, 1.0, 0.8249)
P3 = np.array([[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.066582], [-0.001049, 0.041882, 0.784378]])
"""Display P3: linear light to XYZ under D50, as its makers' own profile says."""
ADOBE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
P3_PRIMARIES = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))


def rgb_profile(matrix: np.ndarray, gamma: float) -> bytes:
    """A profile of three colours with these columns and one exponent."""
    columns = [(name, _xyz(matrix[:, at])) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    curves = [(name, _gamma(gamma)) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(b"RGB ", b"XYZ ", [(b"wtpt", _xyz(D50)), *columns, *curves])


def grey_profile(gamma: float) -> bytes:
    """A profile of greys with one exponent."""
    return _profile(b"GRAY", b"XYZ ", [(b"wtpt", _xyz(D50)), (b"kTRC", _gamma(gamma))])


def cmyk_profile() -> bytes:
    """Of a press whose cyan is lighter than one thinks: a table of two points for each ink, in CIELAB."""
    table = bytearray()
    for number in range(16):
        cyan, magenta, yellow, black = (number >> shift & 1 for shift in (3, 2, 1, 0))
        light = 255 * (1 - 0.3 * cyan) * (1 - 0.5 * magenta) * (1 - 0.1 * yellow) * (1 - 0.9 * black)
        table += bytes([round(light), 128 - 20 * cyan + 30 * magenta, 128 - 20 * cyan + 40 * yellow])
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(0x10000 if at % 4 == 0 else 0 for at in range(9)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + bytes(table) + ramp * 3
    return _profile(b"CMYK", b"Lab ", [(b"wtpt", _xyz(D50)), (b"A2B0", lut)], b"prtr")


def in_srgb(colours: np.ndarray, matrix: np.ndarray, gamma: float) -> np.ndarray:
    """``colours`` [..., 3] in bytes, of a profile with ``matrix`` and ``gamma``, in bytes of sRGB."""
    light = (colours / 255.0) ** gamma @ matrix.T @ np.linalg.inv(SRGB).T
    return np.round(255 * encoded(light.clip(0, 1)))


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] as sRGB has it."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _profile(space: bytes, pcs: bytes, tags: list[tuple[bytes, bytes]], kind: bytes = b"mntr") -> bytes:
    everything = [*tags, (b"desc", b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78))]
    at, table, body = 128 + 4 + 12 * len(everything), b"", b""
    for name, data in everything:
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    rest = struct.pack(">I", len(everything)) + table + body
    head = struct.pack(">I4sI4s4s4s", 128 + len(rest), bytes(4), 0x02400000, kind, space, pcs)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", *map(_fixed, D50))
    return head + bytes(128 - len(head)) + rest


def _fixed(value: float) -> int:
    return round(value * 65536)


def _xyz(values: object) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(_fixed(float(value)) for value in np.asarray(values)))


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))

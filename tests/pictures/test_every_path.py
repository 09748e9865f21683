"""Every kind of picture by every path: one rendering, which is reckoned here in another way."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from tests.hostile import bytes_of
from tests.pictures import profiles
from tests.pictures.every_path import PATHS

register_heif_opener()
CELL, ACROSS, DOWN = 16, 3, 2
"""Six fields of one colour each: in their middles no packing and no scaling changes much, and none is like another."""
COLOURS = np.array([[[200, 80, 60], [20, 160, 90], [40, 60, 200]], [[230, 220, 40], [128, 128, 128], [10, 20, 30]]])
GREYS = np.array([[200, 80, 60], [20, 160, 128]])
ALPHA = np.array([[255, 128, 0], [255, 64, 255]])
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda rows: rows,
    2: lambda rows: rows[:, ::-1],
    3: lambda rows: rows[::-1, ::-1],
    4: lambda rows: rows[::-1],
    5: lambda rows: np.swapaxes(rows, 0, 1),
    6: lambda rows: np.swapaxes(rows[::-1], 0, 1),
    7: lambda rows: np.swapaxes(rows[::-1, ::-1], 0, 1),
    8: lambda rows: np.swapaxes(rows, 0, 1)[::-1],
}
"""How the stored rows are seen, by the Exif standard's own words."""
LOSSY = {"JPEG": 6, "WEBP": 8, "AVIF": 8, "HEIF": 8}


class Case(NamedTuple):
    name: str
    """With the ending of the file."""
    data: bytes
    seen: np.ndarray
    """The fields' colours [DOWN, ACROSS, 3] as they are seen, or [ACROSS, DOWN, 3] of a turned picture."""
    within: float = 2
    """Levels that a field may be off."""


def large(fields: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(fields, CELL, 0), CELL, 1)


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def best(form: str) -> dict[str, Any]:
    return {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"quality": 98}}.get(form, {"quality": 95})


def rgb(fields: np.ndarray = COLOURS) -> Image.Image:
    return Image.fromarray(large(fields).astype(np.uint8))


def grey(fields: np.ndarray = GREYS) -> Image.Image:
    return Image.fromarray(large(fields).astype(np.uint8))


def three(fields: np.ndarray) -> np.ndarray:
    return np.stack([fields] * 3, -1)


def on_white(fields: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255
    return fields * share + 255 * (1 - share)


# -- the made set ------------------------------------------------------------------------------------------------------


def turned() -> list[Case]:
    cases = []
    for turn, seen in TURNS.items():
        exif = Image.Exif()
        exif[0x0112] = turn
        for form in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF"):
            data = saved(rgb(), form, exif=exif, **best(form))
            cases.append(Case(f"turned {turn}.{form.lower()}", data, seen(COLOURS), LOSSY.get(form, 2)))
    exif[0x0112] = 6
    raw = b"\nexif\n" + b"%8d\n" % len(exif.tobytes()) + exif.tobytes().hex().encode()
    png = saved(rgb(), "PNG")
    old = png[:33] + bytes_of.chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw)) + png[33:]
    cases.append(Case("turned by an old program.png", old, TURNS[6](COLOURS)))
    cases.append(
        Case("turned twice over.tiff", saved(rgb(), "TIFF", exif=exif, compression="tiff_lzw"), TURNS[6](COLOURS))
    )
    return cases


def profiled() -> list[Case]:
    cases = []
    kinds = {"P3": (profiles.P3, 2.2), "Adobe": (profiles.ADOBE, 563 / 256), "linear": (profiles.SRGB, 1.0)}
    for name, (matrix, gamma) in kinds.items():
        profile, seen = profiles.rgb_profile(matrix, gamma), profiles.in_srgb(COLOURS, matrix, gamma)
        for form in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "HEIF"):
            data = saved(rgb(), form, icc_profile=profile, **best(form))
            # Near black a step of light is many of sRGB: what packing changed there is changed thirteenfold.
            cases.append(
                Case(f"{name}.{form.lower()}", data, seen, LOSSY.get(form, 2) * (5 if name == "linear" else 1))
            )
    p3, shown = profiles.rgb_profile(profiles.P3, 2.2), profiles.in_srgb(COLOURS, profiles.P3, 2.2)
    clear = rgb()
    clear.putalpha(grey(ALPHA))
    cases.append(Case("P3 with alpha.png", saved(clear, "PNG", icc_profile=p3), on_white(shown, ALPHA), 3))
    palette = rgb().convert("P", palette=Image.Palette.ADAPTIVE)
    cases.append(Case("P3 with a palette.png", saved(palette, "PNG", icc_profile=p3), shown))
    greys = profiles.in_srgb(three(GREYS), profiles.P3, 2.2)
    cases.append(Case("grey with colours' profile.png", saved(grey(), "PNG", icc_profile=p3), greys))
    light = np.round(255 * profiles.encoded(three(GREYS) / 255))
    linear = profiles.grey_profile(1.0)
    for form in ("PNG", "JPEG", "TIFF"):
        data = saved(grey(), form, icc_profile=linear, **(best(form) if form == "JPEG" else {}))
        cases.append(Case(f"linear grey.{form.lower()}", data, light, LOSSY.get(form, 2)))
    cases.append(Case("colours with a grey profile.png", saved(rgb(), "PNG", icc_profile=linear), COLOURS))
    for name, broken in {"half": p3[:200], "none": b"x" * 500, "lying": p3[:128] + b"\xff" * 40 + p3[168:]}.items():
        cases.append(Case(f"a broken profile, {name}.png", saved(rgb(), "PNG", icc_profile=broken), COLOURS))
    return cases


def named() -> list[Case]:
    """Colours named without a profile."""
    chrm = lambda *values: bytes_of.chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * one) for one in values)))  # noqa: E731
    gama = lambda value: bytes_of.chunk(b"gAMA", struct.pack(">I", round(100_000 * value)))  # noqa: E731
    with_ = lambda chunks: (png := saved(rgb(), "PNG"))[:33] + chunks + png[33:]  # noqa: E731
    p3 = [number for point in ((0.3127, 0.329), *profiles.P3_PRIMARIES) for number in point]
    plain = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]
    srgb = bytes_of.chunk(b"sRGB", b"\0")
    light = np.round(255 * profiles.encoded(COLOURS / 255))
    return [
        Case("P3 by its primaries.png", with_(chrm(*p3)), by_curve(profiles.P3), 3),
        Case("linear by its exponent.png", with_(gama(1.0)), light),
        Case("the usual exponent.png", with_(gama(0.45455) + chrm(*plain)), COLOURS),
        Case("sRGB said beside them.png", with_(srgb + gama(1.0) + chrm(*p3)), COLOURS),
        Case("primaries that span nothing.png", with_(chrm(*[0.3127, 0.329] * 4)), COLOURS),
        Case("no exponent.png", with_(gama(0)), COLOURS),
        Case("P3 by number.heic", numbered(12), by_curve(profiles.P3), 8),
    ]


def numbered(primaries: int) -> bytes:
    """A HEIF whose colours are named by a number."""
    data = saved(rgb(), "HEIF", quality=95)
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">H", primaries) + data[at + 2 :]


def by_curve(matrix: np.ndarray) -> np.ndarray:
    """As sRGB has them, of a profile with ``matrix`` and sRGB's own curve."""
    bytes_ = COLOURS / 255.0
    light = np.where(bytes_ <= 0.04045, bytes_ / 12.92, ((bytes_ + 0.055) / 1.055) ** 2.4)
    return np.round(255 * profiles.encoded((light @ matrix.T @ np.linalg.inv(profiles.SRGB).T).clip(0, 1)))


def printed() -> list[Case]:
    inks = np.array(
        [[[0, 0, 0, 0], [255, 0, 0, 0], [0, 200, 0, 0]], [[0, 0, 255, 0], [50, 60, 70, 80], [0, 0, 0, 255]]]
    )
    cmyk = Image.fromarray(large(inks).astype(np.uint8), "CMYK")
    # Without a profile: what a screen leaves of white, ink by ink.
    plain = np.stack([(255 - inks[..., at]) * (255 - inks[..., 3]) / 255 for at in range(3)], -1)
    profile = profiles.cmyk_profile()
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    small = Image.fromarray(inks.astype(np.uint8), "CMYK")
    by_profile = ImageCms.profileToProfile(small, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert by_profile is not None
    lab = np.array(
        [[[0, 128, 128], [255, 128, 128], [128, 128, 128]], [[150, 190, 128], [150, 128, 190], [90, 60, 128]]]
    )
    stored = large(lab).astype(np.uint8)
    cases = [
        Case("inks with a profile.tif", saved(cmyk, "TIFF", icc_profile=profile), np.asarray(by_profile)),
        Case(
            "inks with a profile.jpg",
            saved(cmyk, "JPEG", icc_profile=profile, **best("JPEG")),
            np.asarray(by_profile),
            8,
        ),
        Case("inks.tif", saved(cmyk, "TIFF"), plain),
        Case("inks.jpg", saved(cmyk, "JPEG", **best("JPEG")), plain, 8),
    ]
    as_lab = Image.merge("LAB", [Image.fromarray(np.ascontiguousarray(stored[..., at])) for at in range(3)])
    return [*cases, Case("lab.tif", saved(as_lab, "TIFF"), _of_lab(lab), 3)]


def _of_lab(lab: np.ndarray) -> np.ndarray:
    """CIELAB in bytes to sRGB in bytes."""
    high = (lab[..., 0] * 100 / 255 + 16) / 116
    parts = np.stack([high + (lab[..., 1] - 128) / 500, high, high - (lab[..., 2] - 128) / 200], -1)
    xyz = np.where(parts > 6 / 29, parts**3, 3 * (6 / 29) ** 2 * (parts - 4 / 29)) * np.array(profiles.D50)
    return 255 * profiles.encoded((xyz @ np.linalg.inv(profiles.SRGB).T).clip(0, 1))


def deep() -> list[Case]:
    wide = large(GREYS * 257).astype(np.uint16)
    seen = three(GREYS)
    tiff = lambda rows, **tags: saved(Image.fromarray(rows), "TIFF", **tags)  # noqa: E731
    big = io.BytesIO()
    Image.fromarray(wide).save(big, "TIFF")
    numbers, lines = large(GREYS), GREYS // 128 * 255
    return [
        Case("16 bits.png", saved(Image.fromarray(wide), "PNG"), seen),
        Case("16 bits.tif", tiff(wide), seen),
        Case("16 bits packed.tif", tiff(wide, compression="tiff_lzw"), seen),
        Case("16 bits, big end first.tif", bare_tiff(wide.astype(">u2"), 16, 1), seen),
        Case("16 bits, white is zero.tif", bare_tiff((65535 - wide).astype("<u2"), 16, 1, photometric=0), seen),
        Case("16 bits.pgm", saved(Image.fromarray(wide), "PPM"), seen),
        Case("12 bits of 16.pgm", b"P5 %d %d 4095\n" % wide.shape[::-1] + (wide >> 4).astype(">u2").tobytes(), seen, 3),
        Case("16 bits in 32.tif", tiff(wide.astype(np.int32)), seen),
        Case("8 bits in 32.tif", tiff(numbers.astype(np.int32)), seen),
        Case("signed 32 bits.tif", tiff(((numbers - 20) * 10_000_000 - 10**9).astype(np.int32)), ranged(numbers)),
        Case("unsigned 32 bits.tif", bare_tiff(((numbers - 20) * 22_000_000).astype("<u4"), 32, 1), ranged(numbers)),
        Case("real, 0 to 1.tif", tiff((numbers / 255).astype(np.float32)), seen),
        Case("real, -3 to 7.tif", tiff(((numbers - 20) / 18 - 3).astype(np.float32)), ranged(numbers)),
        Case("real, with holes.tif", tiff(holed(numbers / 255)), three(np.array([[0, 80, 60], [255, 160, 128]]))),
        Case("real.pfm", pfm(numbers / 255), seen),
        Case("16 bits, linear.png", saved(Image.fromarray(wide), "PNG", icc_profile=profiles.grey_profile(1.0)),
             np.round(255 * profiles.encoded(seen / 255))),
        Case("one bit.png", saved(grey(lines).convert("1"), "PNG"), three(lines)),
        Case("one bit.tif", saved(grey(lines).convert("1"), "TIFF", compression="group4"), three(lines)),
        Case("colours of 16 bits.png", sixteen(), COLOURS),
    ]  # fmt: skip


def ranged(numbers: np.ndarray) -> np.ndarray:
    """The least black, the greatest white."""
    fields = numbers[CELL // 2 :: CELL, CELL // 2 :: CELL]
    return three((fields - fields.min()) * 255 / (fields.max() - fields.min()))


def holed(numbers: np.ndarray) -> np.ndarray:
    rows = numbers.astype(np.float32)
    rows[:CELL, :CELL] = np.nan
    rows[CELL:, :CELL] = np.inf
    return rows


def pfm(numbers: np.ndarray) -> bytes:
    return b"Pf\n%d %d\n-1.0\n" % numbers.shape[::-1] + numbers[::-1].astype("<f4").tobytes()


def bare_tiff(rows: np.ndarray, bits: int, kind: int, photometric: int = 1) -> bytes:
    """A TIFF of one strip, in the order of bytes of ``rows``."""
    order = ">" if rows.dtype.byteorder == ">" else "<"
    tags = [(256, rows.shape[1]), (257, rows.shape[0]), (258, bits), (259, 1), (262, photometric), (273, 8),
            (277, 1), (278, rows.shape[0]), (279, rows.nbytes), (339, kind)]  # fmt: skip
    entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in tags)
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}I", 8 + rows.nbytes)
    return head + rows.tobytes() + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


def sixteen(before: bytes = b"") -> bytes:
    rows = (large(COLOURS) * 256 + 7).astype(">u2")
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return bytes_of.png(*rows.shape[1::-1], depth=16, colour=2, before=before, pixels=packed)


def clear() -> list[Case]:
    seen = on_white(COLOURS, ALPHA)
    rgba, la = rgb(), grey()
    rgba.putalpha(grey(ALPHA))
    la.putalpha(grey(ALPHA))
    one = COLOURS.copy()
    one[0, 1] = 255
    light = three(GREYS)
    light[0, 1] = 255
    palette = rgb().convert("P", palette=Image.Palette.ADAPTIVE)
    index = palette.getpixel((CELL * 3 // 2, CELL // 2))
    wide = large(GREYS * 257).astype(np.uint16)
    four = GREYS // 17
    lines = [
        b"\0" + bytes(int(a) << 4 | int(b) for a, b in zip(row[::2], row[1::2], strict=True)) for row in large(four)
    ]
    shape = (CELL * ACROSS, CELL * DOWN)
    trns = lambda *values: bytes_of.chunk(b"tRNS", struct.pack(f">{len(values)}H", *values))  # noqa: E731
    shallow = bytes_of.png(*shape, depth=4, colour=0, before=trns(4), pixels=zlib.compress(b"".join(lines)))
    lost = three(four * 17)
    lost[0, 1] = 255
    deep16 = zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in wide))
    return [
        *(Case(f"RGBA.{form.lower()}", saved(rgba, form, **best(form)), seen, LOSSY.get(form, 2))
          for form in ("PNG", "WEBP", "TIFF", "AVIF", "HEIF")),
        Case("LA.png", saved(la, "PNG"), on_white(three(GREYS), ALPHA)),
        Case("LA.tif", saved(la, "TIFF"), on_white(three(GREYS), ALPHA)),
        Case("a clear colour.png", saved(rgb(), "PNG", transparency=(20, 160, 90)), one),
        Case("a clear grey.png", saved(grey(), "PNG", transparency=80), light),
        Case("a clear one of a palette.png", saved(palette, "PNG", transparency=index), one),
        Case("a clear one of a palette.gif", saved(palette, "GIF", transparency=index), one),
        Case("a clear colour of 16 bits.png", sixteen(trns(20 * 256 + 7, 160 * 256 + 7, 90 * 256 + 7)), one),
        Case("a clear grey of 16 bits.png",
             bytes_of.png(*shape, depth=16, colour=0, before=trns(80 * 257), pixels=deep16), light),
        Case("a clear grey of 4 bits.png", shallow, lost),
    ]  # fmt: skip


def many() -> list[Case]:
    """Several pictures in one file: the first is meant. And what telephones make."""
    other = Image.new("RGB", rgb().size, "lime")
    rest: dict[str, Any] = {"save_all": True, "append_images": [other]}
    broken = saved(rgb(), "JPEG", **best("JPEG"))
    broken = broken[:2] + bytes_of.segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\xff\xff") + broken[2:]
    return [
        Case("pages.tif", saved(rgb(), "TIFF", **rest), COLOURS),
        Case("frames.gif", saved(rgb(), "GIF", **rest), COLOURS, 4),
        Case("frames.png", saved(rgb(), "PNG", **rest), COLOURS),
        Case("frames.webp", saved(rgb(), "WEBP", quality=98, **rest), COLOURS, 8),
        Case("two.mpo.jpg", saved(rgb(), "MPO", quality=98, subsampling=0, **rest), COLOURS, 6),
        Case("telephone.heic", saved(rgb(), "HEIF", quality=95), COLOURS, 8),
        Case("broken Exif.jpg", broken, COLOURS, 6),
        Case("plain.bmp", saved(rgb(), "BMP"), COLOURS),
        Case("plain.ppm", saved(rgb(), "PPM"), COLOURS),
    ]


CASES = [*turned(), *profiled(), *named(), *printed(), *deep(), *clear(), *many()]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_all_paths_show_the_same(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    for name, read in PATHS.items():
        pixels = read(path).astype(float)
        down, across = case.seen.shape[:2]
        height, width = pixels.shape[:2]
        assert width * down == height * across, name
        cell = height // down
        middles = pixels[cell // 2 :: cell, cell // 2 :: cell]
        within = case.within + (0 if name in ("model", "stage", "export", "tile") else 6)
        assert np.abs(middles - case.seen).max() <= within, (name, middles.tolist(), case.seen.tolist())

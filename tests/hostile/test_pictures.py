"""Hostile pictures, opened in every way the studio opens one: dropped, started from, shown, exported."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.hostile import bytes_of as b
from tests.hostile.conftest import Opening

WAYS = ("settings of", "start picture", "preview", "thumbnail", "export")
MB = b.MB


def exif_segments(count: int) -> bytes:
    return b"".join(b.segment(0xE1, b"Exif\0\0" + b"x" * 65_000) for _ in range(count))


BOMBS: dict[str, Callable[[], bytes]] = {
    "a 1 x 2^31.png": lambda: b.png(1, 1 << 31, pixels=b""),
    "b 2^31-1 squared.png": lambda: b.png((1 << 31) - 1, (1 << 31) - 1, pixels=b""),
    "c 0 x 0.png": lambda: b.png(0, 0, pixels=b""),
    "d whole 7700.png": lambda: b.huge_png(7700),
    "e whole 9400.png": lambda: b.huge_png(9400),
    "f whole 9400 of 16 bits.png": lambda: b.huge_png(9400, colour=0, depth=16),
    "g whole 30000 in one bit.png": lambda: b.png(30000, 30000, depth=1, colour=0, pixels=b.blank(3751 * 30000)),
    "h pixels without end.png": lambda: b.png(16, 16, pixels=b.blank(400 * MB)),
    "i 65500.jpg": lambda: b.jpeg(65500, 65500),
    "j 65500 progressive.jpg": lambda: b.jpeg(65500, 65500, progressive=True),
    "k 7700 progressive.jpg": lambda: b.jpeg(7700, 7700, progressive=True),
    "k 11000 progressive.jpg": lambda: b.jpeg(11000, 11000, progressive=True),
    "l a thousand scans.jpg": lambda: b.scans(4000, 1000),
    "m 65535.gif": lambda: b.gif(65535, 65535),
    "n frame of 65535.gif": lambda: b.gif(4, 4, frame=(65535, 65535)),
    "o 16383.webp": lambda: b.webp(16383, 16383),
    "p 7000.webp": lambda: b.webp(7000, 7000),
    "q 2^32 squared.tif": lambda: b.sized_tiff(0xFFFFFFFF, 0xFFFFFFFF),
    "r 60000.tif": lambda: b.sized_tiff(60000, 60000),
    "s 7000 of nothing.tif": lambda: b.sized_tiff(7000, 7000),
    "t 2^31.bmp": lambda: (
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 2**31 - 1, 2**31 - 1, 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "u -2^31.bmp": lambda: (
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, -(2**31), -(2**31), 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "v 2^31 squared.heic": lambda: b.heif(0x7FFFFFFF, 0x7FFFFFFF),
    "v 2^32-1.heic": lambda: b.heif(0xFFFFFFFF, 4),
    "v 7000.heic": lambda: b.heif(7000, 7000),
    "v 0.heic": lambda: b.heif(0, 0),
    "w 7000.pgm": lambda: b"P5 7000 7000 65535\n" + bytes(100),
    "w written out, 7000 across.pgm": lambda: b"P2 7000 7000 65535\n" + b"1 " * 4 * MB,
    "w without numbers.ppm": lambda: b"P3 6000 6000 255\n" + b"#" * 30 * MB,
    "w one long number.pbm": lambda: b"P2 9 9 255\n" + b"1" * 20 * MB,
    "w real.pfm": lambda: b"PF\n7000 7000\n-1.0\n" + bytes(100),
    "x real, 59 000 000 numbers.tif": lambda: b.wide_tiff(7700, b"\x03"),
    "x whole, 59 000 000 numbers.tif": lambda: b.wide_tiff(7700, b"\x01"),
}


METADATA: dict[str, Callable[[], bytes]] = {
    "a text of 100 MB.png": lambda: b.png(before=b.texts(b"parameters", b"x" * 100 * MB)),
    "b record of 60 MB.png": lambda: b.png(before=b.texts(b"triptych", b"[" + b"[]," * 20 * MB + b"0]")),
    "c parameters of 60 MB.png": lambda: b.png(
        before=b.texts(b"parameters", b"ab: [," * 10 * MB + b"\nSteps: 20, Seed: 1")
    ),
    "d packed.png": lambda: b.png(before=b"".join(b.packed_texts(b"parameters", b.blank(300 * MB)))),
    "e packed often.png": lambda: b.png(before=b"".join(b.packed_texts(b"x", b.blank(900_000))) * 2000),
    "f profile.png": lambda: b.png(before=b.chunk(b"iCCP", b"x\0\0" + b.blank(300 * MB))),
    "g exif of 100 MB.png": lambda: b.png(before=b.chunk(b"eXIf", b.exif_of(b"x" * 100 * MB)[6:])),
    "h behind the end.png": lambda: b.png(end=b.texts(b"parameters", b.LOUD)),
    "i 100 MB behind the end.png": lambda: b.png(end=b"x" * 100 * MB),
    "j 100,000 texts.png": lambda: b.png(before=b"".join(b.texts(b"k%d" % n, b"x" * 100) for n in range(100_000))),
    "k exif of 100 MB.jpg": lambda: b.jpeg(segments=exif_segments(1540)),
    "l comments of 100 MB.jpg": lambda: b.jpeg(segments=b.segment(0xFE, b"x" * 65_000) * 1540),
    "m profile of 100 MB.jpg": lambda: b.jpeg(segments=b.segment(0xE2, b"ICC_PROFILE\0\1\1" + b"x" * 65_000) * 1540),
    "m photoshop.jpg": lambda: b.jpeg(segments=b.segment(0xED, b"Photoshop 3.0\0" + b"8BIM" + b"\0" * 60_000) * 1540),
    "n exif in a loop.jpg": lambda: b.jpeg(segments=b.segment(0xE1, b.exif_loop())),
    "o exif of 100 MB.webp": lambda: b.webp_with(b"EXIF", b.exif_of(b"x" * 100 * MB), 8),
    "p xmp of 100 MB.webp": lambda: b.webp_with(b"XMP ", b"<x>" * 33 * MB, 4),
    "q comment of 1 MB.gif": lambda: b.gif(comment=b.LOUD + b"x" * MB),
    "q comment of 100 MB.gif": lambda: b.gif(comment=b.LOUD + b"x" * 100 * MB),
    "r description of 100 MB.tif": lambda: b.sized_tiff(
        4, 4, (270, 2, 100 * MB, struct.pack("<I", 200)), rest=b"x" * 100 * MB
    ),
    "s directories in a loop.tif": lambda: b.sized_tiff(
        4, 4, (0x8769, 4, 1, struct.pack("<I", 8)), (330, 4, 1, struct.pack("<I", 8)), next_ifd=8
    ),
    "s exif of 100 MB.heic": lambda: b.heif(exif=b.exif_of(b"x" * 100 * MB)[6:]),
    "s a box of 100 MB.heic": lambda: b.heif() + struct.pack(">I", 100 * MB + 8) + b"free" + bytes(100 * MB),
    "s a profile of 30 MB.tif": lambda: b.sized_tiff(
        4, 4, (34675, 7, 30 * MB, struct.pack("<I", 200)), rest=bytes(30 * MB)
    ),
    "s a profile of tables.png": lambda: b.png(
        before=b.chunk(b"iCCP", b"x\0\0" + zlib.compress(b.profile_of_tables()))
    ),
    "t 2^32 values.tif": lambda: b.sized_tiff(4, 4, (270, 2, 0xFFFFFFFF, struct.pack("<I", 8))),
}


STEPS = b"\nSteps: 20, Sampler: Euler, Seed: 1, Size: 8x8"


def novel(prompt: str) -> bytes:
    comment = json.dumps({"prompt": prompt, "uc": prompt, "sampler": "k_euler"})
    return b.png(before=b.texts(b"Software", b"NovelAI") + b.texts(b"Comment", comment.encode()))


def graph(nodes: dict[str, dict[str, object]]) -> bytes:
    data = {name: {"class_type": "KSampler", "inputs": inputs} for name, inputs in nodes.items()}
    return b.png(before=b.texts(b"prompt", json.dumps(data).encode()))


TOOLS: dict[str, Callable[[], bytes]] = {
    "a graph of all links.png": lambda: graph({str(n): {f"x{k}": [str(k), 0] for k in range(300)} for n in range(300)}),
    "b graph of one way.png": lambda: graph(
        {
            str(n): {
                "seed": 1,
                "steps": [str(n + 1), 0],
                "sampler_name": [str(n + 1), 0],
                "latent_image": [str(n + 1), 0],
                "positive": [str(n + 1), 0],
            }
            for n in range(1900)
        }
    ),
    "c graph in depth.png": lambda: b.png(before=b.texts(b"prompt", b'{"a":' * 100_000)),
    "d editor.png": lambda: b.png(
        before=b.texts(
            b"workflow", json.dumps({"nodes": [{"type": "x"}] * 50_000, "links": [[1, 2, 3]] * 50_000}).encode()
        )
    ),
    "e weights.png": lambda: b.png(before=b.texts(b"parameters", (b"(" + b"a:1" * 60) * 4_000 + STEPS)),
    "f ways to edit.png": lambda: b.png(before=b.texts(b"parameters", (b"[" + b"a|" * 99) * 4_000 + STEPS)),
    "g networks.png": lambda: b.png(before=b.texts(b"parameters", b"<lora:a:1>" * 60_000 + STEPS)),
    "h half networks.png": lambda: b.png(before=b.texts(b"parameters", b"<lora:" * 100_000 + STEPS)),
    "i space.png": lambda: b.png(before=b.texts(b"parameters", b"BREAK" + b" " * 500_000 + b"embedding:" + STEPS)),
    "j commas.png": lambda: b.png(before=b.texts(b"parameters", b"BREAK" + b", " * 300_000 + STEPS)),
    "k embeddings.png": lambda: b.png(before=b.texts(b"parameters", b"(embedding:" * 60_000 + STEPS)),
    "l emphasis.png": lambda: novel("1.1::" * 40_000),
    "m digits.png": lambda: novel("9" * 200_000),
    "n braces.png": lambda: novel("{[" * 100_000),
    "o flags.png": lambda: b.png(before=b.texts(b"Description", b" --a" * 50_000 + b" Job ID: 00000000")),
    "p space before a job.png": lambda: b.png(before=b.texts(b"Description", b" " * MB + b"Job ID: 00000000")),
    "q command.png": lambda: b.png(before=b.texts(b"Dream", b'"' + b"[a" * 500_000 + b'" -s 9')),
    "r quotes.png": lambda: b.png(before=b.texts(b"Dream", b'"a" ' + b"\\'" * 500_000)),
    "s XMP.png": lambda: b.png(before=b.texts(b"XML:com.adobe.xmp", b"<exif:UserComment>" * 50_000)),
    "t XMP of one.png": lambda: b.png(before=b.texts(b"XML:com.adobe.xmp", b'exif:UserComment="' * 50_000)),
    "u entities.png": lambda: b.png(
        before=b.texts(b"XML:com.adobe.xmp", b"<exif:UserComment>" + b"&amp;" * 190_000 + b"</exif:UserComment>")
    ),
    "v hashes.png": lambda: b.png(
        before=b.texts(b"parameters", b'a\nSteps: 20, Seed: 1, Lora hashes: "' + b"a: b, " * 300_000 + b'"')
    ),
}
"""What other tools' entries can't be in honest pictures."""


@pytest.mark.parametrize("name", TOOLS)
def test_entries_of_other_tools(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(TOOLS[name]())
    opening("settings of", path)


QUICK = [
    name
    for name in {**BOMBS, **METADATA}
    if not any(slow in name for slow in ("00 MB", "000 ", "60 MB", "scans", "often", "whole 9"))
]
"""Those of which a hundred megabytes needn't be written; ``tests/torture`` opens all."""


@pytest.mark.parametrize("name", QUICK)
def test_pictures_that_are_more_than_they_seem(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / name
    path.write_bytes({**BOMBS, **METADATA}[name]())
    for way in WAYS:
        opening(way, path)


# -- damaged ---------------------------------------------------------------------------------------------------------

RIGHT = b.png(before=b.texts(b"parameters", b.LOUD))
HEADER = RIGHT[8:33]
DAMAGED: dict[str, bytes] = {
    "wrong sum": RIGHT[:29] + b"\0\0\0\0" + RIGHT[33:],
    "wrong sum of a text": b.png(before=b.chunk(b"tEXt", b"parameters\0" + b.LOUD, crc=0)),
    "length of 2^32": b.png(before=b.chunk(b"tEXt", b"parameters\0" + b.LOUD, length=0xFFFFFFFF)),
    "length of 2^31": b.png(before=b.chunk(b"tEXt", b"parameters\0" + b.LOUD, length=0x80000000)),
    "length of 0": b.png(before=b.chunk(b"tEXt", b"parameters\0" + b.LOUD, length=0)),
    "two headers": b.png(before=HEADER),
    "a header of 30000 behind": b.png(before=b.chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 6, 0, 0, 0))),
    "no header": RIGHT[:8] + RIGHT[33:],
    "a short header": RIGHT[:8] + b.chunk(b"IHDR", b"\0" * 4) + RIGHT[33:],
    "two ends": b.png(end=b.chunk(b"IEND", b"")),
    "no end": RIGHT[:-12],
    "no pixels": b.png(pixels=b""),
    "no palette": b.png(colour=3).replace(b.chunk(b"PLTE", b"\0\0\0" * 256), b""),
    "unknown depth": b.png(depth=7),
    "unknown colour": b.png(pixels=zlib.compress(b"\0"), colour=2)[:25] + b"\x09" + RIGHT[26:],
    "a text without a key": b.png(before=b.chunk(b"tEXt", b"\0" * 99)),
    "a text of no known packing": b.png(before=b.chunk(b"zTXt", b"parameters\0\x07" + b.LOUD)),
    "a broken packing": b.png(before=b.chunk(b"zTXt", b"parameters\0\0" + b.LOUD)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_chunks(tmp_path: Path, opening: Opening, name: str) -> None:
    path = tmp_path / f"{name}.png"
    path.write_bytes(DAMAGED[name])
    for way in WAYS:
        opening(way, path)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF", "PPM"])
def test_cut_off_at_every_kind_of_place(tmp_path: Path, opening: Opening, form: str) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((40, 30)).convert("RGB").save(file, form)
    whole = file.getvalue()
    path = tmp_path / f"a.{form.lower()}"
    for at in sorted({0, 1, 3, 8, 12, 16, 20, 33, *range(0, len(whole), max(len(whole) // 9, 1)), len(whole) - 1}):
        path.write_bytes(whole[:at])
        for way in WAYS:
            opening(way, path)


# -- other formats by the name of a picture ----------------------------------------------------------------------------

OTHERS: dict[str, Callable[[Path], bytes]] = {
    "eps": lambda trap: (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + bytes(trap) + b") (w) file closefile\nshowpage\n"
    ),
    "pdf": lambda trap: b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(" + bytes(trap) + b")>>>>endobj\n",
    "svg": lambda trap: (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
        b'<image xlink:href="file://' + bytes(trap) + b'" width="9" height="9"/></svg>'
    ),
    "svg of a million": lambda trap: (
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b']><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&j;</text></svg>'
    ),
    "ico": lambda trap: b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0\xff\xff\xff\x7f\x16\0\0\0",
    "icns": lambda trap: b"icns\xff\xff\xff\xff" + b"ic10\xff\xff\xff\xff",
    "psd": lambda trap: b"8BPS\0\1\0\0\0\0\0\0\0\3" + b"\x7f\xff\xff\xff" * 2 + b"\0\x08\0\3",
    "jxl": lambda trap: b"\xff\x0a" + bytes(99),
    "jxl in a box": lambda trap: b"\0\0\0\x0cJXL \r\n\x87\n" + b"\xff" * 99,
    "jp2": lambda trap: b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 99,
    "exr": lambda trap: b"\x76\x2f\x31\x01" + b"\xff" * 99,
    "cr2": lambda trap: b"II*\0\x10\0\0\0CR\2\0" + b"\xff" * 99,
    "cr3": lambda trap: b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + b"\xff" * 99,
    "ppm": lambda trap: b"P6 2000000000 2000000000 255\n",
    "xpm": lambda trap: b'/* XPM */ static char *a[] = {"99999 99999 2 1", "a c #000000",',
    "tga": lambda trap: b"\0\0\2" + b"\0" * 9 + b"\xff\xff\xff\xff\x20\0",
    "zip": lambda trap: b"PK\3\4" + b"\0" * 60,
    "html": lambda trap: b"<html><script>document.location='file://" + bytes(trap) + b"'</script>",
}


@pytest.mark.parametrize("ending", ["png", "jpg"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_formats_are_refused_by_any_name(tmp_path: Path, opening: Opening, name: str, ending: str) -> None:
    trap = tmp_path / "trap"
    path = tmp_path / f"{name}.{ending}"
    path.write_bytes(OTHERS[name](trap))
    for way in WAYS:
        answer = opening(way, path)
        assert answer.refused or answer.opened == "0x0 of 0x0"
    assert not trap.exists()

"""Opening one picture: what is refused, with which words, and what is told of its size."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from studio.core.errors import StudioError
from studio.pictures import opening
from tests.hostile import bytes_of
from tests.pictures.profiles import P3, rgb_profile
from tests.pictures.test_every_path import CASES, Case

TIFF_OF_A_CAMERA = bytes_of.sized_tiff(4, 4, (0xC612, 1, 4, b"\1\4\0\0"), rest=b"\x55" * 16)
OTHERS: dict[str, tuple[bytes, str]] = {
    "a.jxl": (b"\xff\x0a" + bytes(99), "its format is JPEG XL. Save it as PNG or JPEG"),
    "named a jpeg.jpg": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99), "its format is JPEG XL"),
    "a.jp2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99), "its format is JPEG 2000"),
    "a.psd": (b"8BPS\0\1" + bytes(99), "its format is Photoshop"),
    "a.pdf": (b"%PDF-1.7\n", "its format is PDF"),
    "a.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "its format is PostScript"),
    "a.exr": (b"\x76\x2f\x31\x01" + bytes(99), "its format is OpenEXR"),
    "a.xcf": (b"gimp xcf v011\0" + bytes(99), "its format is GIMP"),
    "a.kra": (b"PK\3\4" + bytes(99), "its format is Krita"),
    "a.svg": (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="9">', "a vector drawing (SVG). Export it as a PNG"),
    "bare.svg": (b"\xef\xbb\xbf <svg>", "a vector drawing (SVG)"),
    "a.mp4": (b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + bytes(99), "is a video. Save one of its frames"),
    "a.cr2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(99), "a camera's raw file. Develop it"),
    "a.cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(99), "a camera's raw file"),
    "a.nef": (bytes_of.sized_tiff(4, 4, rest=b"\x55" * 16), "a camera's raw file"),
    "renamed.tif": (TIFF_OF_A_CAMERA, "a camera's raw file"),
    "a.raf": (b"FUJIFILMCCD-RAW 0201" + bytes(99), "a camera's raw file"),
    "words.png": (b"no picture", "is not a picture that Triptych can read. Use PNG, JPEG, WebP, TIFF or HEIC."),
    "cut.png": (b"\x89PNG\r\n\x1a\n\0\0", "can't be read: it is damaged"),
    "cut.heic": (bytes_of.heif()[:60], "can't be read: it is damaged"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_opened_says_what_to_do(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(OTHERS[name][0])
    with pytest.raises(StudioError) as caught:
        opening.read_picture(path)
    assert OTHERS[name][1] in caught.value.message
    assert str(path) in caught.value.message


def test_a_folder_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is a folder"):
        opening.read_picture(tmp_path)


def test_a_picture_by_a_wrong_name_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes_of.heif())
    assert opening.read_picture(path).size == (64, 64)


@pytest.mark.parametrize("case", [case for case in CASES if "turned" in case.name], ids=lambda case: case.name)
def test_the_size_is_known_before_the_pixels(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    assert opening.inspect_picture(path) == (opening.read_picture(path).size, 1)


BOUNDS: dict[str, Callable[[], bytes]] = {
    "pixels.heic": lambda: bytes_of.heif(8000, 8000),
    "digits.ppm": lambda: b"P3 4 4 255\n" + b"0 " * 6_000_000,
    "pixels.jpg": lambda: bytes_of.jpeg(30_000, 30_000),
    "pixels.pgm": lambda: b"P5 9000 9000 255\n",
}


@pytest.mark.parametrize("name", BOUNDS)
def test_each_format_has_its_bounds(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BOUNDS[name]())
    with pytest.raises(StudioError, match=r"too (large|much)"):
        opening.open_picture(path)


def test_a_large_picture_is_whole_or_reduced(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (5200, 5000), "teal").save(path, icc_profile=rgb_profile(P3, 2.2))
    assert opening.read_picture(path, most=25_000_000).size == (2600, 2500)
    assert opening.read_picture(path, 100).size == (100, 96)
    assert opening.read_picture(path).size == (5200, 5000)


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(StudioError):
        opening.open_picture(Path("a\0b.png"))


def test_an_alien_orientation_counts_as_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    exif = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 99, 0)
    path.write_bytes(bytes_of.png(4, 6, before=bytes_of.chunk(b"eXIf", exif)))
    assert opening.read_picture(path).size == (4, 6)


@pytest.mark.parametrize("seed", range(20))
def test_any_primaries_leave_a_picture_that_opens(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    values = [random.choice([0, 1, 1000, 1001, 30_000, 33_000, 99_999, 2**32 - 1]) for _ in range(8)]
    gamma = random.choice([0, 1, 10_001, 45_455, 100_000, 999_999, 2**32 - 1])
    named = bytes_of.chunk(b"cHRM", struct.pack(">8I", *values)) + bytes_of.chunk(b"gAMA", struct.pack(">I", gamma))
    path = tmp_path / "a.png"
    path.write_bytes(bytes_of.png(before=named))
    assert opening.read_picture(path).size == (4, 4)


def test_pages_are_counted_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    one = Image.new("L", (2, 2))
    one.save(path, save_all=True, append_images=[one] * 120)
    assert opening.inspect_picture(path) == ((2, 2), 100)


def test_the_window_begins_without_what_few_pictures_need() -> None:
    heavy = ("numpy", "pillow_heif", "PIL.ImageCms")
    code = f"import sys, studio.shell.start; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

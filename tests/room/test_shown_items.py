"""Pictures as they are shown: read in any thread, upright, of any format, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from studio.room import shown_items
from studio.room.shown_items import from_pillow, read_picture

ORIENTATION, TURNED = 0x0112, 6


def half_red(size: tuple[int, int] = (400, 200), mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    return picture


@pytest.mark.parametrize("name", ["文 1.png", "b.jpg", "c.webp", "d.gif", "e.tiff", "f.bmp", "g.avif"])
def test_every_format_is_read_whole_and_small(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    half_red().save(path)
    whole, small = read_picture(str(path)), read_picture(str(path), 100)
    assert (whole.width(), whole.height()) == (400, 200)
    assert (small.width(), small.height()) == (100, 50)
    for image in (whole, small):
        left, right = (image.pixelColor(image.width() * part // 4, image.height() // 2) for part in (1, 3))
        assert (left.red() > 200, left.blue() < 60) == (True, True)
        assert (right.blue() > 200, right.red() < 60) == (True, True)


@pytest.mark.parametrize("edge", [0, 100])
def test_a_photo_taken_upright_stands_upright(tmp_path: Path, edge: int) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    half_red().save(path, exif=exif)
    image = read_picture(str(path), edge)
    assert image.height() == 2 * image.width()
    assert image.pixelColor(image.width() // 2, 5).red() > 200


def test_what_is_transparent_lies_on_white_as_for_the_model(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (4, 4), (10, 20, 30, 40)).save(path)
    assert read_picture(str(path)).pixelColor(1, 1).getRgb() == (217, 218, 220, 255)


def test_a_huge_one_comes_reduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_items, "MOST_PIXELS", 10_000)
    path = tmp_path / "huge.png"
    half_red().save(path)
    image = read_picture(str(path))
    assert (image.width(), image.height()) == (134, 67)


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_what_is_no_picture_is_null(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "odd.png"
    if content is not None:
        path.write_bytes(content)
    assert read_picture(str(path)).isNull()


def test_what_is_cut_off_is_null(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    half_red().save(path)
    path.write_bytes(path.read_bytes()[:100])
    assert read_picture(str(path)).isNull()


IN_A_THREAD = """
import sys, threading
import psutil
from PySide6.QtGui import QGuiApplication
from studio.room.shown_items import read_picture

app = QGuiApplication([])
widths = []
thread = threading.Thread(target=lambda: widths.append(read_picture(sys.argv[1]).width()))
thread.start()
thread.join()
print(widths, [part.path for part in psutil.Process().memory_maps() if "imageformats" in part.path])
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="a process doesn't see there what it has loaded")
def test_qts_own_readers_have_no_part_in_it(tmp_path: Path) -> None:
    """In another thread they may wait for ever for the window's, which waits for them."""
    path = tmp_path / "a.jpg"
    half_red().save(path)
    ran = subprocess.run(
        [sys.executable, "-c", IN_A_THREAD, path], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "[400] []\n"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pillows_pictures_are_copied_as_they_are(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setattr(shown_items, "_BAND", 10)  # two rows at once, and one that is left
    picture = Image.frombytes(mode, (5, 3), bytes(range(5 * 3 * len(mode))))
    image = from_pillow(picture)
    for y in range(3):
        for x in range(5):
            assert image.pixelColor(x, y).getRgb()[: len(mode)] == picture.getpixel((x, y))

"""A person's folder: what is used, what is left out with its sentence, and what is refused."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.errors import StudioError
from studio.ml.training import folder as module
from studio.ml.training.folder import Pictures, read_folder
from tests.ml.training.drawn import discs, write


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write(discs(10, 32), tmp_path / "bilder 猫")


def read(place: Path, size: int = 16) -> Pictures:
    return read_folder(str(place), size, lambda done, files: None)


def refusal(place: Path | str, size: int = 16) -> str:
    with pytest.raises(StudioError) as caught:
        read_folder(str(place), size, lambda done, files: None)
    return caught.value.message


def noise(path: Path, size: tuple[int, int], seed: int, **options: object) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)


def test_pictures_are_squares_of_one_size(place: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = read_folder(str(place), 16, lambda done, files: seen.append((done, files)))
    assert found.pixels.shape == (10, 3, 16, 16)
    assert found.pixels.dtype == torch.uint8
    assert seen[0] == (0, 10)
    assert seen[-1] == (10, 10)
    assert found.broken == found.twice == found.small == []
    assert "10 pictures to learn from, resized to 16 × 16 pixels." in found.findings()
    assert any("few" in sentence for sentence in found.findings())


def test_folders_within_count_and_the_middle_is_what_is_seen(place: Path) -> None:
    (place / "more" / "and more").mkdir(parents=True)
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    Image.fromarray(wide).save(place / "more" / "and more" / "wide.png")
    found = read(place)
    assert len(found) == 11
    assert found.long == 1
    assert found.pixels[-1].min() > 150
    assert found.smallest == (32, 32)
    assert found.largest == (60, 20)


def test_each_file_that_cannot_be_used_has_its_sentence(place: Path) -> None:
    whole = (place / "0000.png").read_bytes()
    (place / "cut.png").write_bytes(whole[: len(whole) // 2])
    (place / "notes.txt").write_text("no picture")
    (place / "drawing.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) show\n")
    (place / "empty.jpg").write_bytes(b"")
    found = read(place)
    assert len(found) == 10
    words = "\n".join(found.findings())
    assert f"{place / 'cut.png'} can't be read" in words
    assert f"{place / 'notes.txt'} is not a picture" in words
    assert f"{place / 'drawing.eps'} is not a picture" in words
    assert len(found.broken) == 4


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_a_pipe_and_a_device_are_no_pictures(place: Path) -> None:
    os.mkfifo(place / "pipe.png")
    (place / "zero.png").symlink_to("/dev/zero")
    (place / "circle").symlink_to(place)
    found = read(place)
    assert len(found) == 10
    assert sum("device or a pipe" in sentence for sentence in found.broken) == 2


def test_a_picture_that_is_there_twice_counts_once(place: Path) -> None:
    with Image.open(place / "0003.png") as picture:
        picture.save(place / "the same.bmp")
    found = read(place)
    assert len(found) == 10
    assert found.twice == ["the same.bmp"]
    assert any("the same.bmp" in sentence for sentence in found.findings())


def test_small_ones_are_left_out(place: Path) -> None:
    noise(place / "small.png", (40, 15), 1)
    found = read(place)
    assert len(found) == 10
    assert found.small == ["small.png"]


def test_upright_and_without_an_alpha_channel(place: Path) -> None:
    turned = Image.fromarray(np.array([[[255, 0, 0]] * 32] * 16 + [[[0, 0, 255]] * 32] * 16, np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned.save(place / "turned.png", exif=exif)
    clear = Image.new("RGBA", (32, 32), (9, 9, 9, 0))
    clear.save(place / "a clear one.png")
    found = read(place)
    assert found.pixels[11, :, 0, 0].tolist() == [0, 0, 255]
    assert found.pixels[10].min() == 255


def test_long_lists_are_cut(place: Path) -> None:
    for number in range(8):
        (place / f"{number}.txt").write_text("x")
        noise(place / f"{number} small.png", (9, 9), number)
    words = "\n".join(read(place).findings())
    assert "and 3 more" in words
    assert "3 more files can't be used" in words


def test_more_than_memory_takes_is_left_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 9 * 3 * 16 * 16)
    found = read(place)
    assert (len(found), found.left_out) == (9, 1)


def test_what_cannot_be_learned_from_says_why(place: Path, tmp_path: Path) -> None:
    assert "Choose a folder" in refusal("")
    assert "was not found" in refusal(tmp_path / "gone")
    assert "is not a folder" in refusal(place / "0000.png")
    (tmp_path / "empty").mkdir()
    assert "is empty" in refusal(tmp_path / "empty")
    too_small = refusal(place, 64)
    assert "0 pictures" in too_small
    assert "Too small for 64 pixels" in too_small
    few = write(discs(3), tmp_path / "few")
    (few / "broken.gif").write_bytes(io.BytesIO(b"GIF89a").getvalue())
    assert "3 pictures" in refusal(few)
    assert "broken.gif" in refusal(few)
    same = tmp_path / "same"
    same.mkdir()
    for number in range(9):
        noise(same / f"{number}.png", (16, 16), 5)
    assert "1 pictures" in refusal(same)
    assert "duplicates" in refusal(same)

"""Pictures: tensors, assets, and files that people drop."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from studio.core.errors import StudioError
from studio.core.facts import ThingFacts
from studio.ml import pictures
from studio.pictures import opening


def test_assets_hold_the_pixels() -> None:
    given = torch.randint(0, 256, (2, 3, 4, 5)).float().div(127.5).sub(1)
    assets = pictures.to_assets(given, ThingFacts(seed=1))
    assert [(asset.width, asset.height, asset.notes) for asset in assets] == [(5, 4, {"seed": 1})] * 2
    for asset, picture in zip(assets, given, strict=True):
        rows = torch.frombuffer(bytearray(asset.data), dtype=torch.uint8).view(4, 5, 3)
        assert torch.allclose(rows.permute(2, 0, 1).float().div(127.5).sub(1), picture, atol=1e-6)


def test_bytes_are_rows_of_rgb_from_the_top() -> None:
    given = torch.full((1, 3, 2, 2), -1.0)
    given[0, 0, 0, 1] = 1.0  # red, top right
    (asset,) = pictures.to_assets(given)
    assert asset.data == bytes([0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0])
    assert pictures.to_pillow(asset).getpixel((1, 0)) == (255, 0, 0)


def test_what_is_too_bright_is_cut_off() -> None:
    (asset,) = pictures.to_assets(torch.tensor([-9.0, 0.0, 9.0]).view(1, 3, 1, 1).bfloat16())
    assert asset.data == bytes([0, 128, 255])


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *((mode, "png") for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")),
        *((mode, "tiff") for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK")),
        *((mode, "webp") for mode in ("RGB", "RGBA")),
        *((mode, "jpg") for mode in ("RGB", "L", "CMYK")),
    ],
)
def test_opens_every_mode(mode: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"汉字 {mode.replace(';', '')}.{kind}"
    picture = Image.new("RGB", (6, 4), "white").convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.new("I;16", (6, 4), 65535)
    picture.save(path)
    opened = pictures.read_input_picture(path)
    assert (opened.mode, opened.size) == ("RGB", (6, 4))
    assert opened.getpixel((0, 0)) == (255, 255, 255)


def test_a_format_that_starts_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawing.png"
    Image.new("RGB", (2, 2)).save(path, "EPS")
    with pytest.raises(StudioError, match="not a picture that Triptych can read"):
        pictures.read_input_picture(path)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (1, 1), (0, 0, 0, 0)).save(path)
    assert pictures.read_input_picture(path).getpixel((0, 0)) == (255, 255, 255)


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (6, 4)).save(path, exif=exif)
    assert pictures.read_input_picture(path).size == (4, 6)


def test_files_that_are_no_picture(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is no longer there"):
        pictures.read_input_picture(tmp_path / "gone.png")
    words = tmp_path / "words.png"
    words.write_text("no picture", encoding="utf-8")
    with pytest.raises(StudioError, match=r"words\.png is not a picture"):
        pictures.read_input_picture(words)
    with pytest.raises(StudioError, match="is a folder"):
        pictures.read_input_picture(tmp_path)


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tiff", "gif"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_files_that_are_cut_off(kind: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / f"half.{kind}"
    Image.effect_noise((64, 64), 90).convert("RGB").save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StudioError, match=r"half\.\w+ (can't be read|is not a picture)"):
        pictures.read_input_picture(path)


def test_a_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (3000, 3000)).save(path)
    monkeypatch.setattr(opening, "MOST_PIXELS", 1_000_000)
    with pytest.raises(StudioError, match=r"too large\. Use one of at most 1 megapixels"):
        pictures.read_input_picture(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)
    with pytest.raises(StudioError, match="too large"):
        pictures.read_input_picture(path)


def test_cover_fills_and_crops_the_middle() -> None:
    picture = Image.new("RGB", (40, 10), "red")
    picture.paste("blue", (15, 0, 25, 10))
    covered = pictures.cover(picture, 20, 20)
    assert covered.size == (20, 20)
    assert covered.getpixel((10, 10)) == (0, 0, 255)
    assert pictures.cover(covered, 20, 20) is covered

"""Crops: the same part as the field's own reckoning gives, and sizes like a picture's shape."""

import pytest
from PIL import Image, ImageOps

from studio.core.crop import MIDDLE, crop_box, share_cut, size_like
from studio.ml.pictures import cover


@pytest.mark.parametrize("place", [MIDDLE, (0.0, 0.0), (1.0, 1.0), (0.3, 0.8)])
@pytest.mark.parametrize("shape", [(32, 32), (64, 16), (16, 64), (40, 30)])
def test_the_part_that_is_used(place: tuple[float, float], shape: tuple[int, int]) -> None:
    picture = Image.effect_noise((90, 70), 80).convert("RGB")
    expected = ImageOps.fit(picture, shape, Image.Resampling.LANCZOS, centering=place)
    assert cover(picture, *shape, place).tobytes() == expected.tobytes()


def test_a_crop_lies_within_the_picture() -> None:
    assert crop_box((400, 50), (128, 128), (1.0, 0.5)) == (350, 0, 400, 50)
    assert share_cut((400, 50), (128, 128)) == pytest.approx(7 / 8)
    assert share_cut((400, 50), (384, 48)) == 0


@pytest.mark.parametrize(
    ("picture", "base", "size"),
    [
        ((400, 50), 128, (384, 48)),
        ((50, 400), 128, (48, 384)),
        ((4032, 3024), 1024, (1184, 888)),
        ((3000, 2000), 512, (624, 416)),
        ((1000, 1000), 1024, (1024, 1024)),
        ((10_000, 10), 128, (2048, 16)),
        ((1, 1), 128, (128, 128)),
    ],
)
def test_the_nearest_size_of_a_shape(picture: tuple[int, int], base: int, size: tuple[int, int]) -> None:
    found = size_like(picture, base, 8, (16, 8192))
    assert found[0] % 8 == found[1] % 8 == 0
    assert min(found) >= 16
    if picture != (10_000, 10):
        assert found == size
        assert 0.8 < found[0] * found[1] / base**2 < 1.25


def test_a_size_keeps_the_models_multiple() -> None:
    width, height = size_like((1920, 1080), 1024, 64, (64, 8192))
    assert (width, height) == (1344, 768)

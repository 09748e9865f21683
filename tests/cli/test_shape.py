"""A start picture on the command line proposes its shape, where no size is given."""

from pathlib import Path

import pytest
from PIL import Image

from studio.cli.shape import with_shape
from studio.features.image.tasks.image import ImageTask
from studio.features.write.tasks.write import WriteTask


@pytest.fixture
def wide(tmp_path: Path) -> str:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (50, 400)).save(tmp_path / "wide.jpg", exif=exif)
    return str(tmp_path / "wide.jpg")


def test_the_shape_is_that_of_the_picture_as_it_is_seen(wide: str) -> None:
    assert with_shape(ImageTask, {"image": wide}, {}) == {"image": wide, "width": 384, "height": 48}
    assert with_shape(ImageTask, {"image": wide}, {"size": 512})["width"] == 1472


def test_a_size_that_was_given_stays(wide: str) -> None:
    for given in ({"image": wide, "width": 64}, {"image": wide, "height": 64}, {"prompt": "x"}, {"image": ""}):
        assert with_shape(ImageTask, given, {}) == given


def test_what_has_no_size_or_cannot_be_opened_proposes_nothing(tmp_path: Path) -> None:
    gone = {"image": str(tmp_path / "gone.png")}
    assert with_shape(ImageTask, gone, {}) == gone
    assert with_shape(WriteTask, {"prompt": "x"}, {}) == {"prompt": "x"}

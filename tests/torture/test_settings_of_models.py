"""Each of some settings of models with each of some wrong values: refused with a sentence, or opened."""

from pathlib import Path

import pytest

from tests.hostile.conftest import Opening
from tests.hostile.folders import PICTURE_SETTINGS, WRITER_SETTINGS, WRONG, edit


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", WRITER_SETTINGS)
def test_a_language_model(name: str, value: object, writer: Path, opening: Opening) -> None:
    edit("config.json", **{name: value})(writer)
    opening("judge", writer)
    opening("write", writer)


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", PICTURE_SETTINGS)
def test_a_picture_model(name: str, value: object, picture: Path, opening: Opening) -> None:
    edit("unet/config.json", **{name: value})(picture)
    opening("judge", picture)
    opening("image", picture)

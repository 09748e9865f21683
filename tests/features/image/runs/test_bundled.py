"""The Image runner on the bundled model: start pictures and previews."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.core.values import Asset
from studio.features.image.runs.image import generate
from studio.features.image.tasks.image import ImageTask
from studio.ml.pictures import to_pillow
from studio.ml.quiet import quiet
from tests.recording import RecordingContext

SCENES = Path(__file__).resolve().parents[4] / "resources" / "starters" / "scenes"


@pytest.fixture(scope="module")
def models() -> dict[tuple[str, str], object]:
    quiet()
    return {}


def made(models: dict[tuple[str, str], object], **settings: Any) -> RecordingContext:
    context = RecordingContext(address=str(SCENES), models=models)
    generate(ImageTask(prompt="a white boat on the sea at sunset, a yellow sun", seed=1, **settings), context)
    return context


def test_the_part_of_the_start_picture_that_is_asked_for_is_used(
    models: dict[tuple[str, str], object], tmp_path: Path
) -> None:
    whole, left = tmp_path / "whole.png", tmp_path / "left.png"
    Image.radial_gradient("L").convert("RGB").resize((192, 64)).save(whole)
    Image.open(whole).crop((0, 0, 64, 64)).save(left)
    size = {"width": 64, "height": 64, "steps": 2, "strength": 0.5}
    part = made(models, image=str(whole), crop_x=0.0, **size).assets[0].data
    assert part == made(models, image=str(left), **size).assets[0].data
    assert part != made(models, image=str(whole), **size).assets[0].data


def test_previews_are_no_more_colourful_than_the_picture_that_comes(models: dict[tuple[str, str], object]) -> None:
    """With this guidance the first predictions have twice the colour of what comes of them."""
    context = made(models, steps=8, guidance=6)
    final = colourful(context.assets[0])
    assert max(colourful(preview) for _, preview in context.previews) < 1.5 * final


def colourful(asset: Asset) -> float:
    pixels = np.asarray(to_pillow(asset), dtype=np.float32)
    return float((pixels.max(-1) - pixels.min(-1)).mean())

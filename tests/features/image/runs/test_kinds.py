"""Picture models that begin otherwise than most: references, refiners, and one without its third encoder."""

from pathlib import Path

import pytest
import torch
from diffusers import FluxKontextPipeline
from PIL import Image

from studio.core.errors import StudioError
from studio.features.image.runs.image import generate
from studio.features.image.tasks.image import ImageTask
from studio.ml.quiet import quiet
from tests import tiny_models
from tests.recording import RecordingContext


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet()
    torch.set_num_threads(1)


@pytest.fixture
def start(tmp_path: Path) -> str:
    path = tmp_path / "start.png"
    Image.radial_gradient("L").convert("RGB").resize((50, 40)).save(path)
    return str(path)


def test_kontext_keeps_to_the_size_that_was_asked_for(tmp_path: Path, start: str) -> None:
    """Left alone, it takes one near 1024 x 1024 of the same shape. A start picture is its reference."""
    folder, models = tiny_models.save_flux(tmp_path / "model", FluxKontextPipeline), {}
    seen = set()
    for width, height, image in [(64, 64, ""), (32, 64, ""), (96, 48, ""), (96, 48, start)]:
        context = RecordingContext(address=str(folder), models=models)
        task = ImageTask(prompt="a boat", width=width, height=height, steps=2, seed=7, image=image, strength=0.5)
        generate(task, context)
        (asset,) = context.assets
        assert (asset.width, asset.height, asset.notes["steps"]) == (width, height, 2)
        assert [(one.width, one.height) for _, one in context.previews] == [(width // 4, height // 4)] * 2
        assert ("reference" in asset.notes) is bool(image)
        seen.add(asset.data)
    assert len(seen) == 4


def test_a_refiner_improves_a_picture_and_begins_none(tmp_path: Path, start: str) -> None:
    context = RecordingContext(address=str(tiny_models.save_refiner(tmp_path / "model")))
    task = ImageTask(prompt="word " * 100, width=32, height=32, steps=4)
    with pytest.raises(StudioError, match="refines an existing picture and can't start one"):
        generate(task, context)
    generate(ImageTask.from_data({**task.to_data(), "image": start}), context)
    (asset,) = context.assets
    assert (asset.width, len(context.previews)) == (32, 2)
    assert asset.notes["truncated"] > 0


def test_stable_diffusion_3_without_its_third_encoder(tmp_path: Path, start: str) -> None:
    context = RecordingContext(address=str(tiny_models.save_stable_diffusion_3(tmp_path / "model")))
    for image in ("", start):
        generate(ImageTask(prompt="a boat", width=32, height=32, steps=2, image=image), context)
    assert [(asset.width, asset.height) for asset in context.assets] == [(32, 32)] * 2
    assert context.previews

"""Another autoencoder in the place of the model's own, for one request only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from studio.core.errors import Stopped, StudioError
from studio.features.image.runs.image import generate
from studio.features.image.tasks.image import ImageTask, Vae
from studio.ml.cache import ModelCache
from studio.ml.load.image import load_pipeline
from studio.ml.quiet import quiet
from tests import tiny_models
from tests.recording import RecordingContext

SD = 0.18215


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quiet()
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("vae")
    tiny_models.save_stable_diffusion(root / "model", SD)
    tiny_models.save_vae(root / "vae", SD)
    tiny_models.save_vae(root / "deep", SD, levels=4)
    return root


@pytest.fixture(scope="module")
def models() -> dict[tuple[str, str], object]:
    return {}


@pytest.fixture
def make(folder: Path, models: dict[tuple[str, str], object]) -> Callable[..., RecordingContext]:
    """Run a request; the models stay."""

    def run(vae: str = "", cancel_after: int | None = None, **fields: Any) -> RecordingContext:
        context = RecordingContext(
            address=str(folder / "model"), models=models, cancel_after=cancel_after, cancel_stage="Step"
        )
        parts = (Vae(str(folder / vae)),) if vae else ()
        generate(ImageTask(prompt="a boat", width=32, height=32, steps=2, seed=7, parts=parts, **fields), context)
        return context

    return run


def test_it_decodes_and_paints_previews_for_that_request_alone(make: Callable[..., RecordingContext]) -> None:
    before, other, after = make(), make("vae"), make()
    assert before.assets[0].data == after.assets[0].data != other.assets[0].data
    shown = [context.previews[0][1].data for context in (before, other, after)]
    assert shown[0] == shown[2] != shown[1]


def test_it_encodes_a_start_picture_too(make: Callable[..., RecordingContext], tmp_path: Path) -> None:
    path = tmp_path / "start.png"
    Image.new("RGB", (32, 32), "red").save(path)
    before, other, after = (make(vae, image=str(path)) for vae in ("", "vae", ""))
    assert before.assets[0].data == after.assets[0].data != other.assets[0].data


def test_the_models_own_comes_back_after_a_stop(make: Callable[..., RecordingContext]) -> None:
    before = make()
    with pytest.raises(Stopped):
        make("vae", cancel_after=1)
    assert make().assets[0].data == before.assets[0].data


def test_one_whose_latents_have_another_shape_is_refused(make: Callable[..., RecordingContext]) -> None:
    with pytest.raises(StudioError, match=r"deep is no autoencoder for model: its latents have another shape\."):
        make("deep")


def test_it_counts_in_memory_beside_the_model(folder: Path) -> None:
    cache = ModelCache()

    class Context(RecordingContext):
        def model(self, address: str, load: Callable[[str], Any]) -> Any:
            return cache.get(address or self.address, load)

    task = ImageTask(prompt="x", width=32, height=32, steps=1, parts=(Vae(str(folder / "vae")),))
    generate(task, Context(address=str(folder / "model")))
    sizes = cache.loaded()
    assert sizes.keys() == {str(folder / "model"), str(folder / "vae")}
    assert 0 < sizes[str(folder / "vae")] < sizes[str(folder / "model")]
    assert cache.get(str(folder / "model"), load_pipeline).pipeline.vae is not None

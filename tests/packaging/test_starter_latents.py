"""The bundled generator: it loads, its pictures are lakes of many kinds, and its training can be taken up again."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.ml.load.gan import load_generator
from studio.ml.nets.generator import Generator, normalize

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "resources" / "starters" / "latents"
MIDDLE_FROM, FINE_FROM = 3, 7


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The modules latents_model and latents_pictures."""
    monkeypatch.syspath_prepend(ROOT / "packaging" / "starters")
    import latents_model
    import latents_pictures

    return latents_model, latents_pictures


@pytest.fixture(scope="module")
def generator() -> Generator:
    return load_generator(MODEL)


@torch.inference_mode()
def pictures(generator: Generator, count: int = 16, psi: float = 0.7) -> Tensor:
    torch.manual_seed(1)
    return generator.synthesis(generator.mapping(torch.randn(count, generator.z_dim), psi=psi))


def test_it_says_what_it_is():
    about = json.loads((MODEL / "triptych.json").read_text(encoding="utf-8"))
    assert about["name"] == "Starter Latents"
    assert (about["kind"], about["licence"], about["size"]) == ("latent", "CC0-1.0", 128)
    assert (MODEL / "README.md").exists()


def test_pictures_are_in_range_and_no_two_are_alike(generator):
    made = pictures(generator)
    assert made.shape == (16, 3, 128, 128)
    assert made.abs().max() < 1.6
    apart = torch.cdist(made.flatten(1), made.flatten(1)) / made[0].numel() ** 0.5
    assert apart[~torch.eye(16, dtype=torch.bool)].min() > 0.08


def test_it_has_learned_what_it_was_taught(generator, programs):
    _, drawing = programs
    torch.manual_seed(2)
    z = torch.randn(16, generator.z_dim)
    drawn = drawing.draw(normalize(z), generator.resolution)
    with torch.inference_mode():
        made = generator.synthesis(generator.mapping(z))
    error = (made - drawn).abs().mean()
    blind = (drawn.mean(dim=0, keepdim=True) - drawn).abs().mean()
    assert error < 0.45 * blind


def test_no_truncation_at_all_gives_one_picture(generator):
    made = pictures(generator, psi=0)
    assert torch.allclose(made[0], made[1], atol=1e-5)


@torch.inference_mode()
def test_fine_styles_colour_and_coarse_styles_place(generator):
    torch.manual_seed(3)
    own, other = (generator.mapping(torch.randn(16, generator.z_dim), psi=0.9) for _ in range(2))
    fine, coarse = own.clone(), own.clone()
    fine[:, FINE_FROM:], coarse[:, :MIDDLE_FROM] = other[:, FINE_FROM:], other[:, :MIDDLE_FROM]
    base, coloured, placed = (generator.synthesis(w) for w in (own, fine, coarse))

    def hue(x: Tensor) -> Tensor:
        """The sky's colour at the top."""
        return x[:, :, :8].mean(dim=(2, 3))

    assert (hue(base) - hue(coloured)).abs().mean() > 4 * (hue(base) - hue(placed)).abs().mean()


def test_near_numbers_give_near_drawings(programs):
    _, drawing = programs
    numbers = torch.randn(4, drawing.COUNT)
    one, two = drawing.draw(numbers, 64), drawing.draw(numbers + 0.001, 64)
    assert one.shape == (4, 3, 64, 64)
    assert one.min() >= -1
    assert one.max() <= 1
    assert (one - two).abs().mean() < 0.01


def test_training_goes_on_where_it_was_left(programs, tmp_path):
    program, _ = programs
    program.build(0.0, tmp_path / "out", tmp_path / "work")
    training = program.Training(tmp_path / "work")
    training.learn(0.5)
    training.learn(1.0)
    assert training.step == 2
    training.seconds = 5.0
    training.keep()
    again = program.Training(tmp_path / "work")
    assert (again.step, again.seconds) == (2, 5.0)
    weights = again.generator.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in training.generator.state_dict().items())
    assert load_generator(tmp_path / "out").resolution == 128

"""Inversion: the bundled generator's pictures are found again, others come nearer; tuning leaves the rest alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.errors import Stopped
from studio.core.resources import starters
from studio.ml.inversion import (
    SAMPLES,
    InversionConfig,
    PictureLoss,
    learning_rate_factor,
    noise_pattern,
    project,
    psnr,
    style_statistics,
    tune,
)
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets import stylegan3
from studio.ml.nets.stylegan2 import Config, Generator


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def bundled() -> Generator:
    return load_generator(starters() / "latents")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    """Conditional, grey, with strong grain: what the bundled one is not."""
    torch.manual_seed(0)
    made = Generator(Config(8, 8, 16, (8, 8, 8), c_dim=3, img_channels=1, mapping_layers=1, mapping_rate=1.0))
    for layer in made.modules():
        if hasattr(layer, "noise_strength"):
            layer.noise_strength.data.fill_(0.2)
    folder = tmp_path_factory.mktemp("tiny")
    save_generator(made, folder)
    return load_generator(folder)


def styles(generator: Any, seed: int) -> Tensor:
    z = torch.from_numpy(np.random.RandomState(seed).randn(1, generator.z_dim)).float()
    return generator.mapping(z, psi=0.7)[0]


def picture(generator: Any, w: Tensor) -> Tensor:
    with torch.no_grad():
        return generator.synthesis(w[None])[0, :3].expand(3, -1, -1)


def ignore(done: int, seen: Tensor) -> None:
    pass


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_generated_picture_is_recovered_to_30_db(bundled: Generator, seed: int) -> None:
    target = picture(bundled, styles(bundled, seed)).clamp(-1, 1)
    w = project(bundled, PictureLoss(target), InversionConfig(steps=20, fine=20, starts=2), ignore)
    assert w.shape == (bundled.num_ws, bundled.w_dim)
    assert psnr(picture(bundled, w), target) >= 30
    assert psnr(picture(bundled, style_statistics(bundled).mean.expand_as(w)), target) < 25  # it had to be looked for


def test_a_style_for_each_layer_comes_nearer_than_one_for_all(bundled: Generator) -> None:
    mixed = torch.cat([styles(bundled, 3)[:4], styles(bundled, 8)[4:]])
    target = picture(bundled, mixed).clamp(-1, 1)
    one, each = (project(bundled, PictureLoss(target), InversionConfig(30, fine, 1), ignore) for fine in (0, 30))
    assert torch.equal(one[0], one[-1])
    assert psnr(picture(bundled, each), target) > psnr(picture(bundled, one), target) + 3


def test_the_same_seed_searches_the_same_way_and_chance_outside_is_left_alone(tiny: Generator) -> None:
    target = torch.zeros(3, 16, 16)
    state = torch.get_rng_state()
    a, b, c = (
        project(tiny, PictureLoss(target), InversionConfig(5, 5, 3, seed=seed, label=1), ignore) for seed in (4, 4, 5)
    )
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    assert torch.equal(state, torch.get_rng_state())


def test_every_step_is_watched_and_can_be_the_last(tiny: Generator) -> None:
    seen: list[int] = []

    def watch(done: int, shown: Tensor) -> None:
        assert shown.shape == (3, 16, 16)
        seen.append(done)
        if done == 7:
            raise Stopped

    with pytest.raises(Stopped):
        project(tiny, PictureLoss(torch.zeros(3, 16, 16)), InversionConfig(5, 5, 2), watch)
    assert seen == list(range(8))


def test_the_cloud_is_where_the_class_lies(tiny: Generator) -> None:
    z = torch.from_numpy(np.random.RandomState(0).randn(SAMPLES, 8)).float()
    found = style_statistics(tiny, 0, label=2)
    expected = tiny.mapping(z, torch.eye(3)[[2] * SAMPLES])[:, 0]
    torch.testing.assert_close(found.mean, expected.mean(dim=0))
    assert found.spread == pytest.approx(float(expected.sub(expected.mean(dim=0)).square().mean().sqrt()))
    assert not torch.allclose(found.mean, style_statistics(tiny, 0, label=1).mean, atol=1e-3)


def test_tuning_comes_nearer_leaves_other_pictures_and_the_model_itself(bundled: Generator, tmp_path: Path) -> None:
    target = picture(bundled, styles(bundled, 5)).clamp(-1, 1).flip(2).roll(9, 1)  # none of the model's own
    plan, likeness = InversionConfig(60, 60, 1), PictureLoss(target)
    w = project(bundled, likeness, plan, ignore)
    before = {name: tensor.clone() for name, tensor in bundled.state_dict().items()}
    tuned = tune(bundled, w, likeness, plan, 20, ignore)
    assert psnr(picture(tuned, w), target) > psnr(picture(bundled, w), target) + 0.5
    for seed in range(3):
        other = styles(bundled, seed)
        assert psnr(picture(tuned, other), picture(bundled, other)) > 30
    assert all(torch.equal(tensor, before[name]) for name, tensor in bundled.state_dict().items())
    save_generator(tuned, tmp_path)
    assert psnr(picture(load_generator(tmp_path), w), picture(tuned, w)) > 45


def test_tuned_grain_stays_white_and_of_one_strength(tiny: Generator) -> None:
    stripes = torch.tensor([1.0, -1.0]).repeat(8).expand(3, 16, 16).contiguous()
    w = styles(tiny, 1)
    tuned = tune(tiny, w, PictureLoss(stripes), InversionConfig(label=1), 30, ignore)
    grain = [buffer for name, buffer in tuned.named_buffers() if name.endswith("noise_const")]
    own = [buffer for name, buffer in tiny.named_buffers() if name.endswith("noise_const")]
    assert any(not torch.equal(a, b) for a, b in zip(grain, own, strict=True))
    for buffer in grain:
        assert not buffer.requires_grad
        assert float(buffer.mean()) == pytest.approx(0, abs=1e-5)
        assert float(buffer.square().mean()) == pytest.approx(1, rel=1e-4)
    still = tune(tiny, w, PictureLoss(stripes), InversionConfig(label=1, noise="none"), 2, ignore)
    kept = [buffer for name, buffer in still.named_buffers() if name.endswith("noise_const")]
    assert all(torch.equal(a, b) for a, b in zip(kept, own, strict=True))


def test_patterns_count_and_white_noise_does_not() -> None:
    torch.manual_seed(1)
    white = torch.randn(64, 64)
    stripes = torch.ones(64, 64)
    stripes[::2] = -1
    assert float(noise_pattern(white)) < 0.1
    assert float(noise_pattern(stripes)) > 1


def test_the_rate_rises_and_falls() -> None:
    assert (
        learning_rate_factor(0)
        < learning_rate_factor(0.02)
        < learning_rate_factor(0.05)
        == learning_rate_factor(0.5)
        == 1
    )
    assert learning_rate_factor(0.5) > learning_rate_factor(0.9) > learning_rate_factor(0.99) > 0


def test_features_count_too() -> None:
    target = torch.zeros(3, 16, 16)

    def halves(pictures: Tensor) -> list[Tensor]:
        return [pictures[:, :, :8]]

    plain, seeing = PictureLoss(target), PictureLoss(target, halves)
    top, bottom = torch.zeros(2, 1, 3, 16, 16)
    top[:, :, 2:6] = 0.5
    bottom[:, :, 10:14] = 0.5
    assert float(plain(top)) == pytest.approx(float(plain(bottom)))
    assert float(seeing(top)) > float(seeing(bottom)) + 0.1


def test_a_stylegan3_is_searched_and_tuned_too() -> None:
    torch.manual_seed(0)
    config = stylegan3.Config(z_dim=8, w_dim=8, resolution=32, channels=(16,) * 6)
    network = stylegan3.Generator(config).freeze()
    target = picture(network, styles(network, 3)).clamp(-1, 1)
    plan, likeness = InversionConfig(30, 10, 1), PictureLoss(target)
    first: list[Tensor] = []
    w = project(network, likeness, plan, lambda done, seen: first.append(seen) if done == 0 else None)
    assert psnr(picture(network, w), target) > psnr(first[0], target) + 3
    tuned = tune(network, w, likeness, plan, 5, ignore)
    assert psnr(picture(tuned, w), target) > psnr(picture(network, w), target)

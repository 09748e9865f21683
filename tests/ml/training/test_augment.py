"""The augmentation: what it moves comes back, what it tints keeps its grey, and p follows the discriminator."""

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from studio.ml.training import augment as augmentation
from studio.ml.training.augment import augment, cutout, next_p, transform_colours, transform_geometry

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def chance() -> None:
    torch.manual_seed(0)


@pytest.fixture
def pictures() -> torch.Tensor:
    return F.interpolate(torch.rand(32, 3, 8, 8) * 2 - 1, size=32, mode="bilinear")


def test_p_0_changes_nothing_and_p_1_everything(pictures: torch.Tensor) -> None:
    assert augment(pictures, 0.0) is pictures
    changed = (augment(pictures, 1.0) - pictures).abs().mean(dim=(1, 2, 3))
    assert (changed > 0.02).all()


def test_about_the_share_p_of_the_pictures_is_changed() -> None:
    many = torch.rand(2000, 3, 4, 4)
    untouched = ((transform_colours(many, 0.1) - many).abs().amax(dim=(1, 2, 3)) < 1e-5).float().mean()
    assert float(untouched) == pytest.approx(0.9**4, abs=0.03)


def test_turning_by_a_quarter_and_mirroring_are_exact(pictures: torch.Tensor) -> None:
    quarter = augmentation._rotation(torch.full((32,), math.pi / 2))[:, :2]
    assert torch.allclose(transform_geometry(pictures, quarter), pictures.rot90(1, (2, 3)), atol=1e-4)
    mirror = augmentation._scale(-torch.ones(32), torch.ones(32))[:, :2]
    assert torch.allclose(transform_geometry(pictures, mirror), pictures.flip(3), atol=1e-4)


def test_a_turn_of_the_hue_leaves_grey_alone() -> None:
    turn = augmentation._about_grey(torch.tensor([1.0, 2.0]))
    grey = torch.full((2, 3, 1), 0.4)
    assert torch.allclose(turn @ grey, grey, atol=1e-6)
    assert torch.allclose(turn @ turn.transpose(1, 2), torch.eye(3).expand(2, 3, 3), atol=1e-6)
    third = augmentation._about_grey(torch.tensor([math.tau / 3]))[0]
    assert torch.allclose(third @ torch.tensor([1.0, 0, 0]), torch.tensor([0.0, 1, 0]), atol=1e-6)


def test_a_hole_is_grey_and_at_most_a_quarter_of_the_picture() -> None:
    white = torch.ones(200, 3, 32, 32)
    share = (cutout(white, 1.0)[:, 0] == 0).float().mean(dim=(1, 2))
    assert share.max() <= 0.26
    assert share.min() > 0


def test_a_generator_learns_through_it(pictures: torch.Tensor) -> None:
    pictures.requires_grad_(True)
    augment(pictures, 0.8).square().sum().backward()
    assert pictures.grad is not None
    assert (pictures.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


@pytest.mark.parametrize(
    ("p", "overfit_rt", "then"),
    [(0.0, 1.0, 0.00064), (0.5, 0.6, 0.5), (0.5, 0.0, 0.49936), (0.0, 0.0, 0.0), (0.8, 1.0, 0.8)],
)
def test_p_rises_while_the_discriminator_overfits(p: float, overfit_rt: float, then: float) -> None:
    assert next_p(p, overfit_rt, 64) == pytest.approx(then)

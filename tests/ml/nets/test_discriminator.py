"""The discriminator against its definition, and that it can be derived twice."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from studio.ml.nets.discriminator import Convolution, Discriminator, blur_kernel, minibatch_std
from studio.ml.training.losses import squared_gradient_norm


@pytest.fixture(autouse=True)
def chance() -> None:
    torch.manual_seed(0)


def test_a_halving_convolution_is_the_convolution_and_the_mean_of_its_cells() -> None:
    x, kernel = torch.randn(2, 5, 16, 16), torch.randn(7, 5, 3, 3)
    expected = F.avg_pool2d(F.conv2d(x, kernel, padding=1), 2)
    assert torch.allclose(F.conv2d(x, blur_kernel(kernel), stride=2, padding=1), expected, atol=1e-5)


def test_weights_are_scaled_as_they_run() -> None:
    layer = Convolution(8, 4, 3)
    x = torch.randn(1, 8, 6, 6)
    assert torch.allclose(layer(x), F.conv2d(x, layer.weight / 72**0.5, layer.bias, padding=1), atol=1e-6)


def test_the_spread_is_that_of_each_group() -> None:
    x = torch.randn(8, 3, 4, 4)
    found = minibatch_std(x)
    assert found.shape == (8, 1, 4, 4)
    together = x[[1, 3, 5, 7]]  # every second picture is of one group
    assert torch.allclose(found[1, 0, 0, 0], together.std(dim=0, unbiased=False).mean(), atol=1e-4)
    assert minibatch_std(torch.ones(6, 3, 4, 4)).max() < 1e-3


@pytest.mark.parametrize("count", [1, 3, 4, 8])
def test_each_picture_has_its_score(count: int) -> None:
    critic = Discriminator((16, 8, 8))
    assert critic(torch.randn(count, 3, 16, 16)).shape == (count,)


def test_the_slope_that_r1_takes_is_the_scores_own_and_can_be_learned_from() -> None:
    critic, x = Discriminator((8, 8)).double(), torch.randn(1, 3, 8, 8).double().requires_grad_(True)
    slope = squared_gradient_norm(critic, x)
    (steepest,) = torch.autograd.grad(critic(x).sum(), x)
    way = steepest / steepest.norm()
    with torch.no_grad():
        rise = (critic(x + 1e-5 * way) - critic(x - 1e-5 * way)) / 2e-5
        aside = torch.randn_like(x)
        aside = aside - (aside * way).sum() * way
        flat = (critic(x + 1e-5 * aside) - critic(x - 1e-5 * aside)) / 2e-5
    assert torch.allclose(slope, rise**2, rtol=1e-4)
    assert flat.abs() < 1e-4 * rise
    slope.sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in critic.parameters() if weight.grad is not None)
    assert critic.from_rgb.weight.grad.abs().sum() > 0

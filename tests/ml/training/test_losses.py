"""The losses of generator and discriminator: their values, their penalties' values, and that both can be minimized."""

import pytest
import torch
from torch import Tensor, nn

from studio.ml.training.losses import Loss, discriminator_loss, generator_loss, gradient_penalty

LOSSES: tuple[Loss, ...] = ("non-saturating", "wgan-gp")


def leaning(steepness: float) -> nn.Module:
    """A discriminator whose slope has the length `steepness` everywhere."""
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(12, 1), nn.Flatten(0))
    nn.init.constant_(discriminator[1].weight, steepness / 12**0.5)
    return discriminator


@pytest.mark.parametrize("loss", LOSSES)
def test_each_gains_where_the_other_loses(loss: Loss) -> None:
    low, high = torch.full((4,), -2.0), torch.full((4,), 2.0)
    assert generator_loss(loss, high) < generator_loss(loss, low)
    assert discriminator_loss(loss, high, low) < discriminator_loss(loss, low, high)


@pytest.mark.parametrize("steepness", [0.5, 1.0, 3.0])
def test_the_penalties_are_those_of_the_papers(steepness: float) -> None:
    discriminator, real, made = leaning(steepness), torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2)
    assert gradient_penalty("non-saturating", discriminator, real, made).item() == pytest.approx(steepness**2, rel=1e-4)
    assert gradient_penalty("wgan-gp", discriminator, real, made).item() == pytest.approx(
        (steepness - 1) ** 2, abs=1e-4
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_a_critic_learns_from_its_penalty(loss: Loss) -> None:
    discriminator = leaning(3.0)
    gradient_penalty(loss, discriminator, torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2)).backward()
    slope: Tensor = discriminator[1].weight.grad
    assert (slope > 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_generator_finds_what_is_real(loss: Loss) -> None:
    torch.manual_seed(0)
    made = nn.Parameter(torch.zeros(3, 2, 2))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(12, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), nn.Flatten(0))
    for_critic = torch.optim.Adam(discriminator.parameters(), lr=1e-2, betas=(0.0, 0.9))
    for_made = torch.optim.Adam([made], lr=4e-2, betas=(0.0, 0.9))
    for _ in range(150):
        real, fake = 1 + 0.3 * torch.randn(16, 3, 2, 2), made + 0.3 * torch.randn(16, 3, 2, 2)
        loss = discriminator_loss(loss, discriminator(real), discriminator(fake.detach())) + gradient_penalty(
            loss, discriminator, real, fake.detach()
        )
        for_critic.zero_grad()
        loss.backward()
        for_critic.step()
        for_made.zero_grad()
        generator_loss(loss, discriminator(fake)).backward()
        for_made.step()
    assert (made - 1).abs().mean() < 0.3

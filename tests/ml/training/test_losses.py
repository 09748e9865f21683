"""The games of generator and critic: who gains by what, the penalties' values, and that both games can be won."""

import pytest
import torch
from torch import Tensor, nn

from studio.ml.training.losses import Game, critic_loss, generator_loss, penalty

GAMES: tuple[Game, ...] = ("non-saturating", "wgan-gp")


def leaning(steepness: float) -> nn.Module:
    """A critic whose slope has the length `steepness` everywhere."""
    critic = nn.Sequential(nn.Flatten(), nn.Linear(12, 1), nn.Flatten(0))
    nn.init.constant_(critic[1].weight, steepness / 12**0.5)
    return critic


@pytest.mark.parametrize("game", GAMES)
def test_each_gains_where_the_other_loses(game: Game) -> None:
    low, high = torch.full((4,), -2.0), torch.full((4,), 2.0)
    assert generator_loss(game, high) < generator_loss(game, low)
    assert critic_loss(game, high, low) < critic_loss(game, low, high)


@pytest.mark.parametrize("steepness", [0.5, 1.0, 3.0])
def test_the_penalties_are_those_of_the_papers(steepness: float) -> None:
    critic, real, made = leaning(steepness), torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2)
    assert penalty("non-saturating", critic, real, made).item() == pytest.approx(steepness**2, rel=1e-4)
    assert penalty("wgan-gp", critic, real, made).item() == pytest.approx((steepness - 1) ** 2, abs=1e-4)


@pytest.mark.parametrize("game", GAMES)
def test_a_critic_learns_from_its_penalty(game: Game) -> None:
    critic = leaning(3.0)
    penalty(game, critic, torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2)).backward()
    slope: Tensor = critic[1].weight.grad
    assert (slope > 0).all()


@pytest.mark.parametrize("game", GAMES)
def test_the_generator_finds_what_is_real(game: Game) -> None:
    torch.manual_seed(0)
    made = nn.Parameter(torch.zeros(3, 2, 2))
    critic = nn.Sequential(nn.Flatten(), nn.Linear(12, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), nn.Flatten(0))
    for_critic = torch.optim.Adam(critic.parameters(), lr=1e-2, betas=(0.0, 0.9))
    for_made = torch.optim.Adam([made], lr=4e-2, betas=(0.0, 0.9))
    for _ in range(150):
        real, fake = 1 + 0.3 * torch.randn(16, 3, 2, 2), made + 0.3 * torch.randn(16, 3, 2, 2)
        loss = critic_loss(game, critic(real), critic(fake.detach())) + penalty(game, critic, real, fake.detach())
        for_critic.zero_grad()
        loss.backward()
        for_critic.step()
        for_made.zero_grad()
        generator_loss(game, critic(fake)).backward()
        for_made.step()
    assert (made - 1).abs().mean() < 0.3

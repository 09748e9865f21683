"""What a generator and its critic play for: StyleGAN's non-saturating loss with R1, or Wasserstein with its penalty.

A critic takes pictures [N, C, H, W] to scores [N], high for real ones. Each loss is the mean over a batch. The
non-saturating game is Goodfellow et al. 2014 with R1 of Mescheder et al. 2018; WGAN-GP is Gulrajani et al. 2017.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

Game = Literal["non-saturating", "wgan-gp"]
Critic = Callable[[Tensor], Tensor]


def generator_loss(game: Game, made_scores: Tensor) -> Tensor:
    """Falls as the critic takes what was made for real."""
    return -made_scores.mean() if game == "wgan-gp" else F.softplus(-made_scores).mean()


def critic_loss(game: Game, real_scores: Tensor, made_scores: Tensor) -> Tensor:
    """Falls as the critic tells the two apart; its penalty comes on top."""
    if game == "wgan-gp":
        return made_scores.mean() - real_scores.mean()
    return F.softplus(-real_scores).mean() + F.softplus(made_scores).mean()


def penalty(game: Game, critic: Critic, real: Tensor, made: Tensor) -> Tensor:
    """What keeps the critic smooth, to be weighted by half of gamma (R1) or by lambda (10 as published; WGAN-GP).

    R1 draws the critic's slope at real pictures towards 0, WGAN-GP its length between real and made ones towards 1.
    """
    if game == "wgan-gp":
        share = torch.rand(len(real), 1, 1, 1, device=real.device)
        return (slope_square(critic, torch.lerp(real, made, share)).sqrt() - 1).square().mean()
    return slope_square(critic, real).mean()


def slope_square(critic: Critic, pictures: Tensor) -> Tensor:
    """The squared length of the critic's gradient at each picture, [N]; it can be learned from."""
    pictures = pictures.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(pictures).sum(), pictures, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3))

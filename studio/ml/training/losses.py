"""GAN losses: StyleGAN's non-saturating one with R1, or Wasserstein with its gradient penalty.

A discriminator maps pictures [N, C, H, W] to scores [N], high for real ones. Each loss is the mean over a batch. The
non-saturating loss is Goodfellow et al. 2014 with R1 of Mescheder et al. 2018; WGAN-GP is Gulrajani et al. 2017.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

Loss = Literal["non-saturating", "wgan-gp"]
ScoreFunction = Callable[[Tensor], Tensor]


def generator_loss(loss: Loss, made_scores: Tensor) -> Tensor:
    """Falls as the discriminator takes generated pictures for real."""
    return -made_scores.mean() if loss == "wgan-gp" else F.softplus(-made_scores).mean()


def discriminator_loss(loss: Loss, real_scores: Tensor, made_scores: Tensor) -> Tensor:
    """Falls as the discriminator tells the two apart; the penalty is added to it."""
    if loss == "wgan-gp":
        return made_scores.mean() - real_scores.mean()
    return F.softplus(-real_scores).mean() + F.softplus(made_scores).mean()


def gradient_penalty(loss: Loss, discriminator: ScoreFunction, real: Tensor, made: Tensor) -> Tensor:
    """Keeps the discriminator smooth; weighted by gamma / 2 (R1) or by lambda (10 as published; WGAN-GP).

    R1 pulls the discriminator's gradient at real pictures towards 0, WGAN-GP its norm between real and generated ones
    towards 1.
    """
    if loss == "wgan-gp":
        share = torch.rand(len(real), 1, 1, 1, device=real.device)
        return (squared_gradient_norm(discriminator, torch.lerp(real, made, share)).sqrt() - 1).square().mean()
    return squared_gradient_norm(discriminator, real).mean()


def squared_gradient_norm(discriminator: ScoreFunction, pictures: Tensor) -> Tensor:
    """The squared norm of the discriminator's gradient at each picture, [N]; itself differentiable."""
    pictures = pictures.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(discriminator(pictures).sum(), pictures, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3))

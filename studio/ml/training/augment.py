"""Adaptive discriminator augmentation: rotates, moves and tints the pictures when the discriminator overfits.

After Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020). Real and generated pictures go
through the same random changes, each with probability p, so that the generator doesn't learn them; p rises while the
discriminator is too sure of the real ones.
"""

import math

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

MOST = 0.8
"""Above this p the changes leak into generated pictures."""
TARGET = 0.6
"""The target for r_t as published: how sure of real pictures the discriminator may be, from -1 to 1."""
SPEED = 100_000
"""Pictures for p to go from 0 to 1: a fifth of the published number, since these trainings are shorter."""


def next_p(p: float, overfit_rt: float, pictures: int) -> float:
    """p after ``pictures`` more were shown; ``overfit_rt`` is the mean sign of the real ones' scores (r_t)."""
    step = math.copysign(pictures / SPEED, overfit_rt - TARGET) if overfit_rt != TARGET else 0.0
    return min(max(p + step, 0.0), MOST)


def augment(pictures: Tensor, p: float) -> Tensor:
    """``pictures`` [N, 3, H, W] in [-1, 1], each change applied with probability ``p``.

    The result is differentiable once with respect to the pixels, as the generator needs it.
    """
    if p <= 0:
        return pictures
    pictures = transform_geometry(pictures, random_transforms(len(pictures), p, pictures.device))
    return cutout(transform_colours(pictures, p), p)


def random_transforms(count: int, p: float, device: torch.device) -> Tensor:
    """Each picture's rotation, shift and scale: [N, 2, 3], mapping new coordinates to old ones."""
    flip = 1 - 2 * _some(count, p / 2, device).float()
    quarters = torch.randint(4, (count,), device=device) * _some(count, p, device)
    angle = (torch.rand(count, device=device) * 2 - 1) * math.pi * _some(count, p, device)
    size = torch.exp2(_normal(count, p, 0.2, device))
    stretch = torch.exp2(_normal(count, p, 0.2, device))
    places = _scale(flip * size, size) @ _rotation(quarters * (math.pi / 2) + angle) @ _scale(stretch, 1 / stretch)
    places[:, 0, 2] += _normal(count, p, 0.25, device)
    places[:, 1, 2] += _normal(count, p, 0.25, device)
    return places[:, :2]


def transform_geometry(pictures: Tensor, places: Tensor) -> Tensor:
    """Transform each picture by ``places``; what is outside is mirrored at the edge."""
    grid = F.affine_grid(places, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def transform_colours(pictures: Tensor, p: float) -> Tensor:
    """Change brightness, contrast, hue and saturation, as one matrix per picture."""
    count, device = len(pictures), pictures.device
    grey = torch.full((3, 3), 1 / 3, device=device)
    bright = _normal(count, p, 0.2, device).view(-1, 1, 1, 1)
    contrast = torch.exp2(_normal(count, p, 0.5, device)).view(-1, 1, 1)
    strength = torch.exp2(_normal(count, p, 1.0, device)).view(-1, 1, 1)
    hue = (torch.rand(count, device=device) * 2 - 1) * math.pi * _some(count, p, device)
    matrix = contrast * (grey + strength * (_about_grey(hue) - grey))
    return torch.einsum("nij,njhw->nihw", matrix, pictures) + bright


def cutout(pictures: Tensor, p: float) -> Tensor:
    """Fill a square of half the size with grey; it may be partly outside."""
    count, device = len(pictures), pictures.device
    size = pictures.shape[-1]
    line = (torch.arange(size, device=device) + 0.5) / size
    x, y = torch.rand(count, 1, 1, 1, device=device), torch.rand(count, 1, 1, 1, device=device)
    inside = ((line.view(1, 1, 1, -1) - x).abs() < 0.25) & ((line.view(1, 1, -1, 1) - y).abs() < 0.25)
    return pictures * ~(inside & _some(count, p, device).view(-1, 1, 1, 1))


def _some(count: int, p: float, device: torch.device) -> Tensor:
    return torch.rand(count, device=device) < p


def _normal(count: int, p: float, deviation: float, device: torch.device) -> Tensor:
    return torch.randn(count, device=device) * deviation * _some(count, p, device)


def _scale(x: Tensor, y: Tensor) -> Tensor:
    return torch.diag_embed(torch.stack([1 / x, 1 / y, torch.ones_like(x)], dim=1))


def _rotation(angle: Tensor) -> Tensor:
    cos, sin, none, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([cos, -sin, none, sin, cos, none, none, none, one], dim=1).view(-1, 3, 3)


def _about_grey(angle: Tensor) -> Tensor:
    """[N, 3, 3]: rotates colours about the grey axis (Rodrigues' formula)."""
    grey = torch.full((3, 3), 1 / 3, device=angle.device)
    across = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=angle.device) / math.sqrt(3)
    cos, sin = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
    return cos * torch.eye(3, device=angle.device) + (1 - cos) * grey + sin * across

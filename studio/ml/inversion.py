"""GAN inversion: finds the styles for a given picture, and tunes a copy of the generator around them.

After the projector of StyleGAN2 (Karras et al. 2020) and pivotal tuning (Roich et al. 2021). Pictures are compared at
several scales, by pixels, gradients and, with an encoder, its features.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from studio.ml.latents import one_hot

Watch = Callable[[int, Tensor], None]
"""Called after each step with the number of earlier steps and the picture [3, H, W] before the step. What it raises
ends the search."""
Features = Callable[[Tensor], Sequence[Tensor]]
"""An encoder: pictures [N, 3, H, W] in [-1, 1] to one or more tensors [N, C, ...]."""

SAMPLES = 4096
"""Samples for the statistics of the styles."""
_SMALLEST = 8
"""Pixels of the coarsest scale of the comparison."""
_RATE, _FINE_RATE = 0.1, 0.05
"""Learning rates, in units of the styles' spread: for one w, and for one per layer."""
_TOGETHER = 0.4
"""The fraction of the steps for which all starts are optimised; the rest goes to the best one."""
_SHAKE = 0.05
"""Initial noise on w, in units of the spread: it helps to leave local minima."""
_ALIKE = 0.01
"""Weight of keeping the layers' styles close to each other, where pictures are easy to edit."""
_WEIGHTS_RATE = 1e-3
_LOCAL = 0.3
"""Weight of keeping the tuned generator's other pictures unchanged."""


@dataclass(frozen=True)
class InversionConfig:
    """How long to search: ``steps`` for one w from ``starts`` starting points, then ``fine`` steps for one w per
    layer."""

    steps: int = 150
    fine: int = 250
    starts: int = 4
    seed: int = 0
    noise: str = "const"
    label: int = 0


@dataclass(frozen=True)
class StyleStatistics:
    """Statistics of random styles: some of them [N, w_dim], their mean [w_dim], and the standard deviation of all
    components."""

    some: Tensor
    mean: Tensor
    spread: float


@torch.no_grad()
def style_statistics(generator: Any, seed: int = 0, label: int = 0) -> StyleStatistics:
    """The cloud of w of the class ``label``."""
    device = next(generator.parameters()).device
    z = torch.from_numpy(np.random.RandomState(seed).randn(SAMPLES, generator.z_dim)).to(device, torch.float32)
    classes = one_hot([label] * SAMPLES, generator.c_dim, device) if generator.c_dim else None
    w = generator.mapping(z, classes)[:, 0]
    mean = w.mean(dim=0)
    return StyleStatistics(w, mean, float((w - mean).square().mean().sqrt()))


def psnr(picture: Tensor, target: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two pictures in [-1, 1], clamped to that range."""
    error = (picture.detach().clamp(-1, 1) - target.clamp(-1, 1)).square().mean()
    return float(10 * torch.log10(4 / error.clamp_min(1e-12)))


class PictureLoss:
    """The loss of pictures [N, 3, H, W] against ``target`` [3, H, W]: [N]."""

    def __init__(self, target: Tensor, features: Features | None = None) -> None:
        self.target = target
        self._features = features
        with torch.no_grad():
            self._wanted = self._views(target[None])

    def __call__(self, pictures: Tensor) -> Tensor:
        """0 for the target itself."""
        far = [_distance(one, other) for one, other in zip(self._views(pictures), self._wanted, strict=True)]
        return torch.stack(far).sum(dim=0)

    def _views(self, pictures: Tensor) -> list[Tensor]:
        """Everything that is compared: each scale, its gradients, and the features, scaled to the range of colours."""
        views = [F.normalize(seen, dim=1) for seen in self._features(pictures)] if self._features is not None else []
        while True:
            views += [pictures, pictures.diff(dim=2), pictures.diff(dim=3)]
            if min(pictures.shape[2:]) < 2 * _SMALLEST:
                return views
            pictures = F.avg_pool2d(pictures, 2)


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """[N]; the absolute term penalises small errors, the square reduces large ones first."""
    gap = one - other
    return (gap.abs() + gap.square()).flatten(1).mean(dim=1)


def colours(pictures: Tensor) -> Tensor:
    """[N, any, H, W] -> [N, 3, H, W]: repeats grey, drops channels beyond three."""
    return pictures[:, :3].expand(-1, 3, -1, -1)


def project(generator: Any, likeness: PictureLoss, config: InversionConfig, watch: Watch) -> Tensor:
    """Styles [num_ws, w_dim] whose picture is close to the target.

    All randomness comes from ``config.seed``. The target must have the generator's resolution.
    """
    around = style_statistics(generator, config.seed, config.label)
    w = _one(generator, likeness, config, around, watch)
    return _each(generator, likeness, config, around, watch, w)


def _one(
    generator: Any, likeness: PictureLoss, config: InversionConfig, around: StyleStatistics, watch: Watch
) -> Tensor:
    """One w [w_dim] for all layers: starts from the mean, and from samples half-way to it."""
    others = around.mean.lerp(around.some[: config.starts - 1], 0.5)
    w = torch.cat([around.mean[None], others]).requires_grad_()
    adam = torch.optim.Adam([w])
    chance = torch.Generator().manual_seed(config.seed)
    for step in range(config.steps):
        share = step / config.steps
        shake = torch.randn(w.shape, generator=chance).to(w.device) * around.spread * _SHAKE
        near = w + shake * max(0.0, 1 - share / 0.75) ** 2
        pictures = _make(generator, near[:, None].expand(-1, generator.num_ws, -1), config.noise)
        far = likeness(pictures)
        best = int(far.argmin())
        _step(adam, far.sum(), _RATE * around.spread * learning_rate_factor(share))
        watch(step, pictures[best])
        if len(w) > 1 and share >= _TOGETHER:
            w = w.detach()[best : best + 1].requires_grad_()
            adam = torch.optim.Adam([w])
    with torch.no_grad():
        best = int(likeness(_make(generator, w[:, None].expand(-1, generator.num_ws, -1), config.noise)).argmin())
        return w[best].detach()


def _each(
    generator: Any, likeness: PictureLoss, config: InversionConfig, around: StyleStatistics, watch: Watch, w: Tensor
) -> Tensor:
    """One w per layer [num_ws, w_dim], starting from the same ``w`` for all."""
    layers = w.repeat(generator.num_ws, 1).requires_grad_()
    adam = torch.optim.Adam([layers])
    for step in range(config.fine):
        pictures = _make(generator, layers[None], config.noise)
        apart = ((layers - layers.mean(dim=0)) / around.spread).square().mean()
        _step(
            adam,
            likeness(pictures).sum() + _ALIKE * apart,
            _FINE_RATE * around.spread * learning_rate_factor(step / config.fine),
        )
        watch(config.steps + step, pictures[0])
    return layers.detach()


def tune(generator: Any, w: Tensor, likeness: PictureLoss, config: InversionConfig, steps: int, watch: Watch) -> Any:
    """A copy of ``generator`` that gets closer to the target with the styles ``w``; the mapping is unchanged.

    Trains the synthesis and, with "const", its noise, regularised to stay free of patterns. To preserve all other
    pictures, each step compares one of them with the original generator's.
    """
    around = style_statistics(generator, config.seed, config.label)
    reach = float((around.some - around.mean).norm(dim=1).mean()) / 2
    tuned = copy.deepcopy(generator).train().requires_grad_(False)
    weights = list(tuned.synthesis.requires_grad_(True).parameters())
    named = dict(tuned.synthesis.named_buffers()) if config.noise == "const" else {}
    grain = [buffer.requires_grad_() for name, buffer in named.items() if name.endswith("noise_const")]
    adam = torch.optim.Adam([*weights, *grain])
    for step in range(steps):
        way = around.some[step % len(around.some)] - w
        other = w + way * (reach / way.norm(dim=1, keepdim=True).clamp_min(1e-6))
        with torch.no_grad():
            before = _make(generator, other[None], config.noise)
        both = _make(tuned, torch.stack([w, other]), config.noise)
        mine, others = both[:1], both[1:]
        far = likeness(mine).sum() + _LOCAL * _distance(others, before).sum() + sum(map(noise_pattern, grain))
        _step(adam, far, _WEIGHTS_RATE * learning_rate_factor(step / steps))
        with torch.no_grad():
            for buffer in grain:
                buffer.sub_(buffer.mean()).mul_(buffer.square().mean().clamp_min(1e-8).rsqrt())
        watch(step, mine[0])
    for buffer in grain:
        buffer.requires_grad_(False)
    return tuned.freeze()


def noise_pattern(grain: Tensor) -> Tensor:
    """How far ``grain`` [H, W] is from white noise: the correlation of neighbours, at all scales down to 8 pixels."""
    found = torch.zeros([], device=grain.device)
    while True:
        for axis in (0, 1):
            found = found + (grain * grain.roll(1, axis)).mean().square()
        if len(grain) <= 8:
            return found
        grain = F.avg_pool2d(grain[None], 2)[0] * 2


def learning_rate_factor(share: float) -> float:
    """The learning rate factor at ``share`` of the steps: rises over the first 1/20, falls over the last quarter."""
    fall = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - share) / 0.25))
    return fall * min(1.0, 0.05 + share / 0.05)


def _make(generator: Any, w: Tensor, noise: str) -> Tensor:
    return colours(generator.synthesis(w, noise=noise))


def _step(adam: torch.optim.Optimizer, loss: Tensor, rate: float) -> None:
    adam.param_groups[0]["lr"] = rate
    adam.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    adam.step()

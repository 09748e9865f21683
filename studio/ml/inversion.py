"""Finds the styles with which a generator makes a given picture, and tunes a copy of the generator around them.

After the projector of StyleGAN2 (Karras et al. 2020) and pivotal tuning (Roich et al. 2021). Pictures are compared at
several scales, by their pixels and their gradients, and where there is an encoder by its features as well.
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
"""Told after each step how many were done before it, with the picture [3, H, W] from which it was taken. What it raises
ends the search."""
Features = Callable[[Tensor], Sequence[Tensor]]
"""An encoder: pictures [N, 3, H, W] in [-1, 1] to one or more tensors [N, C, ...]."""

SAMPLES = 4096
"""So many samples tell where the styles lie."""
_SMALLEST = 8
"""Pixels of the coarsest scale at which pictures are compared."""
_RATE, _FINE_RATE = 0.1, 0.05
"""Of a step, in units of the styles' spread: for one w, and for one of each layer."""
_TOGETHER = 0.4
"""For this share of the steps all starts are followed, for the rest the best of them."""
_SHAKE = 0.05
"""Noise on w at the beginning, in units of the spread: it leads out of small hollows."""
_ALIKE = 0.01
"""How much it counts that the layers' styles stay near each other, where pictures can be changed well."""
_WEIGHTS_RATE = 1e-3
_LOCAL = 0.3
"""How much it counts that the tuned generator makes other pictures as before."""


@dataclass(frozen=True)
class InversionConfig:
    """How long to look: ``steps`` for one w from so many ``starts``, then ``fine`` for a w of each layer."""

    steps: int = 150
    fine: int = 250
    starts: int = 4
    seed: int = 0
    noise: str = "const"
    label: int = 0


@dataclass(frozen=True)
class Cloud:
    """Where the styles of random samples lie: some of them [N, w_dim], their mean [w_dim], and the standard deviation
    of all their numbers."""

    some: Tensor
    mean: Tensor
    spread: float


@torch.no_grad()
def cloud(generator: Any, seed: int = 0, label: int = 0) -> Cloud:
    """The cloud of w of the class ``label``."""
    device = next(generator.parameters()).device
    z = torch.from_numpy(np.random.RandomState(seed).randn(SAMPLES, generator.z_dim)).to(device, torch.float32)
    classes = one_hot([label] * SAMPLES, generator.c_dim, device) if generator.c_dim else None
    w = generator.mapping(z, classes)[:, 0]
    mean = w.mean(dim=0)
    return Cloud(w, mean, float((w - mean).square().mean().sqrt()))


def psnr(picture: Tensor, target: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two pictures in [-1, 1]; what lies outside is cut off."""
    error = (picture.detach().clamp(-1, 1) - target.clamp(-1, 1)).square().mean()
    return float(10 * torch.log10(4 / error.clamp_min(1e-12)))


class Likeness:
    """How far pictures are from ``target`` [3, H, W]: called with [N, 3, H, W], it gives [N]."""

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
        """All that is compared: each scale, its gradients, and the features, which are about as large as colours."""
        views = [F.normalize(seen, dim=1) for seen in self._features(pictures)] if self._features is not None else []
        while True:
            views += [pictures, pictures.diff(dim=2), pictures.diff(dim=3)]
            if min(pictures.shape[2:]) < 2 * _SMALLEST:
                return views
            pictures = F.avg_pool2d(pictures, 2)


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """[N]; the absolute part lets small faults count, the square draws large ones in first."""
    gap = one - other
    return (gap.abs() + gap.square()).flatten(1).mean(dim=1)


def colours(pictures: Tensor) -> Tensor:
    """[N, any, H, W] -> [N, 3, H, W]: grey in all three, what is beyond three left out."""
    return pictures[:, :3].expand(-1, 3, -1, -1)


def project(generator: Any, likeness: Likeness, plan: InversionConfig, watch: Watch) -> Tensor:
    """Styles [num_ws, w_dim] with which ``generator`` comes near the target.

    All randomness comes from ``plan.seed``. The picture must be as large as the generator's.
    """
    around = cloud(generator, plan.seed, plan.label)
    w = _one(generator, likeness, plan, around, watch)
    return _each(generator, likeness, plan, around, watch, w)


def _one(generator: Any, likeness: Likeness, plan: InversionConfig, around: Cloud, watch: Watch) -> Tensor:
    """One w [w_dim] for all layers: from the mean, and from samples half-way between it and where they lie."""
    others = around.mean.lerp(around.some[: plan.starts - 1], 0.5)
    w = torch.cat([around.mean[None], others]).requires_grad_()
    adam = torch.optim.Adam([w])
    chance = torch.Generator().manual_seed(plan.seed)
    for step in range(plan.steps):
        share = step / plan.steps
        shake = torch.randn(w.shape, generator=chance).to(w.device) * around.spread * _SHAKE
        near = w + shake * max(0.0, 1 - share / 0.75) ** 2
        pictures = _make(generator, near[:, None].expand(-1, generator.num_ws, -1), plan.noise)
        far = likeness(pictures)
        best = int(far.argmin())
        _step(adam, far.sum(), _RATE * around.spread * ramp(share))
        watch(step, pictures[best])
        if len(w) > 1 and share >= _TOGETHER:
            w = w.detach()[best : best + 1].requires_grad_()
            adam = torch.optim.Adam([w])
    with torch.no_grad():
        best = int(likeness(_make(generator, w[:, None].expand(-1, generator.num_ws, -1), plan.noise)).argmin())
        return w[best].detach()


def _each(generator: Any, likeness: Likeness, plan: InversionConfig, around: Cloud, watch: Watch, w: Tensor) -> Tensor:
    """A w for each layer [num_ws, w_dim], from the same ``w`` for all."""
    layers = w.repeat(generator.num_ws, 1).requires_grad_()
    adam = torch.optim.Adam([layers])
    for step in range(plan.fine):
        pictures = _make(generator, layers[None], plan.noise)
        apart = ((layers - layers.mean(dim=0)) / around.spread).square().mean()
        _step(adam, likeness(pictures).sum() + _ALIKE * apart, _FINE_RATE * around.spread * ramp(step / plan.fine))
        watch(plan.steps + step, pictures[0])
    return layers.detach()


def tune(generator: Any, w: Tensor, likeness: Likeness, plan: InversionConfig, steps: int, watch: Watch) -> Any:
    """A copy of ``generator`` that comes nearer still to the target with the styles ``w``; the mapping stays.

    The weights of the synthesis learn, and with "const" its grain, kept free of patterns. So that all other pictures
    stay what they were, each step compares one of them with what ``generator`` makes of it.
    """
    around = cloud(generator, plan.seed, plan.label)
    reach = float((around.some - around.mean).norm(dim=1).mean()) / 2
    tuned = copy.deepcopy(generator).train().requires_grad_(False)
    weights = list(tuned.synthesis.requires_grad_(True).parameters())
    named = dict(tuned.synthesis.named_buffers()) if plan.noise == "const" else {}
    grain = [buffer.requires_grad_() for name, buffer in named.items() if name.endswith("noise_const")]
    adam = torch.optim.Adam([*weights, *grain])
    for step in range(steps):
        way = around.some[step % len(around.some)] - w
        other = w + way * (reach / way.norm(dim=1, keepdim=True).clamp_min(1e-6))
        with torch.no_grad():
            before = _make(generator, other[None], plan.noise)
        both = _make(tuned, torch.stack([w, other]), plan.noise)
        mine, others = both[:1], both[1:]
        far = likeness(mine).sum() + _LOCAL * _distance(others, before).sum() + sum(map(pattern, grain))
        _step(adam, far, _WEIGHTS_RATE * ramp(step / steps))
        with torch.no_grad():
            for buffer in grain:
                buffer.sub_(buffer.mean()).mul_(buffer.square().mean().clamp_min(1e-8).rsqrt())
        watch(step, mine[0])
    for buffer in grain:
        buffer.requires_grad_(False)
    return tuned.freeze()


def pattern(grain: Tensor) -> Tensor:
    """How far ``grain`` [H, W] is from white noise: the correlation of neighbours, at every scale from 8 pixels on."""
    found = torch.zeros([], device=grain.device)
    while True:
        for axis in (0, 1):
            found = found + (grain * grain.roll(1, axis)).mean().square()
        if len(grain) <= 8:
            return found
        grain = F.avg_pool2d(grain[None], 2)[0] * 2


def ramp(share: float) -> float:
    """The rate at ``share`` of the way: it rises over the first twentieth and falls over the last quarter."""
    fall = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - share) / 0.25))
    return fall * min(1.0, 0.05 + share / 0.05)


def _make(generator: Any, w: Tensor, noise: str) -> Tensor:
    return colours(generator.synthesis(w, noise=noise))


def _step(adam: torch.optim.Optimizer, loss: Tensor, rate: float) -> None:
    adam.param_groups[0]["lr"] = rate
    adam.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    adam.step()

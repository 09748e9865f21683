"""Latent space arithmetic: from seeds and weights to z, spherical interpolation, and styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr

Sample = npt.NDArray[np.float64]
"""A point z, [z_dim]."""
_NO_ANGLE = 1e-6


@dataclass(frozen=True)
class Truncation:
    """Truncation settings: ``psi`` and ``cutoff`` (0: all layers), on ``device``."""

    psi: float
    cutoff: int
    device: torch.device


@lru_cache(maxsize=1024)
def latent(seed: int, size: int) -> Sample:
    """The sample for ``seed`` as in all StyleGAN tools, [size]. Cached: a drag needs the same ones again."""
    sample: Sample = np.random.RandomState(seed).randn(size)
    sample.setflags(write=False)
    return sample


def mix_seeds(seeds: Sequence[int], weights: Sequence[float], size: int) -> Sample:
    """The weighted sum of the seeds' samples, rescaled to the length of a normal sample, [size].

    A single seed gives exactly its sample. If all weights are 0, they count as equal.
    """
    if not any(weights):
        weights = [1.0] * len(seeds)
    used = [(seed, weight) for seed, weight in zip(seeds, weights, strict=True) if weight]
    if len(used) == 1:
        return latent(used[0][0], size)
    total = sum((latent(seed, size) * weight for seed, weight in used), np.zeros(size))
    return total * (float(np.sqrt(size)) / max(float(np.linalg.norm(total)), 1e-12))


def slerp(start: Sample, end: Sample, share: float) -> Sample:
    """The point at ``share`` of the way from ``start`` to ``end`` on the arc between them.

    A straight line would pass near the centre of the sphere, where samples never are, and speed up there. Equal points
    give that point; for opposite ones, where all arcs are equally short, it is always the same arc.
    """
    near, far = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    a, angle = start / near, _angle(start, end)
    if angle < _NO_ANGLE:
        return start + (end - start) * share
    if np.pi - angle < _NO_ANGLE:
        axis: Sample = np.zeros_like(a)
        axis[np.argmin(np.abs(a))] = 1
        side: Sample = axis - a * np.dot(a, axis)
        side /= float(np.linalg.norm(side))
        length = near * (1 - share) + far * share
        turned: Sample = a * float(np.cos(np.pi * share)) + side * float(np.sin(np.pi * share))
        return turned * length
    first, second = _shares(angle, share)
    return start * first + end * second


def arc(start: Sample, end: Sample, share: float) -> tuple[float, float] | None:
    """The weights of both ends in ``slerp``; None if it isn't a combination of the two alone."""
    angle = _angle(start, end)
    if angle < _NO_ANGLE:
        return 1 - share, share
    return None if np.pi - angle < _NO_ANGLE else _shares(angle, share)


def _shares(angle: float, share: float) -> tuple[float, float]:
    sine = float(np.sin(angle))
    return float(np.sin((1 - share) * angle) / sine), float(np.sin(share * angle) / sine)


def _angle(start: Sample, end: Sample) -> float:
    a, b = start / float(np.linalg.norm(start)), end / float(np.linalg.norm(end))
    return float(np.arccos(np.clip(np.dot(a, b), -1, 1)))


def bands(layers: int, resolution: int) -> tuple[slice, slice, slice]:
    """Which of the ``layers`` styles are coarse, middle and fine.

    As in the StyleGAN papers: coarse are the layers of 4 and 8 pixels, middle those of 16 and 32, fine the rest. In
    StyleGAN2 these are layers 0-2, 3-6 and 7 on (one at 4 pixels, then two per resolution, and the last toRGB).
    Networks below 64 pixels, which have hardly any fine layers, and those without fixed layer resolutions are split
    into thirds.
    """
    sized = layers == 2 * (resolution.bit_length() - 1) - 2
    first, second = (3, 7) if sized and resolution >= 64 else (round(layers / 3), round(2 * layers / 3))
    return slice(0, first), slice(first, second), slice(second, layers)


@torch.inference_mode()
def styles(
    generator: Any, points: Sequence[Sequence[Sample]], look: Truncation, labels: Sequence[int] | None = None
) -> Tensor:
    """Styles [N, num_ws, w_dim] of points, each a z for the coarse, the middle and the fine layers.

    ``labels``: the class of each point, for conditional models; None is the first for all. All samples go through the
    mapping in one batch, identical arrays only once.
    """
    labels = labels if labels is not None else [0] * len(points)
    places: dict[tuple[int, int], int] = {}
    samples: list[Sample] = []
    for key, z in (((id(z), label), z) for point, label in zip(points, labels, strict=True) for z in point):
        if key not in places:
            places[key] = len(samples)
            samples.append(z)
    batch = torch.from_numpy(np.stack(samples)).to(look.device, torch.float32)
    classes = one_hot([label for _, label in places], generator.c_dim, look.device) if generator.c_dim else None
    w: Tensor = generator.mapping(batch, classes, psi=look.psi, cutoff=look.cutoff or None)
    parts = [
        w[[places[id(point[band]), label] for point, label in zip(points, labels, strict=True)], layers]
        for band, layers in enumerate(bands(generator.num_ws, generator.resolution))
    ]
    return torch.cat(parts, dim=1)


def one_hot(labels: Sequence[int], count: int, device: torch.device) -> Tensor:
    """[N, count] with a 1 at each label. Raises StudioError for one that the model doesn't have."""
    if bad := [label for label in labels if not 0 <= label < count]:
        raise StudioError(
            tr("This model has no class {label}: its classes are 0 to {last}.", label=bad[0], last=count - 1)
        )
    return torch.eye(count, device=device)[list(labels)]

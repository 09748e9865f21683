"""Computes the styles of points with a generator."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part
from studio.ml.directions import directions_of
from studio.ml.latents import Sample, Truncation, arc, latent, mix_seeds, slerp, styles

NO_SLOTS = (-1, -1, -1)
Samples = tuple[Sample, Sample, Sample]
"""The samples z for the coarse, the middle and the fine styles."""


class Composer:
    """Computes styles w+ [N, num_ws, w_dim], on the device of ``look``.

    ``slots``: seeds for the coarse, the middle and the fine styles of points without their own; -1 means none. All
    methods raise StudioError for an invalid point, or one for a model of another shape.
    """

    def __init__(self, generator: Any, look: Truncation, slots: tuple[int, int, int] = NO_SLOTS) -> None:
        self._generator, self._look, self._slots = generator, look, slots

    @torch.inference_mode()
    def styles(self, blends: Sequence[LatentPoint]) -> Tensor:
        """The styles of ``blends``; all seeds go through the mapping in one batch."""
        parts = [part for blend in blends for part in (blend.base, *blend.parts)]
        seeded = [samples for blend in blends for samples in self._samples(blend)]
        labels = [part.label for part in parts if not part.styles]
        mapped = iter(styles(self._generator, seeded, self._look, labels)) if seeded else iter(())
        made = iter([self._kept(part) if part.styles else next(mapped) for part in parts])
        return torch.stack([self._sum(blend, made) for blend in blends])

    @torch.inference_mode()
    def between(
        self, a: LatentPoint, b: LatentPoint, shares: Sequence[float], space: str = "z", path: str = "spherical"
    ) -> Tensor:
        """Styles at each of ``shares`` of the way from ``a`` to ``b``: an arc ("spherical"), or a line ("linear").

        "z" interpolates between seeds, so that each point of the arc is a likely sample; points not made of seeds alone
        go straight through w+ instead. In "w" and "w+" the arc is around the average style: in "w" all layers as one
        vector, in "w+" each layer by its own angle.
        """
        if space == "z" and _only_seeds(a) and _only_seeds(b) and a.label == b.label:
            (start,), (end,) = self._samples(a), self._samples(b)
            points = [_on_the_way(start, end, share, path) for share in shares]
            return styles(self._generator, points, self._look, [a.label] * len(points))
        first, last = self.styles((a, b))
        if space == "z" or path == "linear":
            return torch.stack([first.lerp(last, share) for share in shares])
        mean = self._generator.mapping.w_avg
        dims = (0, 1) if space == "w" else (1,)
        return torch.stack([mean + rotate(first - mean, last - mean, share, dims) for share in shares])

    def mixed_point(self, a: LatentPoint, b: LatentPoint, share: float, path: str) -> LatentPoint | None:
        """The point that ``between`` passes in "z", as seeds and weights; None if it can't be expressed that way."""
        if a.label != b.label or not (_is_mixed(a) and _is_mixed(b)):
            return None
        (start, *_), (end, *_) = self._samples(a)[0], self._samples(b)[0]
        shares = arc(start, end, share) if path == "spherical" else (1 - share, share)
        if shares is None:
            return None
        weights = [
            weight * own * float(np.linalg.norm(z)) / _length(blend, self._generator.z_dim)
            for blend, z, own in ((a, start, shares[0]), (b, end, shares[1]))
            for weight in blend.weights
        ]
        return LatentPoint((*a.seeds, *b.seeds), tuple(weights), label=a.label)

    def _samples(self, blend: LatentPoint) -> list[Samples]:
        """The samples of those parts of ``blend`` that are made of seeds; common slots replace the base's."""
        found = [] if blend.styles else [self._triple(blend.base, self._slots)]
        return found + [self._triple(part, NO_SLOTS) for part in blend.parts if not part.styles]

    def _triple(self, part: Part, given: tuple[int, int, int]) -> Samples:
        own = (part.coarse, part.middle, part.fine)
        slots = [mine if mine >= 0 else other for mine, other in zip(own, given, strict=True)]
        if len(part.seeds) != len(part.weights) or not part.seeds:
            raise StudioError(tr("A point needs at least one seed, and one weight per seed."))
        if bad := [seed for seed in (*part.seeds, *slots) if not -1 <= seed < 2**32]:
            raise StudioError(tr("{seed} is not a seed: seeds are whole numbers from 0 to 4294967295.", seed=bad[0]))
        size = self._generator.z_dim
        z = mix_seeds(part.seeds, part.weights, size)
        coarse, middle, fine = (latent(seed, size) if seed >= 0 else z for seed in slots)
        return coarse, middle, fine

    def _kept(self, part: Part) -> Tensor:
        """The stored styles of ``part``, [num_ws, w_dim]."""
        return self._numbers(part.styles, "<f2", (self._generator.num_ws, self._generator.w_dim))

    def _numbers(self, data: bytes, kind: str, shape: tuple[int, ...]) -> Tensor:
        try:
            numbers = np.frombuffer(data, kind).reshape(shape).astype(np.float32)
        except ValueError as error:
            raise StudioError(tr("This point was made with another model. Choose that model to see it.")) from error
        return torch.from_numpy(numbers).to(self._look.device)

    def _sum(self, blend: LatentPoint, made: Iterator[Tensor]) -> Tensor:
        w = torch.zeros(self._generator.num_ws, self._generator.w_dim, device=self._look.device)
        for part in (blend.base, *blend.parts):
            w = w + self._by_layer(part.layer_weights) * next(made)
        for move in blend.moves:
            end = self._generator.num_ws if move.last < 0 else min(move.last + 1, self._generator.num_ws)
            if move.first < end:
                w[move.first : end] += move.amount * self._direction(move, blend.label, end)[move.first : end]
        return w

    def _by_layer(self, share: Sequence[float]) -> Tensor | float:
        if len(share) == 1:
            return share[0]
        if len(share) != self._generator.num_ws:
            raise StudioError(tr("This point was made with another model. Choose that model to see it."))
        return torch.tensor(share, device=self._look.device)[:, None]

    def _direction(self, move: DirectionOffset, label: int, end: int) -> Tensor:
        """One standard deviation along the direction, [num_ws, w_dim]; ``end`` is the layer after its last."""
        layers, size = self._generator.num_ws, self._generator.w_dim
        if move.kind == "own":
            each = len(move.vector) == 4 * layers * size
            return self._numbers(move.vector, "<f4", (layers if each else 1, size)).expand(layers, -1)
        known = directions_of(self._generator, label)
        first, last = move.basis or (move.first, end - 1)
        last = layers - 1 if last < 0 else min(last, layers - 1)
        if move.index >= size or not 0 <= first <= last:
            raise StudioError(tr("This point was made with another model. Choose that model to see it."))
        axes = known.pca if move.kind == "pca" else known.sefa(first, last)
        vector = axes.vectors[move.index] * axes.sigma[move.index]
        return vector.to(self._look.device, torch.float32).expand(layers, -1)


def _only_seeds(blend: LatentPoint) -> bool:
    return not blend.styles and not blend.parts and not blend.moves and blend.layer_weights == (1.0,)


def _is_mixed(blend: LatentPoint) -> bool:
    """Whether it is one sample for all layers, given by its seeds' weights."""
    return _only_seeds(blend) and blend.base.slots == NO_SLOTS and min(blend.weights) > 0


def _length(blend: LatentPoint, size: int) -> float:
    """The length of the weighted sum of the seeds' samples, before rescaling."""
    pairs = zip(blend.seeds, blend.weights, strict=True)
    return max(float(np.linalg.norm(sum(latent(seed, size) * weight for seed, weight in pairs))), 1e-12)


def point_of(w: Tensor, label: int) -> LatentPoint:
    """The point whose styles are ``w`` [num_ws, w_dim]."""
    return LatentPoint(styles=w.cpu().numpy().astype("<f2").tobytes(), label=label)


def rotate(start: Tensor, end: Tensor, share: float, dims: tuple[int, ...]) -> Tensor:
    """The point at ``share`` of the arc around 0 from ``start`` to ``end``, which are vectors along ``dims``.

    Where the arc is undefined, between equal or opposite vectors or from 0, it is a straight line.
    """
    a, b = start.double(), end.double()
    near, far = (torch.linalg.vector_norm(end, dim=dims, keepdim=True) for end in (a, b))
    lengths = near * far
    angle = ((a * b).sum(dims, keepdim=True) / lengths.clamp_min(1e-12)).clamp(-1, 1).arccos()
    sine = angle.sin()
    arc = (((1 - share) * angle).sin() * a + (share * angle).sin() * b) / sine.clamp_min(1e-6)
    return torch.where((sine > 1e-6) & (lengths > 1e-12), arc, a.lerp(b, share)).to(start.dtype)


def _on_the_way(start: Samples, end: Samples, share: float, path: str) -> Samples:
    """Interpolate at ``share``; what is one sample at both ends stays one, so that it is mapped once."""
    made: dict[tuple[int, int], Sample] = {}
    for a, b in zip(start, end, strict=True):
        if (id(a), id(b)) not in made:
            made[id(a), id(b)] = slerp(a, b, share) if path == "spherical" else a + (b - a) * share
    coarse, middle, fine = (made[id(a), id(b)] for a, b in zip(start, end, strict=True))
    return coarse, middle, fine

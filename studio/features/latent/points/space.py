"""The plane of seeds: which seed is where, and interpolation between four of them. Plain arithmetic."""

import math

import msgspec

from studio.features.latent.points.point import LatentPoint

ROW = 1024
"""Seeds per row of the plane: right of seed 7 is 8, below it 7 + ROW."""
SEEDS = 2**32
_STEPS = {0: (0, 0), 1: (1, 0), ROW - 1: (-1, 1), ROW: (0, 1), ROW + 1: (1, 1)}
"""Steps from the first of a point's seeds to the others: columns and rows."""


def seed_at(column: int, row: int) -> int:
    """The seed of a cell; the plane is unbounded."""
    return (column + row * ROW) % SEEDS


def place_of(seed: int) -> tuple[float, float]:
    """The position of ``seed``."""
    return float(seed % ROW), float(seed // ROW)


def at_place(point: LatentPoint, x: float, y: float) -> LatentPoint:
    """``point`` with its base moved to ``x``, ``y``: the four surrounding seeds, interpolated bilinearly.

    Exactly on a cell it is that seed alone. Style-mixing seeds, offsets and the class stay; mixed parts are dropped.
    """
    column, row = math.floor(x), math.floor(y)
    right, down = x - column, y - row
    shares = {
        seed_at(column, row): (1 - right) * (1 - down),
        seed_at(column + 1, row): right * (1 - down),
        seed_at(column, row + 1): (1 - right) * down,
        seed_at(column + 1, row + 1): right * down,
    }
    kept = {seed: share for seed, share in shares.items() if share > 1e-4}
    base = {"seeds": tuple(kept), "weights": tuple(kept.values()), "styles": b"", "layer_weights": (1.0,), "parts": ()}
    return msgspec.structs.replace(point, **base)


def place_at(blend: LatentPoint) -> tuple[float, float] | None:
    """The position of ``blend``, if ``at_place`` made it or it is a seed; None for a point outside the plane."""
    if (
        blend.styles
        or blend.parts
        or not blend.seeds
        or len(blend.seeds) != len(blend.weights)
        or not sum(blend.weights) > 0
    ):
        return None
    x, y = place_of(blend.seeds[0])
    for seed, weight in zip(blend.seeds, blend.weights, strict=True):
        step = _STEPS.get((seed - blend.seeds[0]) % SEEDS)
        if step is None:
            return None
        share = weight / sum(blend.weights)
        x, y = x + step[0] * share, y + step[1] * share
    return x, y

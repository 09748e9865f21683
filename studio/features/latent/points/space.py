"""The plane of seeds: which seed lies where, and what lies between four of them. Plain arithmetic."""

import math

import msgspec

from studio.features.latent.points.point import Blend

ROW = 1024
"""Seeds in a row of the plane: the one right of seed 7 is 8, the one below it 7 + ROW."""
SEEDS = 2**32
_STEPS = {0: (0, 0), 1: (1, 0), ROW - 1: (-1, 1), ROW: (0, 1), ROW + 1: (1, 1)}
"""From the first of a point's seeds to another one: columns and rows."""


def seed_at(column: int, row: int) -> int:
    """The seed of a cell; the plane has no edge."""
    return (column + row * ROW) % SEEDS


def place_of(seed: int) -> tuple[float, float]:
    """Where ``seed`` lies."""
    return float(seed % ROW), float(seed // ROW)


def at_place(point: Blend, x: float, y: float) -> Blend:
    """``point`` with its base moved to ``x``, ``y``: the four seeds around it, each the more the nearer it is.

    That is bilinear; on a cell it is that seed alone. Seeds by band, moves and the class stay; what was mixed in goes.
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
    base = {"seeds": tuple(kept), "weights": tuple(kept.values()), "styles": b"", "share": (1.0,), "parts": ()}
    return msgspec.structs.replace(point, **base)


def place_at(blend: Blend) -> tuple[float, float] | None:
    """Where ``blend`` lies, if ``at_place`` made it or it is a seed; None for a point that is not of the plane."""
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

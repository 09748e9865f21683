"""Combinations of points: mixing by layer, arithmetic, averages, and breeding. Plain values, no model needed."""

import itertools
import random
from collections.abc import Sequence
from typing import Literal

import msgspec

from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part

LayerWeights = tuple[float, ...]
"""The weight of a point: one number for all layers, or one per layer."""
ALL: LayerWeights = (1.0,)
LEAST = 1e-6
"""Weights below this are dropped."""


def combine(terms: Sequence[tuple[LatentPoint, LayerWeights]]) -> LatentPoint:
    """The weighted sum of points in w. Parts that several points share are merged."""
    shares: dict[Part, LayerWeights] = {}
    moves: dict[DirectionOffset, float] = {}
    for blend, share in terms:
        for part in (blend.base, *blend.parts):
            key = msgspec.structs.replace(part, layer_weights=ALL)
            shares[key] = plus(shares.get(key, (0.0,)), times(part.layer_weights, share))
        for move in blend.moves:
            for piece in _by_layers(move, share):
                key_of_move = msgspec.structs.replace(piece, amount=0.0)
                moves[key_of_move] = moves.get(key_of_move, 0.0) + piece.amount
    parts = [
        msgspec.structs.replace(part, layer_weights=_shortest(share))
        for part, share in shares.items()
        if any(map(_counts, share))
    ]
    first, *others = parts or [Part((0,), (1.0,), layer_weights=(0.0,))]
    kept = [msgspec.structs.replace(move, amount=amount) for move, amount in moves.items() if _counts(amount)]
    return LatentPoint(**msgspec.structs.asdict(first), parts=tuple(others), moves=tuple(kept))


def by_layer(sources: Sequence[LatentPoint], rows: Sequence[int]) -> LatentPoint:
    """Each layer from one of ``sources``: ``rows`` has the source's index for each layer."""
    shares = [tuple(float(row == number) for row in rows) for number in range(len(sources))]
    return combine(list(zip(sources, shares, strict=True)))


def arithmetic(a: LatentPoint, b: LatentPoint, c: LatentPoint, amount: float = 1.0) -> LatentPoint:
    """A + amount * (B - C)."""
    return combine([(a, ALL), (b, (amount,)), (c, (-amount,))])


def average(points: Sequence[LatentPoint]) -> LatentPoint:
    """The mean of ``points`` in w."""
    return combine([(point, (1 / len(points),)) for point in points])


Crossing = Literal["layers", "blend", "both"]


def children(
    parents: Sequence[LatentPoint], count: int, crossing: Crossing, mutation: float, layers: int, seed: int
) -> list[LatentPoint]:
    """``count`` children of two or more parents, deterministic for a ``seed``.

    "layers" takes each layer from one parent, "blend" mixes all layers alike, "both" mixes each layer separately.
    ``mutation`` is the weight of an added difference of two random seeds, which has zero mean.
    """
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        child = combine(list(zip(parents, _shares(len(parents), crossing, layers, chance), strict=True)))
        if mutation:
            there, back = (LatentPoint((chance.randrange(2**32),)) for _ in range(2))
            child = arithmetic(child, there, back, mutation)
        made.append(child)
    return made


def _shares(parents: int, crossing: Crossing, layers: int, chance: random.Random) -> list[LayerWeights]:
    """The weight of each parent; they sum to 1 in every layer."""
    if crossing == "layers":
        rows = [chance.randrange(parents) for _ in range(layers)]
        return [tuple(float(row == parent) for row in rows) for parent in range(parents)]
    columns = []
    for _ in range(layers if crossing == "both" else 1):
        drawn = [chance.random() + LEAST for _ in range(parents)]
        columns.append([one / sum(drawn) for one in drawn])
    return [tuple(column[parent] for column in columns) for parent in range(parents)]


def times(a: LayerWeights, b: LayerWeights) -> LayerWeights:
    """Layer by layer."""
    return tuple(x * y for x, y in _pair(a, b))


def plus(a: LayerWeights, b: LayerWeights) -> LayerWeights:
    """Layer by layer."""
    return tuple(x + y for x, y in _pair(a, b))


def _shortest(share: LayerWeights) -> LayerWeights:
    """One number if all layers have the same."""
    return share[:1] if len(set(share)) == 1 else share


def _pair(a: LayerWeights, b: LayerWeights) -> list[tuple[float, float]]:
    layers = max(len(a), len(b))
    return list(zip(*(share * layers if len(share) == 1 else share for share in (a, b)), strict=True))


def _by_layers(move: DirectionOffset, share: LayerWeights) -> list[DirectionOffset]:
    """``move`` weighted by ``share``: split into several if layers have different weights, one per run of equal ones.

    All keep the direction of the whole.
    """
    if len(set(share)) == 1:
        return [msgspec.structs.replace(move, amount=move.amount * share[0])]
    last = len(share) - 1 if move.last < 0 else min(move.last, len(share) - 1)
    if move.kind == "sefa":
        move = msgspec.structs.replace(move, basis=move.basis or (move.first, last))
    pieces = []
    for amount, group in itertools.groupby(range(move.first, last + 1), key=lambda layer: share[layer]):
        inside = list(group)
        pieces.append(msgspec.structs.replace(move, amount=move.amount * amount, first=inside[0], last=inside[-1]))
    return pieces


def _counts(number: float) -> bool:
    return abs(number) >= LEAST

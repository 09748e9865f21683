"""Operations on a point's direction offsets."""

from collections.abc import Iterable

from studio.features.latent.points.point import DirectionOffset


def same_direction(a: DirectionOffset, b: DirectionOffset) -> bool:
    """Whether both have the same direction, in any layers and by any amount."""
    return (a.kind, a.index, a.vector) == (b.kind, b.index, b.vector)


def find_offset(moves: Iterable[DirectionOffset], like: DirectionOffset) -> DirectionOffset | None:
    """The first offset with the direction of ``like``."""
    return next((move for move in moves if same_direction(move, like)), None)


def with_offset(moves: Iterable[DirectionOffset], new: DirectionOffset) -> tuple[DirectionOffset, ...]:
    """``moves`` with ``new`` instead of the first one with the same direction; an amount of 0 removes it."""
    kept = list(moves)
    place = next((place for place, move in enumerate(kept) if same_direction(move, new)), len(kept))
    kept[place : place + 1] = [new] if new.amount else []
    return tuple(kept)

"""The moves of a point: at most one along each direction."""

from collections.abc import Iterable

from studio.features.latent.point import Move


def same_direction(a: Move, b: Move) -> bool:
    """Whether both go along one direction, however far and in whatever layers."""
    return (a.kind, a.index, a.vector) == (b.kind, b.index, b.vector)


def find_move(moves: Iterable[Move], like: Move) -> Move | None:
    """The move along the direction of ``like``."""
    return next((move for move in moves if same_direction(move, like)), None)


def with_move(moves: Iterable[Move], new: Move) -> tuple[Move, ...]:
    """``moves`` with ``new`` in the place of the one along the same direction; a way of 0 is none."""
    kept, placed = [], False
    for move in moves:
        if not same_direction(move, new):
            kept.append(move)
        elif not placed:
            kept.append(new)
            placed = True
    whole = kept if placed else [*kept, new]
    return tuple(move for move in whole if move.amount or move is not new)

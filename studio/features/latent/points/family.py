"""A family tree of points, generation by generation. Children are recomputed from their parents."""

from functools import cached_property
from typing import Annotated

import msgspec
from msgspec import Meta

from studio.features.latent.points.mixture import Crossing, children
from studio.features.latent.points.point import LatentPoint

LITTER = 12
"""Children per generation."""
MOST = 100
"""Generations at most: each child is a sum over all its ancestors."""


class Generation(msgspec.Struct, frozen=True):
    """Children of ``parents`` (member numbers); ``founders`` join the family with this generation.

    A member's number is its position in the family: each generation's founders, then its children.
    """

    founders: tuple[LatentPoint, ...]
    parents: tuple[Annotated[int, Meta(ge=0)], ...]
    crossing: Crossing
    mutation: float
    layers: Annotated[int, Meta(ge=1, le=64)]
    seed: int


class Family(msgspec.Struct, frozen=True, dict=True):
    """All generations, the oldest first."""

    generations: Annotated[tuple[Generation, ...], Meta(max_length=MOST)] = ()

    @cached_property
    def members(self) -> tuple[LatentPoint, ...]:
        """Every member by number. Raises ValueError if a generation has parents from a later one."""
        found: list[LatentPoint] = []
        for one in self.generations:
            found += one.founders
            if not one.parents or max(one.parents) >= len(found):
                raise ValueError("a child is older than its parents")
            parents = [found[number] for number in one.parents]
            found += children(parents, LITTER, one.crossing, one.mutation, one.layers, one.seed)
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """The rows of the tree: each generation's founders, if any, and its children, by number."""
        rows: list[tuple[int, ...]] = []
        start = 0
        for one in self.generations:
            for count in (len(one.founders), LITTER):
                if count:
                    rows.append(tuple(range(start, start + count)))
                start += count
        return tuple(rows)

    def parents_of(self, number: int) -> tuple[int, ...]:
        """The numbers of a member's parents; empty for a founder."""
        start = 0
        for one in self.generations:
            start += len(one.founders)
            if start <= number < start + LITTER:
                return one.parents
            start += LITTER
        return ()

    def ancestors_of(self, number: int) -> set[int]:
        """Its parents, theirs, and so on."""
        found: set[int] = set()
        waiting = [number]
        while waiting:
            for parent in self.parents_of(waiting.pop()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    def litter(self, generation: int) -> tuple[int, ...]:
        """The numbers of the children of a generation."""
        end = sum(len(one.founders) + LITTER for one in self.generations[: generation + 1])
        return tuple(range(end - LITTER, end))

    def breed(
        self, parents: tuple[LatentPoint, ...], crossing: Crossing, mutation: float, layers: int, seed: int
    ) -> "Family":
        """The family with another generation; parents from outside join it."""
        known = {point: number for number, point in enumerate(self.members)}
        founders = tuple(dict.fromkeys(point for point in parents if point not in known))
        known |= {point: len(self.members) + place for place, point in enumerate(founders)}
        numbers = tuple(known[point] for point in parents)
        return Family((*self.generations, Generation(founders, numbers, crossing, mutation, layers, seed)))

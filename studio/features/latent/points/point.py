"""A point of the latent space: a plain value from which its picture can be made again."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from studio.core import declare
from studio.core.facts import Facts


class Part(msgspec.Struct, frozen=True):
    """A part of a point: seeds mixed in z, or stored styles, and its weight in each layer.

    z is the weighted sum of the seeds' latents, rescaled to the length of a normal sample; each seed's latent is
    ``numpy.random.RandomState(seed).randn(z_dim)``, as in the StyleGAN tools. ``styles``, if not empty, are used
    instead: w+ as little-endian float16, [num_ws, w_dim] row by row, without truncation. ``layer_weights`` has one
    number for all layers, or one per layer; ``label`` is the class of a conditional model. ``coarse``, ``middle`` and
    ``fine`` name a seed whose styles replace those of the seeds in these layers; -1 means none.
    """

    seeds: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    styles: bytes = b""
    layer_weights: tuple[float, ...] = msgspec.field(default=(1.0,), name="share")
    label: int = 0
    coarse: int = -1
    middle: int = -1
    fine: int = -1

    @property
    def slots(self) -> tuple[int, int, int]:
        """The seeds by band."""
        return self.coarse, self.middle, self.fine


class DirectionOffset(msgspec.Struct, frozen=True):
    """An offset along a direction of w, by ``amount`` standard deviations, in the layers ``first`` to ``last``.

    "pca" is the principal component ``index`` of w, counted from 0; "sefa" is SeFa's direction ``index`` for these
    layers, or for those from the first to the last of ``basis``; both come from the model. A person's "own" direction
    has its ``vector``: little-endian float32 [w_dim], or one row per layer [num_ws, w_dim], with the length of one
    standard deviation. ``last`` -1 is the last layer.
    """

    kind: Literal["pca", "sefa", "own"] = "own"
    amount: float = 0.0
    first: Annotated[int, Meta(ge=0, le=64)] = 0
    last: Annotated[int, Meta(ge=-1, le=64)] = -1
    vector: bytes = b""
    index: Annotated[int, Meta(ge=0, le=16384)] = 0
    basis: tuple[int, int] | None = None


class LatentPoint(msgspec.Struct, frozen=True):
    """A point: a base, which is the first of its parts (see ``Part``), and changes to its styles.

    w = layer_weights * base + the sum of ``parts`` with their weights + the sum of ``moves``, in each layer. So
    mixtures by layer, A + (B - C), averages, children of parents and their mutations are all points.
    """

    seeds: tuple[int, ...] = (0,)
    weights: tuple[float, ...] = (1.0,)
    coarse: int = -1
    middle: int = -1
    fine: int = -1
    styles: bytes = b""
    layer_weights: tuple[float, ...] = msgspec.field(default=(1.0,), name="share")
    label: int = 0
    parts: tuple[Part, ...] = ()
    moves: tuple[DirectionOffset, ...] = ()

    @property
    def base(self) -> Part:
        """The base as the first of the parts."""
        return Part(
            self.seeds, self.weights, self.styles, self.layer_weights, self.label, self.coarse, self.middle, self.fine
        )

    @property
    def anywhere(self) -> bool:
        """Whether it is valid for any model: without styles, classes, directions and per-layer weights."""
        parts = (self.base, *self.parts)
        return not self.moves and not any(part.styles or part.label or len(part.layer_weights) > 1 for part in parts)

    @property
    def seed(self) -> int | None:
        """The seed that gives exactly this point, for any class; None for a point between seeds, mixed, moved or of
        styles."""
        pairs = [(seed, weight) for seed, weight in zip(self.seeds, self.weights, strict=False) if weight]
        if self.styles or self.parts or self.moves or len({seed for seed, _ in pairs}) != 1:
            return None
        seed = pairs[0][0]
        plain = (
            sum(weight for _, weight in pairs) > 0 and self.layer_weights == (1.0,) and {*self.base.slots} <= {-1, seed}
        )
        return seed if plain else None

    def bare(self, seed: int) -> "LatentPoint":
        """What remains of it for any model: its seeds, or else ``seed``."""
        if self.styles or not self.seeds:
            return LatentPoint((seed,))
        return LatentPoint(self.seeds, self.weights, self.coarse, self.middle, self.fine)


class Scale(msgspec.Struct, frozen=True):
    """A channel of a layer's output, and its scale factor."""

    layer: str
    channel: Annotated[int, Meta(ge=0, le=65535)]
    factor: Annotated[float, Meta(ge=-10, le=10)]


Scales = Annotated[
    tuple[Scale, ...],
    declare.nested("Scales", "Channels to scale, layer by layer, and their factors.", max_length=4096, hidden=True),
]


class PointFacts(Facts, frozen=True):
    """What is known of a picture that has a point of its own."""

    point: LatentPoint | None = None

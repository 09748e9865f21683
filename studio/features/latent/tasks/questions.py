"""What the Latent room asks about its model beside pictures. The answers are shown and used, never kept as files."""

from typing import Annotated, ClassVar

from msgspec import Meta

from studio.core.facts import Facts
from studio.core.task import Task
from studio.features.latent.tasks.latent import LatentTask


class DirectionsFacts(Facts, frozen=True):
    """What is known of a model's directions so far."""

    share: float = 1.0
    """How much of the work is done."""
    key: str = ""
    """A name of the weights."""
    size: int = 0
    """Of w."""
    pca: tuple[float, ...] = ()
    """At the end: the deviations of its components."""


class ActivationsFacts(Facts, frozen=True):
    """What is known of a picture of channels."""

    index: int = 0
    """1 for the one channel in full."""
    inside: tuple[tuple[str, int, int, int], ...] = ()
    """Name, channels, height and width of each layer."""
    layer: int = 0
    """The number of the one that is shown."""
    tile: int = 0
    """A channel's height in the picture."""


class DirectionsTask(Task, frozen=True, kw_only=True):
    """Which directions has the model? They are worked out bit by bit: the answer says how far that is."""

    kind: ClassVar[str] = "directions"
    runner: ClassVar[str] = "studio.features.latent.runs.answers:directions"
    needs = ("latent>image",)
    facts = DirectionsFacts

    label: Annotated[int, Meta(ge=0)] = 0


class WayTask(Task, frozen=True, kw_only=True):
    """Which way leads from the first of the two points of ``of`` to the second?

    The answer's data are its styles, little-endian float32 [num_ws, w_dim].
    """

    kind: ClassVar[str] = "way"
    runner: ClassVar[str] = "studio.features.latent.runs.answers:way"
    needs = ("latent>image",)

    of: LatentTask


class ActivationsTask(Task, frozen=True, kw_only=True):
    """What happens in a ``layer`` while the first point of ``of`` becomes a picture?

    The answer's picture has all channels below each other; ``channel``, where it isn't -1, comes as a second one, in
    full.
    """

    kind: ClassVar[str] = "activations"
    runner: ClassVar[str] = "studio.features.latent.runs.answers:activations"
    needs = ("latent>image",)
    facts = ActivationsFacts

    of: LatentTask
    layer: str = ""
    channel: Annotated[int, Meta(ge=-1)] = -1


QUESTIONS = (DirectionsTask, WayTask, ActivationsTask)

"""What the Latent room asks about its model beside pictures. The answers are shown and used, never kept as files."""

from typing import Annotated, ClassVar

from msgspec import Meta

from studio.core.task import Task
from studio.features.latent.tasks.latent import LatentTask


class DirectionsTask(Task, frozen=True, kw_only=True):
    """Which directions has the model? They are worked out bit by bit: the answer says how far that is.

    Notes: ``share`` (1 at the end), ``key`` (a name of the weights), ``size`` (of w), and at the end ``pca``, the
    deviations of its components.
    """

    kind: ClassVar[str] = "directions"
    runner: ClassVar[str] = "studio.features.latent.runs.answers:directions"
    needs = ("latent>image",)

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
    full. Notes: ``inside`` (name, channels, height and width of each layer), ``layer`` (the number of the one that is
    shown), ``tile`` (a channel's height in the picture).
    """

    kind: ClassVar[str] = "activations"
    runner: ClassVar[str] = "studio.features.latent.runs.answers:activations"
    needs = ("latent>image",)

    of: LatentTask
    layer: str = ""
    channel: Annotated[int, Meta(ge=-1)] = -1


QUESTIONS = (DirectionsTask, WayTask, ActivationsTask)

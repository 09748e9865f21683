"""Two ways to search the latent space: for the point of a given picture, and for one whose things lie elsewhere."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core import declare
from studio.core.task import Task
from studio.features.latent.points.point import LatentPoint, PointFacts
from studio.features.latent.tasks.look import LookTask

Share = Annotated[float, Meta(ge=0, le=1)]
HandleDrag = tuple[Share, Share, Share, Share]
"""A handle's x and y, then its target's: shares of the picture's width and height."""
MOST_DRAGS = 32
MOST_MASK = 512 * 512 // 8
"""Bytes."""


class InvertFacts(PointFacts, frozen=True):
    """What is known of the picture that was found."""

    psnr: float | None = None
    """How near it is to the one that was given, in dB."""
    model: str = ""
    """The address of the tuned model, to which the point belongs then."""


class DragFacts(PointFacts, frozen=True):
    """What is known of a picture on the way, and at its end."""

    handles: tuple[tuple[float, float], ...] = ()
    """Where these are now, as shares of the picture."""
    distance: float | None = None
    """Pixels to the target."""
    arrived: bool | None = None


class InvertTask(Task, frozen=True, kw_only=True):
    """The point in the latent space whose picture is closest to a given one."""

    kind: ClassVar[str] = "invert"
    runner: ClassVar[str] = "studio.features.latent.runs.search:invert"
    needs = ("latent>image",)
    facts = InvertFacts

    image: Annotated[str, declare.input_file("Picture", "The picture to find in the latent space.")] = ""
    steps: Annotated[
        int, declare.number("Steps", "Steps to find one style for all layers.", ge=1, le=5000, step=10)
    ] = 150
    fine: Annotated[
        int,
        declare.number(
            "Fine steps",
            "Then steps to find a style for each layer: closer to the picture, but harder to change.",
            ge=0,
            le=5000,
            step=10,
        ),
    ] = 250
    starts: Annotated[
        int,
        declare.number(
            "Starting points",
            "The number of starting points: the average, and random ones for the rest. The best one continues.",
            ge=1,
            le=16,
            step=1,
        ),
    ] = 4
    tune: Annotated[
        int,
        declare.number(
            "Tuning",
            "Then train a copy of the model on the picture for this many steps; 0 leaves the model unchanged.",
            ge=0,
            le=5000,
            step=10,
        ),
    ] = 0
    folder: Annotated[str, declare.folder("Tuned model", "The folder for the tuned model.")] = ""
    encoder: Annotated[
        str,
        declare.model("Encoder", "Also compare with this picture model's encoder: its folder, or starter:NAME."),
    ] = ""
    noise: Annotated[
        Literal["const", "none"], declare.choice("Noise", "Fine-grained noise: the model's own, or none.")
    ] = "const"
    label: Annotated[int, declare.number("Class", "The class, for models that have several.", ge=0, step=1)] = 0
    seed: Annotated[
        int, declare.seed("Seed", "The seed for all randomness in the search.", ge=0, le=2**32 - 1, step=1)
    ] = 0


class DragTask(LookTask, frozen=True, kw_only=True):
    """The nearest point whose picture has the dragged parts in their new places."""

    kind: ClassVar[str] = "drag"
    runner: ClassVar[str] = "studio.features.latent.runs.search:drag_points"
    facts = DragFacts

    pulls: Annotated[
        tuple[HandleDrag, ...],
        declare.nested(
            "Drags",
            "[[x, y, to x, to y], ...] as fractions of the picture: what is at x, y moves to the other.",
            max_length=MOST_DRAGS,
            hidden=True,
        ),
    ] = ()
    seed: Annotated[int, declare.seed("Seed", "The seed whose picture is dragged.", ge=0, le=2**32 - 1, step=1)] = 0
    point: Annotated[
        LatentPoint | None, declare.nested("Point", "A point to use instead of the seed.", hidden=True)
    ] = None
    mask: Annotated[
        bytes,
        declare.nested(
            "Mask",
            "Where the picture may change: one bit for each cell of a square grid; empty means everywhere.",
            max_length=MOST_MASK,
            hidden=True,
        ),
    ] = b""
    layers: Annotated[
        int,
        declare.number(
            "Layers",
            "Change the styles of this many of the first layers: with few, colours and texture stay.",
            ge=1,
            le=64,
            step=1,
        ),
    ] = 6
    steps: Annotated[int, declare.number("Steps", "Give up after this many steps.", ge=1, le=5000, step=10)] = 200


TASKS = (InvertTask, DragTask)

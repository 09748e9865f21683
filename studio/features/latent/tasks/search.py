"""Two ways to search the latent space: for the point of a given picture, and for one whose things lie elsewhere."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core import declare
from studio.core.task import Task
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.look import LookTask

Share = Annotated[float, Meta(ge=0, le=1)]
HandleDrag = tuple[Share, Share, Share, Share]
"""A handle's x and y, then its target's: shares of the picture's width and height."""
MOST_DRAGS = 32
MOST_MASK = 512 * 512 // 8
"""Bytes."""


class InvertTask(Task, frozen=True, kw_only=True):
    """The point of the latent space whose picture comes nearest to a given one."""

    kind: ClassVar[str] = "invert"
    runner: ClassVar[str] = "studio.features.latent.runs.search:invert"
    needs = ("latent>image",)

    image: Annotated[str, declare.input_file("Picture", "The picture to find in the latent space.")] = ""
    steps: Annotated[int, declare.number("Steps", "For one style of all layers.", ge=1, le=5000, step=10)] = 150
    fine: Annotated[
        int,
        declare.number(
            "Fine steps",
            "Then for a style of each layer: nearer to the picture, but less easily changed.",
            ge=0,
            le=5000,
            step=10,
        ),
    ] = 250
    starts: Annotated[
        int,
        declare.number(
            "Starts",
            "Begin at the average and at so many other places less one; the best one goes on.",
            ge=1,
            le=16,
            step=1,
        ),
    ] = 4
    tune: Annotated[
        int,
        declare.number(
            "Tuning",
            "Then let a copy of the model learn the picture for so many steps; 0 leaves the model alone.",
            ge=0,
            le=5000,
            step=10,
        ),
    ] = 0
    folder: Annotated[str, declare.folder("Tuned model", "The folder for the tuned model.")] = ""
    encoder: Annotated[
        str,
        declare.model("Encoder", "Compare by what this picture model's encoder sees too: its folder, or starter:NAME."),
    ] = ""
    noise: Annotated[Literal["const", "none"], declare.choice("Noise", "The fine grain: the model's own, or none.")] = (
        "const"
    )
    label: Annotated[int, declare.number("Class", "The class, of a model that has several.", ge=0, step=1)] = 0
    seed: Annotated[
        int, declare.seed("Seed", "All chance in the search comes from it.", ge=0, le=2**32 - 1, step=1)
    ] = 0


class DragTask(LookTask, frozen=True, kw_only=True):
    """The nearest point in whose picture some things lie elsewhere."""

    kind: ClassVar[str] = "drag"
    runner: ClassVar[str] = "studio.features.latent.runs.search:drag_points"

    pulls: Annotated[
        tuple[HandleDrag, ...],
        declare.nested(
            "Pulls",
            "[[x, y, to x, to y], ...] in shares of the picture: what is at x, y shall come to the other.",
            max_length=MOST_DRAGS,
            hidden=True,
        ),
    ] = ()
    seed: Annotated[int, declare.seed("Seed", "Whose picture is pulled at.", ge=0, le=2**32 - 1, step=1)] = 0
    point: Annotated[LatentPoint | None, declare.nested("Point", "A point in place of the seed.", hidden=True)] = None
    mask: Annotated[
        bytes,
        declare.nested(
            "Mask",
            "Where the picture may change: one bit for each cell of a square grid. Empty: everywhere.",
            max_length=MOST_MASK,
            hidden=True,
        ),
    ] = b""
    layers: Annotated[
        int,
        declare.number(
            "Layers", "Change the styles of so many first layers: few keep colours and texture.", ge=1, le=64, step=1
        ),
    ] = 6
    steps: Annotated[int, declare.number("Steps", "Give up after so many.", ge=1, le=5000, step=10)] = 200


TASKS = (InvertTask, DragTask)

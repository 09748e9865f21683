"""Two ways to search the latent space: for the point of a given picture, and for one whose things lie elsewhere."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core.task import Task
from studio.features.latent.points.point import Blend
from studio.features.latent.tasks.look import LookTask

Share = Annotated[float, Meta(ge=0, le=1)]
Pull = tuple[Share, Share, Share, Share]
"""A handle's x and y, then its target's: shares of the picture's width and height."""
MOST_PULLS = 32
MOST_MASK = 512 * 512 // 8
"""Bytes."""


class InvertTask(Task, frozen=True, kw_only=True):
    """The point of the latent space whose picture comes nearest to a given one."""

    kind: ClassVar[str] = "invert"
    runner: ClassVar[str] = "studio.features.latent.runs.search:invert"

    image: Annotated[
        str, Meta(title="Picture", description="The picture to find in the latent space.", extra={"widget": "path"})
    ] = ""
    steps: Annotated[
        int,
        Meta(ge=1, le=5000, title="Steps", description="For one style of all layers.", extra={"step": 10}),
    ] = 150
    fine: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            title="Fine steps",
            description="Then for a style of each layer: nearer to the picture, but less easily changed.",
            extra={"step": 10},
        ),
    ] = 250
    starts: Annotated[
        int,
        Meta(
            ge=1,
            le=16,
            title="Starts",
            description="Begin at the average and at so many other places less one; the best one goes on.",
            extra={"step": 1},
        ),
    ] = 4
    tune: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            title="Tuning",
            description="Then let a copy of the model learn the picture for so many steps; 0 leaves the model alone.",
            extra={"step": 10},
        ),
    ] = 0
    folder: Annotated[
        str, Meta(title="Tuned model", description="The folder for the tuned model.", extra={"widget": "path"})
    ] = ""
    encoder: Annotated[
        str,
        Meta(
            title="Encoder",
            description="Compare by what this picture model's encoder sees too: its folder, or starter:NAME.",
            extra={"widget": "line", "names_files": True},
        ),
    ] = ""
    noise: Annotated[
        Literal["const", "none"],
        Meta(title="Noise", description="The fine grain: the model's own, or none."),
    ] = "const"
    label: Annotated[
        int, Meta(ge=0, title="Class", description="The class, of a model that has several.", extra={"step": 1})
    ] = 0
    seed: Annotated[
        int,
        Meta(
            ge=0, le=2**32 - 1, title="Seed", description="All chance in the search comes from it.", extra={"step": 1}
        ),
    ] = 0


class DragTask(LookTask, frozen=True, kw_only=True):
    """The nearest point in whose picture some things lie elsewhere."""

    kind: ClassVar[str] = "drag"
    runner: ClassVar[str] = "studio.features.latent.runs.search:pull"

    pulls: Annotated[
        tuple[Pull, ...],
        Meta(
            max_length=MOST_PULLS,
            title="Pulls",
            description="[[x, y, to x, to y], ...] in shares of the picture: what is at x, y shall come to the other.",
            extra={"widget": "hidden"},
        ),
    ] = ()
    seed: Annotated[
        int, Meta(ge=0, le=2**32 - 1, title="Seed", description="Whose picture is pulled at.", extra={"step": 1})
    ] = 0
    point: Annotated[
        Blend | None, Meta(title="Point", description="A point in place of the seed.", extra={"widget": "hidden"})
    ] = None
    mask: Annotated[
        bytes,
        Meta(
            max_length=MOST_MASK,
            title="Mask",
            description="Where the picture may change: one bit for each cell of a square grid. Empty: everywhere.",
            extra={"widget": "hidden"},
        ),
    ] = b""
    layers: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            title="Layers",
            description="Change the styles of so many first layers: few keep colours and texture.",
            extra={"step": 1},
        ),
    ] = 6
    steps: Annotated[
        int, Meta(ge=1, le=5000, title="Steps", description="Give up after so many.", extra={"step": 10})
    ] = 200


TASKS = (InvertTask, DragTask)

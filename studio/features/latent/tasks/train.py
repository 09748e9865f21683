"""What a person asks of a training."""

from typing import Annotated, ClassVar, Literal

from studio.core import declare
from studio.core.task import Task


class TrainTask(Task, frozen=True, kw_only=True):
    """Train a GAN on a folder of pictures. The same name and settings again go on where it was stopped."""

    kind: ClassVar[str] = "train"
    runner: ClassVar[str] = "studio.features.latent.runs.train:train"

    folder: Annotated[str, declare.folder("Pictures", "The folder to learn from, with all folders in it.")] = ""
    name: Annotated[str, declare.text("Name", "What the model is called.", max_length=80)] = "My GAN"
    resolution: Annotated[
        Literal["16", "32", "64", "128", "256"],
        declare.choice(
            "Size",
            "Edge of the pictures in pixels. Twice as many take about four times as long; without a GPU "
            "64 is realistic.",
        ),
    ] = "64"
    minutes: Annotated[
        int,
        declare.number(
            "Time",
            "How long to train, earlier runs counted in; 0 is until it is paused.",
            ge=0,
            le=100_000,
            step=10,
            unit="min",
            zero="until paused",
        ),
    ] = 60
    thousands: Annotated[
        int,
        declare.number(
            "Pictures shown",
            "End after so many thousand pictures were shown, one counted each time it comes again; 0 is no limit.",
            ge=0,
            le=100_000,
            step=50,
            unit="k",
            zero="no limit",
        ),
    ] = 0
    game: Annotated[
        Literal["non-saturating", "wgan-gp"],
        declare.choice(
            "Loss",
            "Non-saturating with R1, as StyleGAN2 is trained, or Wasserstein with gradient penalty, which "
            "is steadier at times and takes longer.",
        ),
    ] = "non-saturating"
    augment: Annotated[
        bool,
        declare.flag(
            "Adaptive augmentation",
            "Turn, move and tint what the critic sees once it knows the pictures by heart: for small folders.",
        ),
    ] = True
    mirror: Annotated[
        bool,
        declare.flag(
            "Mirror", "Show each picture mirrored as well. Not for writing, or anything that has a left and right."
        ),
    ] = False
    width: Annotated[
        Literal["small", "medium", "large"],
        declare.choice("Network", "Larger ones learn more and are slower: small without a GPU.", more=True),
    ] = "small"
    batch: Annotated[
        int, declare.number("Batch", "Pictures for each step.", ge=4, le=64, multiple_of=4, step=4, more=True)
    ] = 16
    gamma: Annotated[
        float,
        declare.number(
            "R1 weight",
            "How smooth the critic is kept. Raise it when a training goes astray.",
            ge=0,
            le=1000,
            step=0.1,
            more=True,
        ),
    ] = 4.0
    seed: Annotated[int, declare.seed("Seed", "What chance begins with.", ge=0, le=2**31 - 1, step=1, more=True)] = 0
    dry: Annotated[
        bool, declare.flag("Only check", "Check the pictures and estimate the time; train nothing.", hidden=True)
    ] = False


TASKS = (TrainTask,)

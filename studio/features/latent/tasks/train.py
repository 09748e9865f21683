"""What a person asks of a training."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core.task import Task


class TrainTask(Task, frozen=True, kw_only=True):
    """Train a GAN on a folder of pictures. The same name and settings again go on where it was stopped."""

    kind: ClassVar[str] = "train"
    runner: ClassVar[str] = "studio.features.latent.runs.train:train"
    needs_model: ClassVar[bool] = False

    folder: Annotated[
        str,
        Meta(
            title="Pictures",
            description="The folder to learn from, with all folders in it.",
            extra={"widget": "folder"},
        ),
    ] = ""
    name: Annotated[
        str,
        Meta(title="Name", description="What the model is called.", max_length=80, extra={"widget": "line"}),
    ] = "My GAN"
    resolution: Annotated[
        Literal["16", "32", "64", "128", "256"],
        Meta(
            title="Size",
            description="Edge of the pictures in pixels. Twice as many take about four times as long; without a GPU "
            "64 is realistic.",
        ),
    ] = "64"
    minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            title="Time",
            description="How long to train, earlier runs counted in; 0 is until it is paused.",
            extra={"step": 10, "unit": "min", "zero": "until paused"},
        ),
    ] = 60
    thousands: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            title="Pictures shown",
            description="End after so many thousand pictures were shown, one counted each time it comes again; 0 is "
            "no limit.",
            extra={"step": 50, "unit": "k", "zero": "no limit"},
        ),
    ] = 0
    game: Annotated[
        Literal["non-saturating", "wgan-gp"],
        Meta(
            title="Loss",
            description="Non-saturating with R1, as StyleGAN2 is trained, or Wasserstein with gradient penalty, which "
            "is steadier at times and takes longer.",
        ),
    ] = "non-saturating"
    augment: Annotated[
        bool,
        Meta(
            title="Adaptive augmentation",
            description="Turn, move and tint what the critic sees once it knows the pictures by heart: for small "
            "folders.",
        ),
    ] = True
    mirror: Annotated[
        bool,
        Meta(
            title="Mirror",
            description="Show each picture mirrored as well. Not for writing, or anything that has a left and right.",
        ),
    ] = False
    width: Annotated[
        Literal["small", "medium", "large"],
        Meta(
            title="Network",
            description="Larger ones learn more and are slower: small without a GPU.",
            extra={"group": "more"},
        ),
    ] = "small"
    batch: Annotated[
        int,
        Meta(
            ge=4,
            le=64,
            multiple_of=4,
            title="Batch",
            description="Pictures for each step.",
            extra={"step": 4, "group": "more"},
        ),
    ] = 16
    gamma: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            title="R1 weight",
            description="How smooth the critic is kept. Raise it when a training goes astray.",
            extra={"step": 0.1, "group": "more"},
        ),
    ] = 4.0
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**31 - 1,
            title="Seed",
            description="What chance begins with.",
            extra={"step": 1, "group": "more"},
        ),
    ] = 0
    dry: Annotated[
        bool,
        Meta(
            title="Only check",
            description="Check the pictures and estimate the time; train nothing.",
            extra={"widget": "hidden"},
        ),
    ] = False


TASKS = (TrainTask,)

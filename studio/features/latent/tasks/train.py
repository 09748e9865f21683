"""What a person asks of a training."""

from typing import Annotated, Any, ClassVar, Literal

from studio.core import declare
from studio.core.facts import Facts
from studio.core.override import override
from studio.core.task import Task
from studio.core.text import tr


class TrainFacts(Facts, frozen=True):
    """What is known of a training, or of pictures that were only checked."""

    trained: str = ""
    """The address of the model."""
    shown: int | None = None
    """Pictures that were shown."""
    count: int | None = None
    """Pictures that there are."""
    rate: float | None = None
    """Pictures a second."""
    found: tuple[str, ...] = ()
    estimate: tuple[str, ...] = ()

    @override
    def remarks(self) -> list[str]:
        """See ``Facts``."""
        place = [tr("The trained model is {path}", path=self.trained)] if self.trained else []
        return [*self.found, *self.estimate, *place]


class TrainTask(Task, frozen=True, kw_only=True):
    """Train a GAN on a folder of pictures. Use the same name and settings to continue where it stopped."""

    kind: ClassVar[str] = "train"
    runner: ClassVar[str] = "studio.features.latent.runs.train:train"
    current: ClassVar[int] = 2
    facts = TrainFacts

    folder: Annotated[str, declare.folder("Pictures", "The folder to learn from, including its subfolders.")] = ""
    name: Annotated[str, declare.text("Name", "The model's name.", max_length=80)] = "My GAN"
    resolution: Annotated[
        Literal["16", "32", "64", "128", "256"],
        declare.choice(
            "Size",
            "Width and height of the pictures in pixels. Twice the size takes about four times as long; without a "
            "GPU, 64 is realistic.",
        ),
    ] = "64"
    minutes: Annotated[
        int,
        declare.number(
            "Time",
            "How long to train, including earlier runs; 0 means until you pause it.",
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
            "End after showing this many thousand pictures, counting repeats; 0 means no limit.",
            ge=0,
            le=100_000,
            step=50,
            unit="k",
            zero="no limit",
        ),
    ] = 0
    loss: Annotated[
        Literal["non-saturating", "wgan-gp"],
        declare.choice(
            "Loss",
            "Non-saturating with R1, as in StyleGAN2, or Wasserstein with gradient penalty, which is sometimes "
            "more stable but slower.",
        ),
    ] = "non-saturating"
    augment: Annotated[
        bool,
        declare.flag(
            "Adaptive augmentation",
            "Rotate, move and tint what the discriminator sees once it starts to memorise the pictures; for small "
            "folders.",
        ),
    ] = True
    mirror: Annotated[
        bool,
        declare.flag(
            "Mirror", "Also show each picture mirrored. Not for text, or anything where left and right matter."
        ),
    ] = False
    width: Annotated[
        Literal["small", "medium", "large"],
        declare.choice("Network", "Larger networks learn more but are slower; choose small without a GPU.", more=True),
    ] = "small"
    batch: Annotated[
        int, declare.number("Batch", "Pictures per step.", ge=4, le=64, multiple_of=4, step=4, more=True)
    ] = 16
    gamma: Annotated[
        float,
        declare.number(
            "R1 weight",
            "How strongly the discriminator is kept smooth. Raise it if the training diverges.",
            ge=0,
            le=1000,
            step=0.1,
            more=True,
        ),
    ] = 4.0
    seed: Annotated[
        int, declare.seed("Seed", "The seed for everything random.", ge=0, le=2**31 - 1, step=1, more=True)
    ] = 0
    dry: Annotated[
        bool, declare.flag("Only check", "Check the pictures and estimate the time, without training.", hidden=True)
    ] = False

    @override
    @classmethod
    def upgrade(cls, data: dict[str, Any], version: int) -> dict[str, Any]:
        """The first version called the loss the game."""
        return {"loss" if name == "game" else name: value for name, value in data.items()} if version < 2 else data


TASKS = (TrainTask,)

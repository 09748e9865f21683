"""What a person asks of the Image room."""

from typing import Annotated, ClassVar

from studio.core import declare
from studio.core.abilities import PICTURES, Can
from studio.core.override import override
from studio.core.task import Task, hold_seed


class ImageTask(Task, frozen=True, kw_only=True):
    """Pictures from text, or from a picture and text."""

    kind: ClassVar[str] = "image"
    runner: ClassVar[str] = "studio.features.image.runs.image:generate"
    needs = PICTURES

    prompt: Annotated[str, declare.prompt("Prompt", "What the picture shows.")] = ""
    negative: Annotated[str, declare.negative_prompt("Negative prompt", "What to avoid.")] = ""
    width: Annotated[
        int, declare.number("Width", "Width of the picture.", ge=16, le=8192, step=8, unit="px", look="size")
    ] = 128
    height: Annotated[
        int, declare.number("Height", "Height of the picture.", ge=16, le=8192, step=8, unit="px", look="size")
    ] = 128
    steps: Annotated[
        int, declare.number("Steps", "More steps take longer and show finer detail.", ge=1, le=150, step=1)
    ] = 20
    guidance: Annotated[
        float, declare.number("Guidance", "How closely the picture follows the prompt.", ge=0, le=30, step=0.5)
    ] = 4.0
    scheduler: Annotated[
        str,
        declare.choice(
            "Scheduler",
            "The method that turns noise into a picture; leave it empty to use the model's own.",
            look="scheduler",
            more=True,
        ),
    ] = ""
    seed: Annotated[
        int,
        declare.seed(
            "Seed", "The same seed and settings give the same picture; -1 picks a new seed.", ge=-1, look="seed"
        ),
    ] = -1
    count: Annotated[
        int,
        declare.number("Images", "How many pictures to make; the seed goes up by one for each.", ge=1, le=64, step=1),
    ] = 1
    image: Annotated[
        str, declare.input_file("Start picture", "A picture to start from (image to image).", more=True)
    ] = ""
    strength: Annotated[
        float,
        declare.number(
            "Strength", "How far the result may differ from the start picture.", ge=0.05, le=1, step=0.05, more=True
        ),
    ] = 0.6
    crop_x: Annotated[
        float,
        declare.number(
            "Crop, across",
            "Which part of a start picture that is too wide is used: 0 its left, 0.5 its middle, 1 its right.",
            ge=0,
            le=1,
            more=True,
            hidden=True,
        ),
    ] = 0.5
    crop_y: Annotated[
        float,
        declare.number(
            "Crop, down",
            "Which part of a start picture that is too tall is used: 0 its top, 0.5 its middle, 1 its bottom.",
            ge=0,
            le=1,
            more=True,
            hidden=True,
        ),
    ] = 0.5

    def __post_init__(self) -> None:
        hold_seed(self.seed)

    @override
    def needed(self) -> tuple[Can, ...]:
        """A refiner improves pictures only, and not every model can start from one."""
        return ("image>image",) if self.image else ("text>image",)


TASKS = (ImageTask,)

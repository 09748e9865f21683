"""What a person asks of the Image room."""

from typing import Annotated, ClassVar

from msgspec import Meta

from studio.core.task import LAST_SEED, Task, hold_seed


class ImageTask(Task, frozen=True, kw_only=True):
    """Pictures from words, or from a picture and words."""

    kind: ClassVar[str] = "image"
    runner: ClassVar[str] = "studio.features.image.runs.image:generate"

    prompt: Annotated[str, Meta(title="Prompt", description="What the picture shows.", extra={"widget": "prompt"})] = ""
    negative: Annotated[str, Meta(title="Negative prompt", description="What to avoid.", extra={"widget": "line"})] = ""
    width: Annotated[
        int,
        Meta(
            ge=16,
            le=8192,
            title="Width",
            description="Width of the picture.",
            extra={"unit": "px", "step": 8, "widget": "size"},
        ),
    ] = 128
    height: Annotated[
        int,
        Meta(
            ge=16,
            le=8192,
            title="Height",
            description="Height of the picture.",
            extra={"unit": "px", "step": 8, "widget": "size"},
        ),
    ] = 128
    steps: Annotated[
        int,
        Meta(
            ge=1, le=150, title="Steps", description="More steps take longer and show finer detail.", extra={"step": 1}
        ),
    ] = 20
    guidance: Annotated[
        float,
        Meta(
            ge=0,
            le=30,
            title="Guidance",
            description="How closely the picture keeps to the prompt.",
            extra={"step": 0.5},
        ),
    ] = 4.0
    scheduler: Annotated[
        str,
        Meta(
            title="Scheduler",
            description="The method that turns noise into a picture; empty is the model's own.",
            extra={"widget": "scheduler", "group": "more"},
        ),
    ] = ""
    seed: Annotated[
        int,
        Meta(
            ge=-1,
            title="Seed",
            description="The same seed and settings give the same picture; -1 draws a new one.",
            extra={"widget": "seed", "maximum": LAST_SEED},
        ),
    ] = -1
    count: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            title="Images",
            description="How many pictures to make; the seed goes up by one for each.",
            extra={"step": 1},
        ),
    ] = 1
    image: Annotated[
        str,
        Meta(
            title="Start picture",
            description="A picture to start from (image to image).",
            extra={"widget": "path", "group": "more"},
        ),
    ] = ""
    strength: Annotated[
        float,
        Meta(
            ge=0.05,
            le=1,
            title="Strength",
            description="How far the result may leave the start picture.",
            extra={"step": 0.05, "group": "more"},
        ),
    ] = 0.6
    crop_x: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Crop, across",
            description="What of a start picture that is too wide is used: 0 its left, 0.5 its middle, 1 its right.",
            extra={"widget": "hidden", "group": "more"},
        ),
    ] = 0.5
    crop_y: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Crop, down",
            description="What of a start picture that is too tall is used: 0 its top, 0.5 its middle, 1 its bottom.",
            extra={"widget": "hidden", "group": "more"},
        ),
    ] = 0.5

    def __post_init__(self) -> None:
        hold_seed(self.seed)


TASKS = (ImageTask,)

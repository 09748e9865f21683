"""What a person asks of the Image room."""

from typing import Annotated, ClassVar, Literal

import msgspec

from studio.core import declare
from studio.core.abilities import PICTURES, Can
from studio.core.facts import Facts, remark_on_cut
from studio.core.override import override
from studio.core.prompt_marks import remark_on_marks
from studio.core.task import Task, hold_seed
from studio.core.text import tr, tr_count


class ImageFacts(Facts, frozen=True):
    """What is known of a picture, or of all of a run."""

    seed: int | None = None
    index: int | None = None
    width: int = 0
    height: int = 0
    steps: int = 0
    scheduler: str = ""
    asked_size: tuple[int, int] | None = None
    """Where the model needs another one."""
    cut_away: int = 0
    """Of the start picture, in percent."""
    truncated: int = 0
    """Tokens of the prompt that the model did not read."""
    marks: bool = False
    """Whether the prompt has marks of other programs."""
    no_prompt: bool = False
    reference: bool = False
    """Whether the start picture was no more than that."""
    unread: Literal["", "negative"] = ""
    truncated_negative: int = 0
    tiled: bool = False
    decoded: Literal["", "float32"] = ""
    black: bool = False
    withheld: bool = False
    match: float | None = None
    """How well it fits its prompt, as the CLIP model beside its own found."""

    @override
    def remarks(self) -> list[str]:
        """See ``Facts``."""
        return [*self._on_prompt(), *self._on_picture()]

    def _on_prompt(self) -> list[str]:
        found = []
        if self.no_prompt:
            found.append(tr("There was no prompt, so the model drew whatever it liked."))
        if self.asked_size:
            width, height = self.asked_size
            found.append(
                tr("{width} × {height} was requested; the model needs other multiples.", width=width, height=height)
            )
        if self.cut_away:
            found.append(tr("{percent} % of the start picture was cropped.", percent=self.cut_away))
        if self.truncated:
            found.append(remark_on_cut(self.truncated))
        if self.truncated_negative:
            found.append(
                tr_count(
                    self.truncated_negative,
                    "{count} token of the negative prompt was past the model's limit and ignored.",
                    "{count} tokens of the negative prompt were past the model's limit and ignored.",
                )
            )
        if self.marks:
            found.append(remark_on_marks())
        if self.unread == "negative":
            found.append(tr("This model doesn't use a negative prompt."))
        return found

    def _on_picture(self) -> list[str]:
        found = []
        if self.reference:
            found.append(tr("The model used the start picture as a reference; strength had no effect."))
        if self.tiled:
            found.append(tr("Memory was low, so it was decoded in tiles."))
        if self.decoded == "float32":
            found.append(tr("It came out black at first, so it was decoded again in float32."))
        if self.black:
            found.append(tr("The picture is entirely black. Try another seed, or float32 in Settings."))
        if self.withheld:
            found.append(tr("The model's own safety checker blacked it out."))
        return found


class Vae(msgspec.Struct, frozen=True, tag="vae"):
    """Another autoencoder in the place of the model's own."""

    path: Annotated[
        str, declare.model("VAE", "The autoencoder that turns latents into pixels, of the model's family.", part="vae")
    ] = ""


class ImageTask(Task, frozen=True, kw_only=True):
    """Pictures from text, or from a picture and text."""

    kind: ClassVar[str] = "image"
    runner: ClassVar[str] = "studio.features.image.runs.image:generate"
    needs = PICTURES
    facts = ImageFacts

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

    parts: Annotated[
        tuple[Vae, ...], declare.nested("Parts", "What takes the place of the model's own parts.", more=True)
    ] = ()

    def __post_init__(self) -> None:
        hold_seed(self.seed)

    @override
    def needed(self) -> tuple[Can, ...]:
        """A refiner improves pictures only, and not every model can start from one."""
        return ("image>image",) if self.image else ("text>image",)


TASKS = (ImageTask,)

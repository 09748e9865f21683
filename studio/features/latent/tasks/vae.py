"""What a person asks of an autoencoder: a picture between two, moved along an attribute, and the way as a film."""

from typing import Annotated, ClassVar, Literal

from studio.core import declare
from studio.core.facts import FilmFacts
from studio.core.task import Task

Paths = tuple[str, ...]


class VaeTask(Task, frozen=True, kw_only=True):
    """A picture between two pictures, in an autoencoder's latent space."""

    kind: ClassVar[str] = "vae"
    runner: ClassVar[str] = "studio.features.latent.runs.vae:mix"
    needs = ("image>latents",)

    first: Annotated[str, declare.input_file("First picture", "Where the path starts.")] = ""
    second: Annotated[str, declare.input_file("Second picture", "Where the path ends.")] = ""
    share: Annotated[
        float, declare.number("Mix", "0 is the first picture, 1 is the second.", ge=0, le=1, step=0.01)
    ] = 0.5
    path: Annotated[
        Literal["spherical", "linear"],
        declare.choice("Path", "An arc around the middle of the space, or a straight line."),
    ] = "spherical"
    more: Annotated[Paths, declare.input_file("With", "Pictures that have the attribute.", hidden=True)] = ()
    less: Annotated[Paths, declare.input_file("Without", "Pictures that lack the attribute.", hidden=True)] = ()
    amount: Annotated[
        float,
        declare.number(
            "Amount",
            "How strongly to apply the attribute; below 0 removes it.",
            ge=-3,
            le=3,
            step=0.05,
        ),
    ] = 0.0
    size: Annotated[
        int,
        declare.number(
            "Size",
            "Width and height of the picture; input pictures are cropped to squares of this size.",
            ge=64,
            le=1024,
            multiple_of=64,
            step=64,
            unit="px",
        ),
    ] = 256


class VaeFilmTask(VaeTask, frozen=True, kw_only=True):
    """A video of the path between two pictures in an autoencoder's latent space."""

    kind: ClassVar[str] = "vaefilm"
    runner: ClassVar[str] = "studio.features.latent.runs.vae:walk"
    facts = FilmFacts

    seconds: Annotated[
        float, declare.number("Duration", "How long the whole walk takes.", ge=0.2, le=600, step=0.5, unit="s")
    ] = 4.0
    rate: Annotated[int, declare.number("Frame rate", "Frames per second.", ge=1, le=60, step=1, unit="fps")] = 24
    loop: Annotated[bool, declare.flag("Loop", "Return to the first picture.")] = True
    format: Annotated[
        Literal["mp4", "webm", "gif", "png"],
        declare.choice("Format", "A video, an animated picture, or single frames."),
    ] = "mp4"


TASKS = (VaeTask, VaeFilmTask)

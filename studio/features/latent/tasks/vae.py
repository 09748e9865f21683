"""What a person asks of an autoencoder: a picture between two, moved along an attribute, and the way as a film."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core.task import Task

Paths = tuple[str, ...]


class VaeTask(Task, frozen=True, kw_only=True):
    """A picture between two pictures, in the space of an autoencoder."""

    kind: ClassVar[str] = "vae"
    runner: ClassVar[str] = "studio.features.latent.runs.vae:mix"

    first: Annotated[
        str, Meta(title="First picture", description="Where the way begins.", extra={"widget": "path"})
    ] = ""
    second: Annotated[
        str, Meta(title="Second picture", description="Where the way ends.", extra={"widget": "path"})
    ] = ""
    share: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Mix",
            description="0 is the first picture, 1 the second one.",
            extra={"step": 0.01},
        ),
    ] = 0.5
    path: Annotated[
        Literal["spherical", "linear"],
        Meta(title="Path", description="An arc around the middle of the space, or a straight line."),
    ] = "spherical"
    more: Annotated[
        Paths,
        Meta(
            title="With",
            description="Pictures that have the attribute.",
            extra={"widget": "hidden", "names_files": True},
        ),
    ] = ()
    less: Annotated[
        Paths,
        Meta(
            title="Without",
            description="Pictures that lack the attribute.",
            extra={"widget": "hidden", "names_files": True},
        ),
    ] = ()
    amount: Annotated[
        float,
        Meta(
            ge=-3,
            le=3,
            title="Amount",
            description="How much of what the pictures with it have and those without it lack; below 0 takes it away.",
            extra={"step": 0.05},
        ),
    ] = 0.0
    size: Annotated[
        int,
        Meta(
            ge=64,
            le=1024,
            multiple_of=64,
            title="Size",
            description="Edge of the picture; the pictures that go in are cropped to squares of it.",
            extra={"step": 64, "unit": "px"},
        ),
    ] = 256


class VaeFilmTask(VaeTask, frozen=True, kw_only=True):
    """A film of the way between two pictures, in the space of an autoencoder."""

    kind: ClassVar[str] = "vaefilm"
    runner: ClassVar[str] = "studio.features.latent.runs.vae:walk"

    seconds: Annotated[
        float,
        Meta(
            ge=0.2,
            le=600,
            title="Duration",
            description="How long the whole walk takes.",
            extra={"step": 0.5, "unit": "s"},
        ),
    ] = 4.0
    rate: Annotated[
        int, Meta(ge=1, le=60, title="Frame rate", description="Frames a second.", extra={"step": 1, "unit": "fps"})
    ] = 24
    loop: Annotated[bool, Meta(title="Loop", description="Come back to the first picture.")] = True
    format: Annotated[
        Literal["mp4", "webm", "gif", "png"],
        Meta(title="Format", description="A film, an animated picture, or single frames."),
    ] = "mp4"


TASKS = (VaeTask, VaeFilmTask)

"""What a person asks of the Latent room."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.features.latent.points.point import Blend
from studio.features.latent.tasks.look import LookTask


class LatentTask(LookTask, frozen=True, kw_only=True):
    """Pictures of a GAN: one for each seed, or with ``points`` one for each of these."""

    kind: ClassVar[str] = "latent"
    runner: ClassVar[str] = "studio.features.latent.runs.latent:render"

    seeds: Annotated[
        tuple[int, ...],
        Meta(
            title="Seeds", description="One picture for each; 0-15 means all from 0 to 15.", extra={"widget": "seeds"}
        ),
    ] = (0,)
    points: Annotated[
        tuple[Blend, ...], Meta(title="Points", description="Points between seeds.", extra={"widget": "hidden"})
    ] = ()
    coarse: Annotated[
        int,
        Meta(
            ge=-1,
            le=2**32 - 1,
            title="Coarse",
            description="Take form and place from this seed; -1 is none.",
            extra={"widget": "slot"},
        ),
    ] = -1
    middle: Annotated[
        int,
        Meta(
            ge=-1,
            le=2**32 - 1,
            title="Middle",
            description="Take parts and things from this seed; -1 is none.",
            extra={"widget": "slot"},
        ),
    ] = -1
    fine: Annotated[
        int,
        Meta(
            ge=-1,
            le=2**32 - 1,
            title="Fine",
            description="Take colours and texture from this seed; -1 is none.",
            extra={"widget": "slot"},
        ),
    ] = -1


class WalkTask(LookTask, frozen=True, kw_only=True):
    """A film through keyframes of the latent space."""

    kind: ClassVar[str] = "walk"
    runner: ClassVar[str] = "studio.features.latent.runs.walk:walk"

    keys: Annotated[
        tuple[Blend, ...],
        Meta(title="Keyframes", description="The points to pass, in order.", extra={"widget": "hidden"}),
    ] = ()
    seeds: Annotated[
        tuple[int, ...],
        Meta(title="Seeds", description="Keyframes as seeds, where no points are given.", extra={"widget": "seeds"}),
    ] = ()
    space: Annotated[
        Literal["z", "w", "w+"],
        Meta(
            title="Space",
            description="z keeps every picture a likely one; w changes more evenly, all layers as one; w+ each layer "
            "by itself. Points that are not made of seeds have no place in z, and go through w+.",
        ),
    ] = "z"
    path: Annotated[
        Literal["spherical", "linear"],
        Meta(title="Path", description="An arc around the middle of the space, or a straight line."),
    ] = "spherical"
    easing: Annotated[
        Literal["steady", "ease", "hold"],
        Meta(
            title="Easing",
            description="Go on steadily, slow down at each keyframe, or rest there for a moment.",
        ),
    ] = "steady"
    even: Annotated[
        bool,
        Meta(
            title="Even to the eye",
            description="Measure first how much the picture changes, and share the time by that.",
        ),
    ] = False
    durations: Annotated[
        tuple[float, ...],
        Meta(
            title="Durations",
            description="Seconds from each keyframe to the next one. Without them all ways take equally long.",
            extra={"widget": "hidden"},
        ),
    ] = ()
    seconds: Annotated[
        float,
        Meta(
            ge=0.2,
            le=600,
            title="Duration",
            description="How long the whole walk takes.",
            extra={"step": 0.5, "unit": "s"},
        ),
    ] = 8.0
    rate: Annotated[
        int, Meta(ge=1, le=60, title="Frame rate", description="Frames a second.", extra={"step": 1, "unit": "fps"})
    ] = 30
    size: Annotated[
        int,
        Meta(
            ge=0,
            le=4096,
            multiple_of=2,
            title="Size",
            description="Edge of the film; 0 is the model's own.",
            extra={"step": 64, "unit": "px"},
        ),
    ] = 0
    loop: Annotated[bool, Meta(title="Loop", description="Come back to the first keyframe.")] = True
    format: Annotated[
        Literal["mp4", "webm", "gif", "png"],
        Meta(title="Format", description="A film, an animated picture, or single frames."),
    ] = "mp4"
    at: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...],
        Meta(title="Frames", description="Make only these frames, as pictures.", extra={"widget": "hidden"}),
    ] = ()


TASKS = (LatentTask, WalkTask)

"""What a person asks of the Latent room."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core import declare
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.look import LookTask


class LatentTask(LookTask, frozen=True, kw_only=True):
    """Pictures of a GAN: one for each seed, or with ``points`` one for each of these."""

    kind: ClassVar[str] = "latent"
    runner: ClassVar[str] = "studio.features.latent.runs.latent:render"

    seeds: Annotated[tuple[int, ...], declare.seed("Seeds", "One picture for each; 0-15 means all from 0 to 15.")] = (
        0,
    )
    points: Annotated[tuple[LatentPoint, ...], declare.nested("Points", "Points between seeds.", hidden=True)] = ()
    coarse: Annotated[
        int, declare.seed("Coarse", "Take form and place from this seed; -1 is none.", ge=-1, le=2**32 - 1, look="slot")
    ] = -1
    middle: Annotated[
        int,
        declare.seed("Middle", "Take parts and things from this seed; -1 is none.", ge=-1, le=2**32 - 1, look="slot"),
    ] = -1
    fine: Annotated[
        int,
        declare.seed("Fine", "Take colours and texture from this seed; -1 is none.", ge=-1, le=2**32 - 1, look="slot"),
    ] = -1


class WalkTask(LookTask, frozen=True, kw_only=True):
    """A film through keyframes of the latent space."""

    kind: ClassVar[str] = "walk"
    runner: ClassVar[str] = "studio.features.latent.runs.walk:walk"

    keys: Annotated[
        tuple[LatentPoint, ...], declare.nested("Keyframes", "The points to pass, in order.", hidden=True)
    ] = ()
    seeds: Annotated[tuple[int, ...], declare.seed("Seeds", "Keyframes as seeds, where no points are given.")] = ()
    space: Annotated[
        Literal["z", "w", "w+"],
        declare.choice(
            "Space",
            "z keeps every picture a likely one; w changes more evenly, all layers as one; w+ each layer "
            "by itself. Points that are not made of seeds have no place in z, and go through w+.",
        ),
    ] = "z"
    path: Annotated[
        Literal["spherical", "linear"],
        declare.choice("Path", "An arc around the middle of the space, or a straight line."),
    ] = "spherical"
    easing: Annotated[
        Literal["steady", "ease", "hold"],
        declare.choice("Easing", "Go on steadily, slow down at each keyframe, or rest there for a moment."),
    ] = "steady"
    even: Annotated[
        bool, declare.flag("Even to the eye", "Measure first how much the picture changes, and share the time by that.")
    ] = False
    durations: Annotated[
        tuple[float, ...],
        declare.number(
            "Durations",
            "Seconds from each keyframe to the next one. Without them all ways take equally long.",
            hidden=True,
        ),
    ] = ()
    seconds: Annotated[
        float, declare.number("Duration", "How long the whole walk takes.", ge=0.2, le=600, step=0.5, unit="s")
    ] = 8.0
    rate: Annotated[int, declare.number("Frame rate", "Frames a second.", ge=1, le=60, step=1, unit="fps")] = 30
    size: Annotated[
        int,
        declare.number(
            "Size", "Edge of the film; 0 is the model's own.", ge=0, le=4096, multiple_of=2, step=64, unit="px"
        ),
    ] = 0
    loop: Annotated[bool, declare.flag("Loop", "Come back to the first keyframe.")] = True
    format: Annotated[
        Literal["mp4", "webm", "gif", "png"], declare.choice("Format", "A film, an animated picture, or single frames.")
    ] = "mp4"
    at: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...],
        declare.number("Frames", "Make only these frames, as pictures.", hidden=True),
    ] = ()


TASKS = (LatentTask, WalkTask)

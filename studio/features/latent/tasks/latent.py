"""What a person asks of the Latent room."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from studio.core import declare
from studio.core.facts import Facts
from studio.features.latent.points.point import LatentPoint, PointFacts
from studio.features.latent.tasks.look import LookTask


class LatentFacts(Facts, frozen=True):
    """What is known of a picture and its model, or of a run."""

    index: int | None = None
    layers: tuple[int, ...] = ()
    """Where the coarse, the middle and the fine ones end."""
    classes: int | None = None
    """How many the model has."""
    turns: bool | None = None
    """Whether the model can turn and shift its pictures."""
    seed: int | None = None
    """The one that alone gives it."""
    pictures: int | None = None
    """Of the run: how many were made."""


class WalkFacts(PointFacts, frozen=True):
    """What is known of a film, or of a single frame of it."""

    frames: int | None = None
    rate: float | None = None
    index: int | None = None
    frame: int | None = None
    """Its number in the film."""
    place: float | None = None
    """Where on the way it is: the keyframe's number, and how far it is to the next one."""
    durations: tuple[float, ...] = ()
    """Seconds from each keyframe to the next one, as they were measured."""


class LatentTask(LookTask, frozen=True, kw_only=True):
    """Pictures from a GAN: one per seed, or one per point if points are given."""

    kind: ClassVar[str] = "latent"
    runner: ClassVar[str] = "studio.features.latent.runs.latent:render"
    facts = LatentFacts

    seeds: Annotated[
        tuple[int, ...], declare.seed("Seeds", "One picture per seed; 0-15 means every seed from 0 to 15.")
    ] = (0,)
    points: Annotated[tuple[LatentPoint, ...], declare.nested("Points", "Points between seeds.", hidden=True)] = ()
    coarse: Annotated[
        int,
        declare.seed(
            "Coarse", "Take form and placement from this seed; -1 means none.", ge=-1, le=2**32 - 1, look="slot"
        ),
    ] = -1
    middle: Annotated[
        int,
        declare.seed(
            "Middle", "Take parts and objects from this seed; -1 means none.", ge=-1, le=2**32 - 1, look="slot"
        ),
    ] = -1
    fine: Annotated[
        int,
        declare.seed(
            "Fine", "Take colours and texture from this seed; -1 means none.", ge=-1, le=2**32 - 1, look="slot"
        ),
    ] = -1


class WalkTask(LookTask, frozen=True, kw_only=True):
    """A video through keyframes in the latent space."""

    kind: ClassVar[str] = "walk"
    runner: ClassVar[str] = "studio.features.latent.runs.walk:walk"
    facts = WalkFacts

    keys: Annotated[
        tuple[LatentPoint, ...], declare.nested("Keyframes", "The points to pass through, in order.", hidden=True)
    ] = ()
    seeds: Annotated[tuple[int, ...], declare.seed("Seeds", "Seeds to use as keyframes if no points are given.")] = ()
    space: Annotated[
        Literal["z", "w", "w+"],
        declare.choice(
            "Space",
            "z keeps every frame a likely picture; w changes more evenly, all layers together; w+ changes each "
            "layer by itself. Points that are not made of seeds have no place in z, and use w+.",
        ),
    ] = "z"
    path: Annotated[
        Literal["spherical", "linear"],
        declare.choice("Path", "An arc around the middle of the space, or a straight line."),
    ] = "spherical"
    easing: Annotated[
        Literal["steady", "ease", "hold"],
        declare.choice("Easing", "Move steadily, slow down at each keyframe, or pause there for a moment."),
    ] = "steady"
    even: Annotated[
        bool,
        declare.flag("Visually even", "First measure how much the picture changes, then divide the time accordingly."),
    ] = False
    durations: Annotated[
        tuple[float, ...],
        declare.number(
            "Durations",
            "Seconds from each keyframe to the next. Without them, all segments take equally long.",
            hidden=True,
        ),
    ] = ()
    seconds: Annotated[
        float, declare.number("Duration", "How long the whole walk takes.", ge=0.2, le=600, step=0.5, unit="s")
    ] = 8.0
    rate: Annotated[int, declare.number("Frame rate", "Frames per second.", ge=1, le=60, step=1, unit="fps")] = 30
    size: Annotated[
        int,
        declare.number(
            "Size",
            "Width and height of the video; 0 uses the model's size.",
            ge=0,
            le=4096,
            multiple_of=2,
            step=64,
            unit="px",
        ),
    ] = 0
    loop: Annotated[bool, declare.flag("Loop", "Return to the first keyframe.")] = True
    format: Annotated[
        Literal["mp4", "webm", "gif", "png"],
        declare.choice("Format", "A video, an animated picture, or single frames."),
    ] = "mp4"
    at: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...],
        declare.number("Frames", "Make only these frames, as pictures.", hidden=True),
    ] = ()


TASKS = (LatentTask, WalkTask)

"""What the Latent room's modes share: the bench that each of them works at, and what each gives to the room."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from studio.app.desk import Desk
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import LatentState
from studio.room import mode
from studio.room.model_picker import ModelChoice


@dataclass(frozen=True)
class Bench:
    """What a mode is given. ``frames`` makes the picture of the current point, and small ones of others."""

    desk: Desk
    state: LatentState
    seen: Seen
    """What "the current picture" is, to be kept or used elsewhere: the one that is seen."""
    models: ModelChoice
    frames: Frames
    stars: Stars
    ask: Callable[..., Run | None]
    """Put a request into the queue, to the model whose address is named beside it, else the chosen one if it needs one;
    its trouble is said. None when that can't be done."""
    say: Callable[[StudioError], None]
    """Say an error in the room's banner."""
    add_key: Callable[..., None]
    """Put a point, with its picture if there is one, at the end of the walk."""
    enter: Callable[[str], object]
    """Bring the mode of that name forward."""
    mode: Callable[[str], Any]
    """The mode of that name, which stays where it is."""
    awaits: Callable[[Run], None]
    """Say so when this picture, which a mode asked for itself, is late."""


class Mode(mode.Mode):
    """One way of working in the Latent room. What is shown where ``POINTS`` is set, the room itself keeps."""

    POINTS: ClassVar[bool] = True
    """Whether it is about the current point: then its settings, its picture and the walk stand around the mode."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench

    def choose(self, address: str) -> bool:
        """Make the model at ``address`` the one that is asked. False when it isn't here or can't be used."""
        return self.bench.models.choose(address)

    def hint(self) -> str:
        """What the mouse does with the current point."""
        return tr("Drag on the picture to wander between seeds.")

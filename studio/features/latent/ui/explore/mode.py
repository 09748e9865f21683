"""The interface between the Latent room and its modes: the context that a mode gets, and what it provides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from studio.app.job_handle import JobHandle
from studio.app.services import StudioServices
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import LatentState
from studio.room import mode
from studio.room.model_picker import ModelChoice


@dataclass(frozen=True)
class ModeContext:
    """The context of a mode. ``frames`` makes the picture of the current point, and small ones of others."""

    services: StudioServices
    state: LatentState
    seen: Seen
    """The current picture, to be saved or used elsewhere: the one on display."""
    models: ModelChoice
    frames: Frames
    stars: Stars
    ask: Callable[..., JobHandle | None]
    """Put a request into the queue, to the model whose address is named beside it, else the chosen one if it needs one;
    its trouble is said. None when that can't be done."""
    say: Callable[[StudioError], None]
    """Show an error in the room's banner."""
    add_key: Callable[..., None]
    """Append a point, with its picture if there is one, to the walk."""
    enter: Callable[[str], object]
    """Bring the mode of that name forward."""
    mode: Callable[[str], Any]
    """The mode of that name, without switching to it."""
    awaits: Callable[[JobHandle], None]
    """Show a notice if this picture, which a mode requested itself, is late."""


class Mode(mode.Mode):
    """One way of working in the Latent room. What is shown where ``POINTS`` is set, the room itself keeps."""

    POINTS: ClassVar[bool] = True
    """Whether it is about the current point: then its settings, its picture and the walk stand around the mode."""

    def __init__(self, context: ModeContext) -> None:
        super().__init__()
        self.context = context

    def choose(self, address: str) -> bool:
        """Use the model at ``address``. False if it isn't here or can't be used."""
        return self.context.models.choose(address)

    def hint(self) -> str:
        """A hint on what the mouse does with the current point."""
        return tr("Drag on the picture to wander between seeds.")

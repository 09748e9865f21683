"""The interface between the Latent room and its modes: the context that a mode gets, and what it provides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.app.desk import Desk
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.text import tr
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import LatentState
from studio.room.model_picker import ModelChoice


@dataclass(frozen=True)
class Bench:
    """The context of a mode. ``frames`` makes the picture of the current point, and small ones of others."""

    desk: Desk
    state: LatentState
    seen: Seen
    """The current picture, to be saved or used elsewhere: the one on display."""
    models: ModelChoice
    frames: Frames
    stars: Stars
    ask: Callable[[Task], Run | None]
    """Queue a request, for the current model if it needs one; errors are shown. None if that fails."""
    say: Callable[[StudioError], None]
    """Show an error in the room's banner."""
    add_key: Callable[..., None]
    """Append a point, with its picture if there is one, to the walk."""
    enter: Callable[[str], object]
    """Switch to the mode of that name."""
    watch: Callable[[Run], None]
    """Follow a run that was submitted directly, for another model than the current one."""
    mode: Callable[[str], Any]
    """The mode of that name, without switching to it."""
    awaits: Callable[[Run], None]
    """Show a notice if this picture, which a mode requested itself, is late."""


class Mode(QObject):
    """A mode of the room, chosen by a chip. ``left`` has its controls, ``middle`` its main view."""

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    TIP: ClassVar[str]
    TASKS: ClassVar[tuple[type[Task], ...]] = ()
    """The tasks that this mode submits, and can load again."""
    POINTS: ClassVar[bool] = True
    """Whether it works on the current point: then the point's settings, picture and walk are shown around it."""
    left: QWidget
    middle: QWidget

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench

    def enter(self) -> None:
        """Called when the mode is shown."""

    def leave(self) -> None:
        """Called when another mode is shown."""

    def make(self) -> None:
        """Save what is shown; the room itself does so if ``POINTS`` is set."""

    def choose(self, address: str) -> bool:
        """Use the model at ``address``. False if it isn't here or can't be used."""
        return self.bench.models.choose(address)

    def follow(self, run: Run) -> None:
        """Show the progress and results of ``run``, a request of ``TASKS``."""

    def take(self, task: Task) -> None:
        """Load an earlier request of ``TASKS``."""

    def hint(self) -> str:
        """A hint on what the mouse does with the current point."""
        return tr("Drag on the picture to wander between seeds.")

    def drop_sentence(self) -> str:
        """What dropping files anywhere in the mode does; "" if the room handles them."""
        return ""

    def drop(self, paths: Sequence[str]) -> bool:
        """Handle dropped files. False if the room should."""
        del paths
        return False

    def remember(self) -> dict[str, Any]:
        """What is found again after a restart."""
        return {}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore what ``remember`` returned, which is untrusted."""

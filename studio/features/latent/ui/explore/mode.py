"""What the Latent room's modes share: the bench that each of them works at, and what each gives to the room."""

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
    """What a mode is given. ``frames`` makes the picture of the current point, and small ones of others."""

    desk: Desk
    state: LatentState
    seen: Seen
    """What "the current picture" is, to be kept or used elsewhere: the one that is seen."""
    models: ModelChoice
    frames: Frames
    stars: Stars
    ask: Callable[[Task], Run | None]
    """Put a request, to the chosen model if it needs one, into the queue; its trouble is said. None when that can't be
    done."""
    say: Callable[[StudioError], None]
    """Say an error in the room's banner."""
    add_key: Callable[..., None]
    """Put a point, with its picture if there is one, at the end of the walk."""
    enter: Callable[[str], object]
    """Bring the mode of that name forward."""
    watch: Callable[[Run], None]
    """Follow a run that was asked for otherwise: of another model than the chosen one."""
    mode: Callable[[str], Any]
    """The mode of that name, which stays where it is."""
    awaits: Callable[[Run], None]
    """Say so when this picture, which a mode asked for itself, is late."""


class Mode(QObject):
    """One way of working in the room, chosen by a chip. ``left`` are its controls, ``middle`` is what it is about."""

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    TIP: ClassVar[str]
    TASKS: ClassVar[tuple[type[Task], ...]] = ()
    """Requests that this mode asks, and takes over again."""
    POINTS: ClassVar[bool] = True
    """Whether it is about the current point: then its settings, its picture and the walk stand around the mode."""
    left: QWidget
    middle: QWidget

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench

    def enter(self) -> None:
        """It comes forward."""

    def leave(self) -> None:
        """Another one comes forward."""

    def make(self) -> None:
        """Keep what is shown; the room itself does where ``POINTS`` is set."""

    def choose(self, address: str) -> bool:
        """Make the model at ``address`` the one that is asked. False when it isn't here or can't be used."""
        return self.bench.models.choose(address)

    def follow(self, run: Run) -> None:
        """Show what comes of ``run``, a request of ``TASKS``."""

    def take(self, task: Task) -> None:
        """Take over an earlier request of ``TASKS``."""

    def hint(self) -> str:
        """What the mouse does with the current point."""
        return tr("Drag on the picture to wander between seeds.")

    def drop_sentence(self) -> str:
        """What becomes of files that are dropped anywhere in the mode; "" where that is the room's affair."""
        return ""

    def drop(self, paths: Sequence[str]) -> bool:
        """Take such files. False where that is the room's affair."""
        del paths
        return False

    def remember(self) -> dict[str, Any]:
        """What is found again after a restart."""
        return {}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Show what ``remember`` kept; anybody may have changed it."""

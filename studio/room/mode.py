"""A mode: one of several ways of working in a room."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.app.job_handle import JobHandle
from studio.core.task import Task


class Mode(QObject):
    """Chosen by a chip and built when it is first wanted. ``left`` are its controls, ``middle`` is what it is about."""

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    TIP: ClassVar[str]
    TASKS: ClassVar[tuple[type[Task], ...]] = ()
    """Requests that this mode asks, and takes over again."""
    left: QWidget
    middle: QWidget

    def enter(self) -> None:
        """It comes forward."""

    def leave(self) -> None:
        """Another one comes forward."""

    def make(self) -> None:
        """Begin what it makes, or keep what is shown."""

    def follow(self, run: JobHandle) -> None:
        """Show what comes of ``run``, a request of ``TASKS``."""

    def take(self, task: Task) -> None:
        """Take over an earlier request of ``TASKS``."""

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

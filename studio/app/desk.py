"""The desk: all that a panel is given to work with."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QFile, QObject, Qt, Signal

from studio.app.errands import Errands
from studio.app.run import Run
from studio.app.tracker import Tracker
from studio.core.errors import StudioError
from studio.core.events import EngineState
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset, Job
from studio.library.index import Item as Item
from studio.library.library import Library
from studio.models.shelf import Model as Model
from studio.models.shelf import Shelf

log = logging.getLogger(__name__)


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """Something sent from one room to another: words, a file, or the settings of an earlier job."""

    room: str
    text: str = ""
    path: str = ""
    job: Job | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A short word to the person, with at most one thing to do about it ("Undo")."""

    text: str
    action: str = ""
    do: Callable[[], None] | None = None


class Desk(QObject):
    """What panels use instead of knowing the engine, the library or each other. Lives in the window's thread."""

    models_changed = Signal()
    library_changed = Signal()
    """Items were added, changed or removed: read again what is shown."""
    sent = Signal(object)
    """A ``Parcel``; the window brings its room forward and hands it over."""
    noticed = Signal(object)
    """A ``Notice`` for the window to show."""
    engine_changed = Signal(object)
    """The engine's newest ``EngineState``."""

    def __init__(self, tracker: Tracker, errands: Errands, library: Library, shelf: Shelf) -> None:
        super().__init__()
        self.tracker, self.errands, self.library, self.shelf = tracker, errands, library, shelf
        self.engine = EngineState("starting")
        self._models: list[Model] = []
        tracker.kept.connect(lambda _: self.library_changed.emit())
        tracker.engine_state.connect(self._engine_said, Qt.ConnectionType.DirectConnection)

    def _engine_said(self, state: EngineState) -> None:
        self.engine = state
        self.engine_changed.emit(state)

"""The desk: all that a panel is given to work with."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from studio.app.background import BackgroundEngine, BackgroundJob
from studio.app.counter import Answer, Counter
from studio.app.errands import Errands, close_all
from studio.app.finder import Finder, Parcel, parcel_of_file
from studio.app.gallery import Gallery
from studio.app.model_scan import ModelScan
from studio.app.queue import Queue
from studio.app.run import Run
from studio.app.tracker import Tracker
from studio.app.trash import discard
from studio.app.undo import Step, Undo
from studio.core.abilities import Can, fits, why_unable
from studio.core.errors import StudioError
from studio.core.events import EngineState
from studio.core.saved import read_inputs
from studio.core.task import Task, room_of
from studio.core.text import tr, tr_count
from studio.core.values import Job, Lane
from studio.files.atomic import write_atomic
from studio.files.names import safe_name
from studio.library.called import Called
from studio.library.export import PLACES, ExportOptions, preview_names, unknown_places
from studio.library.index import Item, Query
from studio.library.library import Library, text_of
from studio.library.rebuild import Found
from studio.library.settings import Settings, SettingsFile, engine_config
from studio.models.shelf import Model, Shelf

__all__ = ["Called", "Desk", "ExportOptions", "Found", "Item", "Model", "Notice", "Parcel", "Query", "Settings"]
__all__ += ["PLACES", "preview_names", "room_of", "safe_name", "text_of", "unknown_places"]
Read = TypeVar("Read")
LEAVING = 2.0
"""Seconds that the end waits for what can be done again, so that it ends by itself if it can."""
THUMBNAIL = 256
"""Pixels of a thumbnail's longest edge."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A short word to the person, with at most one thing to do about it ("Undo")."""

    text: str
    action: str = ""
    do: Callable[[], None] | None = None
    about: object = None
    """A later notice about the same takes this one's place."""


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
    export_asked = Signal(object)
    """Items that the person wants as ordinary files; the window asks how."""

    def __init__(
        self, tracker: Tracker, errands: Errands, library: Library, shelf: Shelf, settings: SettingsFile,
        tasks: dict[str, type[Task]],
    ) -> None:  # fmt: skip
        super().__init__()
        self.tracker, self.errands, self.library, self.shelf = tracker, errands, library, shelf
        self.engine = EngineState("starting")
        self.undo = Undo(self)
        """What was done in the window and can be taken back: ``undo.push(title, undo, redo)`` once it is done."""
        self._settings, self._tasks = settings, tasks
        self._looks = set[bool]()
        self._models = shelf.models()
        self._finder = Finder(library.index, library.inputs, tasks, self.models)
        self._scan = ModelScan(shelf.look, self)
        self._scan.found.connect(self._found_models)
        self._scan.late.connect(self._not_answering)
        self._counter, self._reader, self._long = Counter(self), Errands(self), Errands(self)
        self.background = BackgroundEngine(self)
        """Exports, and looks through the library's folders."""
        self.gallery = Gallery(library, errands, self._long, self.undo, self, self)
        self.queue = Queue(tracker, self.undo, self)
        self.gallery.changed.connect(self.library_changed)
        self._told = ""
        tracker.kept.connect(self._kept)
        tracker.line_unsaved.connect(self.notify)
        tracker.input_unkept.connect(self.notify)
        tracker.engine_state.connect(self._engine_said)

    def _kept(self, _: object) -> None:
        self.library_changed.emit()
        why = self.library.unlisted_why
        if why and why != self._told:  # once, not with each thing
            self.notify(tr("{why} What you make is kept as files, and listed as soon as that works.", why=why))
        self._told = why

    def _engine_said(self, state: EngineState) -> None:
        self.engine = state
        self.engine_changed.emit(state)

    def close(self) -> bool:
        """End everything that the desk has others do; what is made is kept, and an export ends with a file.

        Nobody waits for what can be done again: a scan, a search, a thumbnail. Returns False when some of it, or the
        disk, is still busy; then nothing may be closed that it needs.
        """
        self.library.look.stop()
        self._scan.close()
        self._reader.drop()
        beside = [self._reader, *self.background.drop()]
        self._counter.close()
        kept = self.tracker.close()
        return close_all([self._long, *beside], LEAVING) and kept

    # -- making --------------------------------------------------------------------------------------------------

    def make(self, task: Task, model: str, lane: Lane = "work") -> Run:
        """Ask for ``task`` from the model at the address ``model``.

        Raises StudioError for a value out of bounds, and for a model that can't do what the request needs.
        """
        known = next((each for each in self._models if each.address == model), None)
        if known is not None and (why := why_unable(known.name, known.can, task.needed())):
            raise StudioError(why)
        return self.tracker.submit(Job(task=task, model=model, lane=lane))

    # -- models --------------------------------------------------------------------------------------------------

    def models(self, needs: tuple[Can, ...] = ()) -> list[Model]:
        """The models that are here and can do one of ``needs``; all where nothing is needed."""
        return [model for model in self._models if fits(model.can, needs)]

    def rescan_models(self) -> None:
        """Look again at every folder, beside the window."""
        self._scan.look(*self.shelf.places)

    def _found_models(self, place: str, models: list[Model]) -> None:
        self.shelf.take(place, models)
        self.errands.do(self.shelf.keep)
        self._show_models()

    def _not_answering(self, place: str) -> None:
        self.shelf.wait_for(place)
        self._show_models()

    def _show_models(self) -> None:
        models = self.shelf.models()
        if models != self._models:
            self._models = models
            self.models_changed.emit()

    def count_tokens(self, model: Model, text: str, then: Answer) -> None:
        """Call ``then`` with the tokens of ``text`` and the model's limit, or with None when that can't be told."""
        self._counter.count(model, text, then)

    def schedulers_of(self, model: Model) -> tuple[str, ...]:
        """The schedulers that a picture model can use."""
        return model.schedulers

    # -- what was made -------------------------------------------------------------------------------------------

    def read(
        self, work: Callable[[], Read], then: Callable[[Read], None], owner: QObject,
        failed: Callable[[StudioError], None] | None = None,
    ) -> None:  # fmt: skip
        """Call ``then`` with what ``work`` reads from the disk, beside the window and not behind what is written."""
        self._reader.do(work, then, failed, owner)

    def search(self, query: Query, most: int, then: Callable[[list[Item]], None], owner: QObject) -> None:
        """Call ``then`` with the ``most`` newest items that match."""
        self.read(lambda: self.library.search(query, most), then, owner, self._say)

    def look_again(self, everything: bool = False, then: Callable[[Found], None] = lambda _: None) -> None:
        """Look for what was put into the library's folders, moved or removed by hand, beside the window.

        That takes a moment where little was changed; ``everything`` looks into folders that look unchanged, too.
        """

        def show(found: Found) -> None:
            self._looks.discard(everything)
            if found.anything:
                self.library_changed.emit()
            then(found)

        def fail(error: StudioError) -> None:
            self._looks.discard(everything)
            self._say(error)

        if everything in self._looks and not everything:
            return  # one is on its way already
        self._looks.add(everything)
        again, title = self.library.look.again, tr("Look through the library's folders")
        self.background.do("look", title, lambda job: again(everything, job.stopped, job.tell), show, fail, self)

    def clean_up(self) -> None:
        """Remove what an earlier, killed run left unfinished, and inputs that nothing names, beside the window."""
        waiting = None if self.tracker.notice else self.tracker.inputs
        self._long.do(lambda: self.library.clean_up(discard, waiting), failed=self._say, owner=self)

    def thumbnail(self, item: Item, then: Callable[[str], None], owner: QObject) -> None:
        """Have the item's thumbnail made and call ``then`` with its path, "" when it can't be."""
        if item.kind == "text":
            then("")
            return
        self._reader.do(lambda: str(self.library.thumbnail(item, THUMBNAIL)), then, lambda _: then(""), owner)

    def input_place(self, item: Item, field: str, path: str) -> str:
        """Where the file lies that the item's request calls ``path``: there, or where its copy is kept."""
        files = read_inputs(item.job.get("inputs")).get(field, ())
        file = next((file for file in files if path in (file.path, file.name)), None)
        return (self.library.inputs.place_of(file) if file is not None else "") or path

    def star(self, items: Sequence[Item], on: bool | None = None) -> None:
        """Give the items a star or take it away (None: the other way round); a step to undo."""
        self.gallery.star([item.id for item in items], on)

    def delete(self, items: Sequence[Item]) -> None:
        """Move the items into the library's trash; a step to undo."""
        self.gallery.delete([item.id for item in items])

    def _say(self, error: StudioError) -> None:
        self.notify(error.message)

    def export(
        self, items: Sequence[Item], options: ExportOptions,
        then: Callable[[list[Path]], None], failed: Callable[[StudioError], None],
    ) -> BackgroundJob:  # fmt: skip
        """Export beside the window; what is made meanwhile is kept before that ends.

        The job says how many files are there. Once it is stopped, the file that is being written is the last.
        """

        def work(job: BackgroundJob) -> list[Path]:
            return self.library.export(items, options, job.stopped, lambda done: job.tell(done, len(items)))

        title = tr_count(len(items), "Export {count} thing", "Export {count} things")
        return self.background.do("export", title, work, then, failed, self)

    def settings_of(
        self, path: str, then: Callable[[Parcel | None], None], failed: Callable[[StudioError], None], owner: QObject
    ) -> None:
        """Call ``then`` with what the file says of its making, as a parcel for its room, or None when nothing.

        A file that is no picture comes to ``failed``.
        """
        self.read(lambda: parcel_of_file(path, self._finder), then, owner, failed)

    def parcel_of(self, item: Item) -> Parcel:
        """The request that made the item, for its room. Raises StudioError when this release can't read it."""
        job, missing = self._finder.job_of_row(item.job, item.model)
        notes = self._finder.notes_here(item.notes)
        return Parcel(room=room_of(job.task), job=job, notes=notes, missing=missing)

    def job_of(self, item: Item) -> Job:
        """The request that made the item. Raises StudioError when this release can't read it."""
        return self._finder.job_of_row(item.job, item.model)[0]

    # -- settings and words --------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What the person chose."""
        return self._settings.settings

    def change_settings(self, **changes: Any) -> None:
        """Keep ``changes``; the engine takes over what concerns it. A disk that refuses is said, and the changes hold
        until the end.

        They are written beside the window: a busy disk takes a quarter of a second to say that it has them.
        """
        paths, before = self.library.paths, self.settings
        self._settings.settings = msgspec.structs.replace(before, **changes)
        if (config := engine_config(self.settings, paths)) != engine_config(before, paths):
            self.tracker.configure(config)
        self.errands.do(self._settings.write, failed=self._say, owner=self)

    def set_model_folders(self, folders: Sequence[str]) -> Step:
        """Look for models in these folders, and remember them; that is a step to undo."""
        before = self.settings.model_folders
        self._use_model_folders(folders)
        title = tr("Add a models folder") if len(folders) > len(before) else tr("Remove a models folder")
        return self.undo.push(title, lambda: self._use_model_folders(before), lambda: self._use_model_folders(folders))

    def _use_model_folders(self, folders: Sequence[str]) -> None:
        self.shelf.folders = tuple(folders)
        self.change_settings(model_folders=tuple(folders))
        self._show_models()
        self.rescan_models()

    def remember(self, room: str, data: dict[str, Any]) -> None:
        """Keep what a room wants to find again after a restart."""
        self.change_settings(rooms={**self.settings.rooms, room: data})

    def remembered(self, room: str, part: str = "") -> dict[str, Any]:
        """What the room kept, or one ``part`` of that; empty the first time."""
        kept = self.settings.rooms.get(room, {})
        inner = kept.get(part) if part else kept
        return inner if isinstance(inner, dict) else {}

    def folder_of(self, room: str) -> Path:
        """Where a room keeps its own files: what is neither a thing made nor a setting."""
        return self.library.paths.data / room

    def write(
        self, path: Path, data: bytes, failed: Callable[[StudioError], None], owner: QObject,
        then: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Write a file of a room's own, or one that the person wants; whole or not at all, beside the window."""
        own = path.is_relative_to(self.library.paths.data)
        self.errands.do(lambda: write_atomic(path, data, private=own), lambda _: then(), failed, owner)

    def open_outside(self, path: str) -> None:
        """Open a file or folder in the program that the system has for it; where it has none, say where it lies."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            words = tr("No program here opens {path}", path=path)
            self.notify(words, tr("Copy the path"), lambda: QGuiApplication.clipboard().setText(path))

    def send(self, parcel: Parcel) -> None:
        """Bring another room forward and hand it ``parcel``."""
        self.sent.emit(parcel)

    def notify(
        self, text: str, action: str = "", do: Callable[[], None] | None = None, about: object = None
    ) -> None:  # fmt: skip
        """Say a short word to the person; what was said ``about`` the same thing before is over with that."""
        self.noticed.emit(Notice(text=text, action=action, do=do, about=about))

    def one_of(self, paths: Sequence[str]) -> str:
        """The first of the files that were dropped where one is taken; that others were left is said."""
        if len(paths) > 1:
            self.notify(tr("One file at a time: {name} was taken.", name=Path(paths[0]).name))
        return paths[0]

    def say_missing(self, has_model: bool, files: Sequence[str] = ()) -> None:
        """Say what an earlier request was made with and is not here: its model, and files by their names."""
        if not has_model:
            self.notify(tr("The model that made this is not here; the chosen one is used."))
        if files:
            self.notify(tr("Not on this machine: {names}", names=", ".join(files)[:300]))

    def say_done(self, text: str, step: Step) -> None:
        """Say that a step was done, and offer to take it back."""
        self.notify(text, tr("Undo"), lambda: self.undo.take_back(step), step)

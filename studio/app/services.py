"""The services that panels use: library, models, settings, queue, undo, messages between rooms."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from studio.app.background import BackgroundEngine, BackgroundJob
from studio.app.background_tasks import BackgroundTasks, close_all
from studio.app.counter import Answer, TokenCounter
from studio.app.finder import Finder, address_named, read_settings
from studio.app.gallery import Gallery
from studio.app.job_handle import JobHandle
from studio.app.messages import Message, UseRequest, UseSettings
from studio.app.model_scan import ModelScan
from studio.app.queue import Queue
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
from studio.library.export import PLACES, ExportOptions, preview_names, unknown_places
from studio.library.index import Item, Query
from studio.library.lazy_items import LazyItems
from studio.library.library import Library, text_of
from studio.library.rebuild import Found
from studio.library.settings import Settings, SettingsFile, engine_config
from studio.models.catalogue import Model, ModelCatalogue
from studio.models.parts import parts_for, unfit_fields, why_parts_unfit

__all__ = [
    "ExportOptions",
    "Found",
    "Item",
    "LazyItems",
    "Model",
    "Notice",
    "Query",
    "Settings",
    "StudioServices",
]
__all__ += ["PLACES", "preview_names", "room_of", "safe_name", "text_of", "unknown_places"]
Read = TypeVar("Read")
LEAVING = 2.0
"""Seconds to wait at the end for work that can be repeated, so that it ends by itself if possible."""
THUMBNAIL = 256
"""Pixels of a thumbnail's longest edge."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A short message to the person, with at most one action ("Undo")."""

    text: str
    action: str = ""
    do: Callable[[], None] | None = None
    about: object = None
    """A later notice about the same thing replaces this one."""


class StudioServices(QObject):
    """What panels use instead of the engine, the library or each other. Lives in the window's thread."""

    models_changed = Signal()
    library_changed = Signal()
    """Items were added, changed or removed: reload what is shown."""
    sent = Signal(object)
    """A ``Message``; the window brings its room forward and delivers it."""
    noticed = Signal(object)
    """A ``Notice`` for the window to show."""
    engine_changed = Signal(object)
    """The engine's newest ``EngineState``."""
    export_asked = Signal(object)
    """Items to export; the window asks how."""

    def __init__(
        self, tracker: Tracker, background_tasks: BackgroundTasks, library: Library, catalogue: ModelCatalogue,
        settings: SettingsFile,
        tasks: dict[str, type[Task]],
    ) -> None:  # fmt: skip
        super().__init__()
        self.tracker, self.background_tasks, self.library, self.catalogue = (
            tracker,
            background_tasks,
            library,
            catalogue,
        )
        self.engine = EngineState("starting")
        self.undo = Undo(self)
        """What was done in the window and can be taken back: ``undo.push(title, undo, redo)`` once it is done."""
        self._settings, self._tasks = settings, tasks
        self._looks = set[bool]()
        self._models = catalogue.models()
        self._finder = Finder(library.index, library.inputs, tasks, self.models)
        self._scan = ModelScan(catalogue.look, self)
        self._scan.found.connect(self._found_models)
        self._scan.late.connect(self._not_answering)
        self._counter, self._reader, self._long = TokenCounter(self), BackgroundTasks(self), BackgroundTasks(self)
        self.background = BackgroundEngine(self)
        """Exports, and looks through the library's folders."""
        self.gallery = Gallery(library, background_tasks, self._long, self.undo, self, self)
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
        if why and why != self._told:  # once, not for each item
            self.notify(
                tr("{why} What you make is still saved as files, and will be listed once this works again.", why=why)
            )
        self._told = why

    def _engine_said(self, state: EngineState) -> None:
        self.engine = state
        self.engine_changed.emit(state)

    def close(self) -> bool:
        """End all background work; what was made is saved, and an export stops after its current file.

        Work that can be repeated (a scan, a search, a thumbnail) is not waited for. Returns False if some of it, or the
        disk, is still busy; then nothing that it needs may be closed.
        """
        self.library.look.stop()
        self._scan.close()
        self._reader.drop()
        beside = [self._reader, *self.background.drop()]
        self._counter.close()
        kept = self.tracker.close()
        return close_all([self._long, *beside], LEAVING) and kept

    # -- making --------------------------------------------------------------------------------------------------

    def make(self, task: Task, model: str, lane: Lane = "work") -> JobHandle:
        """Ask for ``task`` from the model at the address ``model``.

        Raises StudioError for a value out of bounds, and for a model that can't do what the request needs.
        """
        known = self._model_at(model)
        if known is not None and (
            why := why_unable(known.name, known.can, task.needed()) or why_parts_unfit(task, known, self._model_at)
        ):
            raise StudioError(why)
        return self.tracker.submit(Job(task=task, model=model, lane=lane))

    # -- models --------------------------------------------------------------------------------------------------

    def models(self, needs: tuple[Can, ...] = ()) -> list[Model]:
        """The models that are here and can do one of ``needs``; all where nothing is needed."""
        return [model for model in self._models if fits(model.can, needs)]

    def _model_at(self, address: str) -> Model | None:
        return next((model for model in self._models if model.address == address), None)

    def parts_for(self, model: Model, part: str) -> list[Model]:
        """What is here and may be given to ``model`` as ``part``."""
        return parts_for(model, self._models, part)

    def part_named(self, model: Model, part: str, name: str) -> str:
        """The address of the one of these that people or another tool call so; "" when it isn't here."""
        return address_named(name, self.parts_for(model, part))

    def unfit_fields(self, task: Task, model: Model) -> dict[str, Any]:
        """The fields of ``task`` that give ``model`` what is of no use to it, with nothing in them."""
        return unfit_fields(task, model, self._model_at)

    def rescan_models(self) -> None:
        """Rescan every folder in the background."""
        self._scan.look(*self.catalogue.places)

    def _found_models(self, place: str, models: list[Model]) -> None:
        self.catalogue.take(place, models)
        self.background_tasks.do(self.catalogue.keep)
        self._show_models()

    def _not_answering(self, place: str) -> None:
        self.catalogue.wait_for(place)
        self._show_models()

    def _show_models(self) -> None:
        models = self.catalogue.models()
        if models != self._models:
            self._models = models
            self.models_changed.emit()

    def count_tokens(self, model: Model, text: str, then: Answer) -> None:
        """Call ``then`` with the token count of ``text`` and the model's limit, or with None if they are unknown."""
        self._counter.count(model, text, then)

    def schedulers_of(self, model: Model) -> tuple[str, ...]:
        """The schedulers that a picture model can use."""
        return model.schedulers

    # -- what was made -------------------------------------------------------------------------------------------

    def read(
        self, work: Callable[[], Read], then: Callable[[Read], None], owner: QObject,
        failed: Callable[[StudioError], None] | None = None,
    ) -> None:  # fmt: skip
        """Call ``then`` with what ``work`` reads from the disk, in the background and without waiting for writes."""
        self._reader.do(work, then, failed, owner)

    def search(self, query: Query, most: int, then: Callable[[list[Item]], None], owner: QObject) -> None:
        """Call ``then`` with the newest matching items, at most ``most``."""
        self.read(lambda: self.library.search(query, most), then, owner, self._say)

    def look_again(self, everything: bool = False, then: Callable[[Found], None] = lambda _: None) -> None:
        """Look in the background for files that were added to the library's folders, moved or removed by hand.

        Quick if little has changed; ``everything`` also reads folders that look unchanged.
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
            return  # one is running already
        self._looks.add(everything)
        again, title = self.library.look.again, tr("Scan the library's folders")
        self.background.do("look", title, lambda job: again(everything, job.stopped, job.tell), show, fail, self)

    def clean_up(self) -> None:
        """Remove in the background what an earlier, killed run left unfinished, and unused input files."""
        waiting = None if self.tracker.notice else self.tracker.inputs
        self._long.do(lambda: self.library.clean_up(discard, waiting), failed=self._say, owner=self)

    def thumbnail(self, item: Item, then: Callable[[str], None], owner: QObject) -> None:
        """Make the item's thumbnail and call ``then`` with its path, "" if that fails."""
        if item.kind == "text":
            then("")
            return
        self._reader.do(lambda: str(self.library.thumbnail(item, THUMBNAIL)), then, lambda _: then(""), owner)

    def input_place(self, item: Item, field: str, path: str) -> str:
        """The path of an input file that the item's request calls ``path``: the original, or its kept copy."""
        files = read_inputs(item.job.get("inputs")).get(field, ())
        file = next((file for file in files if path in (file.path, file.name)), None)
        return (self.library.inputs.place_of(file) if file is not None else "") or path

    def star(self, items: Sequence[Item], on: bool | None = None) -> None:
        """Star or unstar the items (None: toggle); can be undone."""
        self.gallery.star([item.id for item in items], on)

    def delete(self, items: Sequence[Item]) -> None:
        """Move the items into the library's trash; can be undone."""
        self.gallery.delete([item.id for item in items])

    def _say(self, error: StudioError) -> None:
        self.notify(error.message)

    def export(
        self, items: Sequence[Item], options: ExportOptions,
        then: Callable[[list[Path]], None], failed: Callable[[StudioError], None],
    ) -> BackgroundJob:  # fmt: skip
        """Export in the background; what is made meanwhile is saved without waiting for it.

        The job says how many files are there. Once it is stopped, the file that is being written is the last.
        """

        def work(job: BackgroundJob) -> list[Path]:
            return self.library.export(items, options, job.stopped, lambda done: job.tell(done, len(items)))

        title = tr_count(len(items), "Export {count} item", "Export {count} items")
        return self.background.do("export", title, work, then, failed, self)

    def settings_of(
        self,
        path: str,
        then: Callable[[UseSettings | None], None],
        failed: Callable[[StudioError], None],
        owner: QObject,
    ) -> None:
        """Call ``then`` with the settings in the file, for its room, or with None if it has none.

        A file that isn't a picture is reported to ``failed``.
        """
        self.read(lambda: read_settings(path, self._finder), then, owner, failed)

    def read_request(self, item: Item) -> UseRequest:
        """The request that made the item, for its room. Raises StudioError if this version can't read it."""
        job, missing = self._finder.job_of_row(item.job, item.model)
        notes = self._finder.notes_here(item.notes)
        return UseRequest(room=room_of(job.task), job=job, notes=notes, missing=missing)

    def job_of(self, item: Item) -> Job:
        """The request that made the item. Raises StudioError if this version can't read it."""
        return self._finder.job_of_row(item.job, item.model)[0]

    # -- settings and words --------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What the person chose."""
        return self._settings.settings

    def change_settings(self, **changes: Any) -> None:
        """Apply and save ``changes``, also to the engine. If saving fails, an error is shown and they last until the
        end.

        They are written in the background: a busy disk can take a quarter of a second.
        """
        paths, before = self.library.paths, self.settings
        self._settings.settings = msgspec.structs.replace(before, **changes)
        if (config := engine_config(self.settings, paths)) != engine_config(before, paths):
            self.tracker.configure(config)
        self.background_tasks.do(self._settings.write, failed=self._say, owner=self)

    def set_model_folders(self, folders: Sequence[str]) -> Step:
        """Look for models in these folders, and remember them; can be undone."""
        before = self.settings.model_folders
        self._use_model_folders(folders)
        title = tr("Add a models folder") if len(folders) > len(before) else tr("Remove a models folder")
        return self.undo.push(title, lambda: self._use_model_folders(before), lambda: self._use_model_folders(folders))

    def _use_model_folders(self, folders: Sequence[str]) -> None:
        self.catalogue.folders = tuple(folders)
        self.change_settings(model_folders=tuple(folders))
        self._show_models()
        self.rescan_models()

    def remember(self, room: str, data: dict[str, Any]) -> None:
        """Save a room's state for the next start."""
        self.change_settings(rooms={**self.settings.rooms, room: data})

    def remembered(self, room: str, part: str = "") -> dict[str, Any]:
        """The saved state of a room, or one ``part`` of it; empty the first time."""
        kept = self.settings.rooms.get(room, {})
        inner = kept.get(part) if part else kept
        return inner if isinstance(inner, dict) else {}

    def folder_of(self, room: str) -> Path:
        """The folder for a room's own files: neither items nor settings."""
        return self.library.paths.data / room

    def write(
        self, path: Path, data: bytes, failed: Callable[[StudioError], None], owner: QObject,
        then: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Write a file atomically, in the background."""
        own = path.is_relative_to(self.library.paths.data)
        self.background_tasks.do(lambda: write_atomic(path, data, private=own), lambda _: then(), failed, owner)

    def open_outside(self, path: str) -> None:
        """Open a file or folder in the system's program for it; if there is none, show its path."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            words = tr("No program on this computer can open {path}", path=path)
            self.notify(words, tr("Copy the path"), lambda: QGuiApplication.clipboard().setText(path))

    def send(self, message: Message) -> None:
        """Bring another room forward and deliver ``message`` to it."""
        self.sent.emit(message)

    def notify(
        self, text: str, action: str = "", do: Callable[[], None] | None = None, about: object = None
    ) -> None:  # fmt: skip
        """Show a short message; it replaces an earlier one ``about`` the same thing."""
        self.noticed.emit(Notice(text=text, action=action, do=do, about=about))

    def one_of(self, paths: Sequence[str]) -> str:
        """The first of the dropped files, where only one is accepted; tells the person if there were more."""
        if len(paths) > 1:
            self.notify(tr("One file at a time: only {name} was used.", name=Path(paths[0]).name))
        return paths[0]

    def say_missing(self, has_model: bool, files: Sequence[str] = ()) -> None:
        """Tell the person what an earlier request used and is missing here: its model, and files by name."""
        if not has_model:
            self.notify(tr("The model that made this isn't here; the selected one is used."))
        if files:
            self.notify(tr("Not on this machine: {names}", names=", ".join(files)[:300]))

    def say_done(self, text: str, step: Step) -> None:
        """Tell the person that a step was done, and offer to undo it."""
        self.notify(text, tr("Undo"), lambda: self.undo.take_back(step), step)

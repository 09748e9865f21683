"""The tracker: follows every job from the wish to the file, and keeps the line of those that wait."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from studio.app.background_tasks import BackgroundTasks
from studio.app.input_files import InputFiles
from studio.app.job_handle import JobHandle
from studio.app.line_file import SavedRun, read_line
from studio.app.saved_line import SavedLine
from studio.app.worker import Worker
from studio.core.engine_config import EngineConfig
from studio.core.errors import StudioError
from studio.core.events import (
    Cancelled,
    Done,
    EngineState,
    Failed,
    Made,
    ModelsState,
    Preview,
    Progress,
    Started,
    TextDelta,
)
from studio.core.task import Task, check
from studio.core.text import tr
from studio.core.values import Asset, Job, new_id
from studio.library.inputs import Inputs

log = logging.getLogger(__name__)
KEEPING = 30.0
"""Seconds that the end waits for a disk to take what was made."""
ENDING = 10.0
"""Seconds that it waits for an engine to end, which a driver can hold."""


class Keep(Protocol):
    """Writes one finished thing and returns its library item. Runs in the background thread.

    ``folder``: where to, else the library's own folder.
    """

    def __call__(self, job: Job, asset: Asset, folder: Path | None) -> object:
        """Write it; the item."""


class Unsaved(NamedTuple):
    """A thing that is in memory only, and why."""

    run: JobHandle
    asset: Asset
    error: StudioError


class Tracker(QObject):
    """All jobs of the window. Lives in the window's thread, so nothing here needs a lock.

    The line is kept here and the engine is given as many jobs of it as it has room for: what waits can be moved, edited
    and removed, and survives whatever happens to the engine. Frames go straight to the engine, which keeps the newest
    only.
    """

    changed = Signal()
    """The line, or the state of a run in it."""
    kept = Signal(object)
    """A new library item."""
    unfollowed = Signal(object)
    """A run has begun that no room listens to: it comes from the saved line, or was tried again from the queue."""
    trouble = Signal(object, str)
    """A run of the line that failed, or a thing of it that couldn't be saved: the run and the sentence."""
    line_unsaved = Signal(str)
    """The line can't be written, for the first time since it could: the sentence."""
    input_unkept = Signal(str)
    """An input file couldn't be copied, and its request goes on: the sentence."""
    engine_state = Signal(object)
    models_state = Signal(object)

    def __init__(
        self, worker: Worker, background_tasks: BackgroundTasks, keep: Keep, inputs: Inputs, saved: Path,
        tasks: Mapping[str, type[Task]],
    ) -> None:  # fmt: skip
        super().__init__()
        self._worker, self._background_tasks, self._keep = worker, background_tasks, keep
        self._runs: dict[str, JobHandle] = {}
        self._line: list[JobHandle] = []
        self._running: list[JobHandle] = []
        self._writing: dict[str, int] = {}
        self._endings: dict[str, Done | Failed | Cancelled] = {}
        self.unsaved: list[Unsaved] = []
        self.paused = False
        self._closing = False
        self.stuck = False
        """True while the engine doesn't obey a stop."""
        self._saved = SavedLine(saved, background_tasks, self._not_saved)
        self._input_files = InputFiles(inputs, background_tasks, self._line_changed, self.input_unkept.emit)
        self.notice = self._restore(saved, tasks)
        """What the saved line had to say at the start, for people; "" when nothing."""
        worker.said.connect(self._take, Qt.ConnectionType.QueuedConnection)

    # -- the line ------------------------------------------------------------------------------------------------

    @property
    def line(self) -> tuple[JobHandle, ...]:
        """Runs in order: those that run, those that wait, and those whose trouble nobody has dismissed."""
        return tuple(self._line)

    @property
    def waiting(self) -> int:
        """How many jobs wait for their turn."""
        return len(self.waiting_runs)

    @property
    def waiting_runs(self) -> tuple[JobHandle, ...]:
        """Those that wait for their turn, in order."""
        return tuple(filter(self.waits, self._line))

    @property
    def inputs(self) -> frozenset[str]:
        """The hashes of the input files of the requests in the line, as far as they are known."""
        several = (files for run in self._line for files in run.job.inputs.values())
        return frozenset(file.sha256 for files in several for file in files)

    @property
    def unfinished(self) -> int:
        """How many runs of the line ended otherwise than asked, and can be tried again or removed."""
        return sum(run.over for run in self._line)

    @property
    def running(self) -> tuple[JobHandle, ...]:
        """The runs that the engine works on, in the order in which it was given them."""
        return tuple(self._running)

    @property
    def active(self) -> JobHandle | None:
        """The first of them, for what shows one at a time."""
        return self._running[0] if self._running else None

    def waits(self, run: JobHandle) -> bool:
        """True while ``run`` can still be moved and changed."""
        return run.state == "waiting" and run not in self._running

    def submit(self, job: Job) -> JobHandle:
        """Put ``job`` in its lane. Raises StudioError when a field is out of its bounds."""
        check(job.task)
        run = JobHandle(job)
        self._runs[job.id] = run
        if job.lane == "frames":
            self._worker.engine.submit(job)
        else:
            self._line.append(run)
            self._input_files.keep(run)
            self._line_changed()
        return run

    def cancel(self, name: str) -> None:
        """Stop the job: one that waits leaves the line, one that runs is told to stop at its next step.

        Once the engine is ``stuck`` over that, a second call replaces the engine.
        """
        run = self._runs.get(name)
        if run is None or run.over:
            return
        if run.job.lane == "work" and run not in self._running:
            self._end(run, Cancelled(name))
            return
        if run.state == "stopping" and not self.stuck:
            return
        self._worker.engine.cancel(name)
        run.state = "stopping"
        run.stopping.emit()
        self.changed.emit()

    def remove(self, name: str) -> None:
        """Take the run off the line for good; a running one is stopped first."""
        self.cancel(name)
        self._drop(name)
        self._line_changed()

    def move(self, name: str, place: int) -> None:
        """Put a waiting job at ``place`` among those that wait, 0 being next."""
        run = self._runs[name]
        if self.waits(run):
            self._line.remove(run)
            self._line.insert(min(self._first_waiting() + max(place, 0), len(self._line)), run)
            self._line_changed()

    def edit(self, name: str, task: Task) -> None:
        """Give a waiting job other parameters. Raises StudioError when they are out of bounds or it waits no more."""
        check(task)
        run = self._runs.get(name)
        if run is None or not self.waits(run):
            raise StudioError(tr("This request has already started and can't be changed."))
        run.job = Job(task=task, model=run.job.model, id=name, inputs=run.job.inputs)
        self._input_files.keep(run)
        self._line_changed()

    def retry(self, name: str) -> JobHandle | None:
        """Put a job that failed, was stopped or was interrupted at the head of the line again."""
        old = self._runs.get(name)
        if old is None or not old.can_retry:
            return None
        self._drop(name)
        run = JobHandle(old.job)
        run.deaths = old.deaths
        self._runs[name] = run
        self._line.insert(self._first_waiting(), run)
        self._line_changed()
        return run

    def put_back(self, row: SavedRun, place: int) -> str:
        """Put a request that was removed at its place in the line again. Returns its name, a new one if need be."""
        if row.job.id in self._runs:
            row = msgspec.structs.replace(row, job=msgspec.structs.replace(row.job, id=new_id()))
        run = self._saved_run(row)
        behind = [at + 1 for at, each in enumerate(self._line) if each in self._running and not run.over]
        self._line.insert(min(max(place, *behind, 0), len(self._line)), run)
        self._line_changed()
        return row.job.id

    def configure(self, config: EngineConfig) -> None:
        """Have the engine work as ``config`` says from its next job on."""
        self._worker.engine.configure(config)

    def pause(self, on: bool) -> None:
        """While paused, no waiting job starts; those that run go on."""
        self.paused = on
        self._line_changed()

    def close(self, seconds: float = KEEPING) -> bool:
        """End the engine, keep what it still made, save the line as it stands, and end the background tasks.

        Returns False when the engine or a drive took longer than that, and something may not be on the disk.
        """
        self._closing = True
        ended = self._worker.close(ENDING)
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)
        kept = self._background_tasks.finish(seconds)
        QCoreApplication.sendPostedEvents(self._background_tasks, QEvent.Type.MetaCall)
        self._saved.save(self._snapshot())
        kept = self._background_tasks.close(seconds if kept else 0.0) and kept
        QCoreApplication.sendPostedEvents(self._background_tasks, QEvent.Type.MetaCall)
        if not kept:
            log.error("the disk doesn't answer: what was made last may not be on it")
        return kept and ended

    def _not_saved(self, sentence: str) -> None:
        if not self._closing:
            self.line_unsaved.emit(sentence)

    def _drop(self, name: str) -> None:
        if all(run.job.id != name for run in self._running):
            self._line = [run for run in self._line if run.job.id != name]
            if (run := self._runs.pop(name, None)) is not None:
                self._let_go(run)

    def _let_go(self, run: JobHandle) -> None:
        """Delete a run that is over and saved: its listeners know it, and it knows them, so nobody else would."""
        busy = run.job.id in self._writing or any(run is thing.run for thing in self.unsaved)
        if not busy and self._runs.get(run.job.id) is not run:
            run.deleteLater()

    def _first_waiting(self) -> int:
        return next((at for at, run in enumerate(self._line) if self.waits(run)), len(self._line))

    def _line_changed(self) -> None:
        if self._closing:
            return
        self._next()
        self._saved.save(self._snapshot())
        self.changed.emit()

    def _next(self) -> None:
        room = 0 if self.paused else self._worker.engine.capacity - len(self._running)
        if room <= 0:
            self._input_files.forget()
            return
        for run in self.waiting_runs[:room]:
            if (job := self._input_files.found(run)) is not None:
                self._running.append(run)
                self._worker.engine.submit(job)

    def _snapshot(self) -> tuple[SavedRun, ...]:
        keep = [run for run in self._line if run.state in ("waiting", "running", "interrupted")]
        return tuple(SavedRun(run.job, run.state != "waiting", run.deaths, run.message) for run in keep)

    def _restore(self, path: Path, tasks: Mapping[str, type[Task]]) -> str:
        saved, notice = read_line(path, tasks)
        self._line = [self._saved_run(row) for row in saved]
        for run in self._line:
            self._input_files.keep(run)
        self.paused = self.waiting > 0
        return notice

    def _saved_run(self, row: SavedRun) -> JobHandle:
        run = JobHandle(row.job)
        run.deaths = row.deaths
        if row.begun:
            run.state = "interrupted" if row.deaths < 2 else "failed"
            run.message = row.message or tr("Triptych was closed while this was running.")
        self._runs[row.job.id] = run
        return run

    # -- what the engine says ------------------------------------------------------------------------------------

    def _take(self, message: object) -> None:
        if isinstance(message, EngineState):
            self.stuck = message.state == "stuck"
            if message.state == "gone" and self.waiting and not self._closing:
                self.pause(True)  # or each job that waits would be fed to an engine that dies of it
            self.engine_state.emit(message)
        elif isinstance(message, ModelsState):
            self.models_state.emit(message)
        else:
            run = self._runs.get(message.job)  # type: ignore[attr-defined]  # every other message is of a job
            if run is not None:
                self._of_run(run, message)

    def _of_run(self, run: JobHandle, event: object) -> None:
        match event:
            case Started():
                self._started(run)
            case Progress(_, done, total, stage):
                run.at = (done, total, stage)
                run.progress.emit(done, total, stage)
            case Preview(_, asset, index):
                run.preview.emit(asset, index)
            case TextDelta(_, text, index):
                run.words.emit(text, index)
            case Made(_, asset):
                self._made(run, asset)
            case Done() | Failed() | Cancelled():
                self._ended(run, event)

    def _started(self, run: JobHandle) -> None:
        if run.state == "waiting":
            run.state = "running"
        if run.job.lane == "work":
            if not run.followed:
                self.unfollowed.emit(run)
            self._line_changed()
        run.started.emit()

    def _made(self, run: JobHandle, asset: Asset, folder: Path | None = None) -> None:
        if run.job.lane == "frames":
            run.made.emit(asset, None)
            return
        name = run.job.id
        self._writing[name] = self._writing.get(name, 0) + 1

        def written(item: object) -> None:
            run.made.emit(asset, item)
            self.kept.emit(item)
            self._written(run)

        def refused(error: StudioError) -> None:
            self.unsaved.append(Unsaved(run, asset, error))
            run.unsaved.emit(asset, error)
            self.trouble.emit(run, error.message)
            self._written(run)

        self._background_tasks.do(lambda: self._keep(run.job, asset, folder), written, refused)

    def save_again(self, done: Callable[[int], None], folder: Path | None = None) -> None:
        """Try once more to write what couldn't be written, in ``folder`` if one is given.

        ``done`` is told how many are still not on disk.
        """
        again, self.unsaved = self.unsaved, []
        for thing in again:
            self._made(thing.run, thing.asset, folder)
        self._background_tasks.do(lambda: None, lambda _: done(len(self.unsaved)))

    def _written(self, run: JobHandle) -> None:
        name = run.job.id
        self._writing[name] -= 1
        if not self._writing[name]:
            del self._writing[name]
            if name in self._endings:
                self._end(run, self._endings.pop(name))
            else:
                self._let_go(run)

    def _ended(self, run: JobHandle, event: Done | Failed | Cancelled) -> None:
        """The last signal waits until all that was made is on disk."""
        if self._closing and not isinstance(event, Done):
            return  # stopped by the closing itself: saved as interrupted
        if run in self._running:
            self._running.remove(run)
            self.stuck = False
        if run.job.id in self._writing:
            self._endings[run.job.id] = event
            self._next()
        else:
            self._end(run, event)

    def _end(self, run: JobHandle, event: Done | Failed | Cancelled) -> None:
        run.finish(event)
        if isinstance(event, Failed) and run.job.lane == "work":
            self.trouble.emit(run, run.message)
        if run.state in ("done", "cancelled") or run.job.lane == "frames":
            self._drop(run.job.id)
        if run.job.lane == "work":
            self._line_changed()

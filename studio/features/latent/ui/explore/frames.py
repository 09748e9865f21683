"""The source of frames: the live one first, then modes' questions about the model, small pictures, and map cells."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from studio.app.job_handle import JobHandle
from studio.app.services import StudioServices
from studio.core.errors import StudioError
from studio.core.events import EngineState, Failed
from studio.core.task import Task
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentFacts, LatentTask, WalkTask

BATCH = 4
"""Pictures per job: few, so that the live frame never waits long for them."""
Ready = Callable[[Asset], None]


class Frames(QObject):
    """A moving slider requests frames faster than they can be made: only the newest request counts.

    One job at a time; results are not saved.
    """

    live = Signal(object, float, object)
    """The live frame as an asset, the seconds that it took, and its request."""
    cell = Signal(object, object)
    """A seed of the map (an object: 32 bits don't fit into Qt's int) and its picture."""
    stale = Signal()
    """The model or settings changed: all pictures but the live one are outdated. Request again what is shown."""
    failed = Signal(object)
    layers_changed = Signal()
    asked = Signal(object)
    """A run that somebody waits for was submitted."""
    model_changed = Signal()
    """The model's classes or abilities changed."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self._missing: Callable[[int], Sequence[int]] = lambda _most: ()
        self._model = ""
        self._wish: LatentTask | WalkTask | None = None
        self._settings = LatentTask()
        self._questions: deque[tuple[Task, Ready, QObject]] = deque()
        self._asked: deque[tuple[LatentPoint, Ready, QObject]] = deque()
        self._alone: deque[tuple[LatentPoint, Ready, QObject]] = deque()
        """Pictures of a batch that couldn't be made: one of them is why, the others are made by themselves."""
        self._busy: JobHandle | None = None
        self._generation = 0
        self._fills = True
        """False once the map's pictures couldn't be made: they would fail again and again."""
        self._live: LatentTask | WalkTask | None = None
        """The newest live frame that was begun."""
        self._again: LatentTask | WalkTask | None = None
        """One that was begun a second time."""
        self._beside: tuple[JobHandle, ...] = ()
        """The requests beside which there was no memory."""
        self._lost: LatentTask | WalkTask | None = None
        """The live frame that was lost with the engine, or for want of memory. It is asked for once more."""
        self.bands: tuple[int, ...] = ()
        """Where the model's coarse, middle and fine layers end; nothing until its first picture has come."""
        services.engine_changed.connect(self._engine_changed)
        services.tracker.changed.connect(self._line_changed)
        self.classes, self.turns = 0, False
        """How many classes the model has, and whether its pictures can be turned and shifted."""

    @property
    def layers(self) -> int:
        """The number of the model's layers; 0 until its first picture has come."""
        return self.bands[-1] if self.bands else 0

    def use(self, model: str, settings: LatentTask) -> None:
        """Make frames with ``model`` from now on; ``settings`` apply to all pictures but the live one."""
        bare = msgspec.structs.replace(settings, points=(), seeds=(), coarse=-1, middle=-1, fine=-1)
        self._model, self._settings = model, bare
        self._generation += 1
        self._fills, self._lost = True, None
        self._questions.clear()
        self._asked.clear()
        self._alone.clear()
        self.stale.emit()
        self.wake()

    def fill(self, missing: Callable[[int], Sequence[int]]) -> None:
        """Whenever idle, make pictures of the seeds that ``missing(most)`` returns, emitted as ``cell``."""
        self._missing = missing

    def show(self, task: LatentTask | WalkTask) -> None:
        """Request the point of ``task``, or a frame of a walk, as the live frame.

        A seed for random noise is drawn here, so that the picture can be made again.
        """
        if task.noise == "random" and task.noise_seed < 0:
            task = msgspec.structs.replace(task, noise_seed=secrets.randbits(31))
        self._wish, self._lost = task, None
        self.wake()

    def ask(self, question: Task, ready: Ready, owner: QObject) -> None:
        """Call ``ready`` with each asset of the answer, unless ``owner`` is gone or ``stale`` came first.

        Only the newest question of each kind per ``owner`` counts.
        """
        others = [asked for asked in self._questions if asked[2] is not owner or asked[0].kind != question.kind]
        self._questions = deque([*others, (question, ready, owner)])
        self.wake()

    def picture(self, point: LatentPoint, ready: Ready, owner: QObject) -> None:
        """Call ``ready`` with a picture of ``point``, unless ``owner`` is gone or ``stale`` came first."""
        self._asked.append((point, ready, owner))
        self.wake()

    def drop(self, owner: QObject) -> None:
        """Drop the waiting picture requests of ``owner``."""
        self._asked = deque(asked for asked in self._asked if asked[2] is not owner)
        self._alone = deque(asked for asked in self._alone if asked[2] is not owner)

    @property
    def wishes(self) -> bool:
        """Whether a newer live frame is requested than the one being made."""
        return self._wish is not None

    def wake(self) -> None:
        """Start the next job if none is running."""
        if self._busy is not None or not self._model:
            return
        if self._wish is not None:
            task, self._wish = self._wish, None
            self._live = task
            self._submit(task, self._live_one(task), self._say)
        elif self._questions:
            question, ready, owner = self._questions.popleft()
            self._submit(question, self._if_fresh(lambda _, asset: _hand(asset, ready, owner)), self._say)
        elif self._alone:
            self._ask_small([self._alone.popleft()])
        elif self._asked:
            self._ask_small([self._asked.popleft() for _ in range(min(BATCH, len(self._asked)))])
        elif self._fills and (seeds := tuple(self._missing(BATCH))):
            self._submit(
                msgspec.structs.replace(self._settings, seeds=seeds),
                self._if_fresh(lambda index, asset: self.cell.emit(seeds[index], asset)),
                self._fill_failed,
            )

    def _ask_small(self, some: list[tuple[LatentPoint, Ready, QObject]]) -> None:
        self._submit(
            msgspec.structs.replace(self._settings, points=tuple(point for point, _, _ in some)),
            self._if_fresh(lambda index, asset: _hand(asset, *some[index][1:])),
            partial(self._small_failed, some),
        )

    def _live_one(self, task: LatentTask | WalkTask) -> Callable[[int, Asset], None]:
        model, begun = self._model, time.perf_counter()

        def taken(_: int, asset: Asset) -> None:
            if model == self._model:
                self.live.emit(asset, time.perf_counter() - begun, task)

        return taken

    def _if_fresh(self, take: Callable[[int, Asset], None]) -> Callable[[int, Asset], None]:
        generation = self._generation

        def taken(index: int, asset: Asset) -> None:
            if generation == self._generation:
                take(index, asset)

        return taken

    def _submit(self, task: Task, take: Callable[[int, Asset], None], failed: Callable[[StudioError], None]) -> None:
        try:
            run = self._services.make(task, self._model, lane="frames")
        except StudioError as error:
            self.failed.emit(error)
            return
        self._busy, model = run, self._model
        run.made.connect(lambda asset, _: self._take(asset, take) if model == self._model else None)
        run.done.connect(lambda _: self._next(run))
        run.cancelled.connect(lambda: self._next(run))
        run.failed.connect(lambda event: self._trouble(run, event, failed))
        self.asked.emit(run)

    def _take(self, asset: Asset, take: Callable[[int, Asset], None]) -> None:
        facts = LatentFacts.of(asset.notes)
        bands = facts.layers or self.bands
        if bands != self.bands:
            self.bands = bands
            self.layers_changed.emit()
        known = (facts.classes or 0, bool(facts.turns))
        if facts.classes is not None and known != (self.classes, self.turns):
            self.classes, self.turns = known
            self.model_changed.emit()
        take(facts.index or 0, asset)

    def _next(self, run: JobHandle) -> None:
        if self._busy is run:
            self._busy = None
            self.wake()

    def _trouble(self, run: JobHandle, event: Failed, failed: Callable[[StudioError], None]) -> None:
        """Continue with the others if only this request was wrong; otherwise they would fail as well."""
        if self._busy is not run:
            return
        self._busy = None
        if event.trouble == "bad_request":
            failed(StudioError(event.message, event.trouble))
            self.wake()
            return
        lost = event.trouble in ("engine_died", "out_of_memory") and run.job.task is self._live
        if lost and self._live is not self._again:
            self._lost = self._live
            self._beside = self._services.tracker.running
        self._say(StudioError(event.message, event.trouble))

    def _say(self, error: StudioError) -> None:
        self.failed.emit(error)

    def _engine_changed(self, state: EngineState) -> None:
        if state.state == "ready":
            self._try_again()

    def _line_changed(self) -> None:
        if self._lost is not None and self._services.tracker.running != self._beside:
            self._try_again()

    def _try_again(self) -> None:
        """There is a new engine, or more memory: request what was lost, but only once, and what is missing."""
        if self._lost is not None and self._wish is None:
            self._wish = self._again = self._lost
        self._lost, self._fills = None, True
        self.wake()

    def _small_failed(self, some: list[tuple[LatentPoint, Ready, QObject]], _: StudioError) -> None:
        """A point of another model gets no picture."""
        if len(some) > 1:
            self._alone.extend(some)

    def _fill_failed(self, error: StudioError) -> None:
        self._fills = False
        self._say(error)


def _hand(asset: Asset, ready: Ready, owner: QObject) -> None:
    if isValid(owner):
        ready(asset)

"""The source of frames: the live one first, then what the map still lacks; one job at a time, never kept."""

import time
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.app.desk import Desk
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.values import Asset
from studio.features.latent.point import Blend
from studio.features.latent.task import LatentTask

BATCH = 4
"""Cells of the map for each job: few, so that the live frame never waits long behind them."""


class Frames(QObject):
    """Whoever moves a slider asks for frames faster than they can be made: only the newest wish counts."""

    live = Signal(object, float)
    """The newest wish as an asset, and the seconds that it took."""
    cell = Signal(object, object)
    """A seed of the map (an object: it has 32 bits, one more than Qt's numbers) and its picture."""
    failed = Signal(object)

    def __init__(self, desk: Desk, missing: Callable[[int], Sequence[int]]) -> None:
        super().__init__()
        self._desk, self._missing = desk, missing
        self._model = ""
        self._wish: LatentTask | None = None
        self._cells = LatentTask()
        self._busy: Run | None = None
        self._generation = 0

    def use(self, model: str, cells: LatentTask) -> None:
        """Make frames with ``model`` from now on; ``cells``: how the map's pictures shall be."""
        self._model, self._cells = model, cells
        self._generation += 1
        self.wake()

    def show(self, task: LatentTask, point: Blend) -> None:
        """Wish for ``point`` with the settings of ``task``."""
        self._wish = msgspec.structs.replace(task, points=(point,), seeds=())
        self.wake()

    def wake(self) -> None:
        """Begin the next job if none is on its way."""
        if self._busy is not None or not self._model:
            return
        if self._wish is not None:
            task, self._wish = self._wish, None
            self._submit(task, ())
        elif seeds := tuple(self._missing(BATCH)):
            self._submit(msgspec.structs.replace(self._cells, seeds=seeds), seeds)

    def _submit(self, task: LatentTask, seeds: tuple[int, ...]) -> None:
        begun, generation = time.perf_counter(), self._generation
        try:
            run = self._desk.make(task, self._model, lane="frames")
        except StudioError as error:
            self.failed.emit(error)
            return
        self._busy = run

        def made(asset: Asset, _item: object) -> None:
            if not seeds:
                self.live.emit(asset, time.perf_counter() - begun)
            elif generation == self._generation:
                self.cell.emit(seeds[int(asset.notes.get("index", 0))], asset)

        run.made.connect(made)
        run.done.connect(lambda _: self._next(run))
        run.cancelled.connect(lambda: self._next(run))
        run.failed.connect(lambda event: self._trouble(run, event))

    def _next(self, run: Run) -> None:
        if self._busy is run:
            self._busy = None
            self.wake()

    def _trouble(self, run: Run, event: Failed) -> None:
        """Say it once and wait for the next wish: asking again by itself would only fail again."""
        if self._busy is run:
            self._busy = None
            self.failed.emit(StudioError(event.message, event.trouble))

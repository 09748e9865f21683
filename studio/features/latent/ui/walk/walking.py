"""Plays and exports the walk: requests its frames during playback, and resumes stopped exports."""

import msgspec
from PySide6.QtCore import QObject

from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.tasks.latent import WalkFacts, WalkTask
from studio.features.latent.ui.explore.mode import Bench
from studio.features.latent.ui.walk.timeline import Timeline


class Walking(QObject):
    """Shows and exports the ``timeline`` with the settings of the room."""

    def __init__(self, bench: Bench, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._bench, self._timeline = bench, timeline
        self._from = bench.state.point
        """Where one was when the walk began to play."""
        timeline.at.connect(self._play)
        timeline.stopped.connect(self.settle)
        timeline.exported.connect(self._export)
        bench.frames.live.connect(self._frame_came)

    def follow(self, run: Run) -> None:
        """Follow an export; a stopped one can be resumed."""
        task, desk = run.job.task, self._bench.desk

        def go_on() -> None:
            self._bench.ask(task)

        words = tr("The video stopped; what is finished is kept.")
        run.cancelled.connect(lambda: desk.notify(words, tr("Continue"), go_on))

    def plays_on(self) -> bool:
        """Whether playback continues after a change of the state: yes for settings, no for another point."""
        if self._timeline.playing and self._bench.state.point != self._from:
            self._timeline.halt()
            self._walks = False
        return self._timeline.playing

    def settle(self) -> None:
        """Make the walk's current frame the current point: further actions apply to that picture."""
        if self._walks:
            self._walks = False
            self._timeline.halt()
            self._bench.state.set_point(self._bench.seen.point, "walk")

    _walks = False
    """Whether the picture on display is a frame of the walk that isn't the current point yet."""

    def _play(self, frame: int) -> None:
        """Show a frame exactly as it will be exported."""
        self._from = self._bench.state.point
        if (walk := self._walk()) is not None:
            self._bench.frames.show(msgspec.structs.replace(walk, at=(frame,)))

    def _export(self) -> None:
        self._timeline.stop()
        if (walk := self._walk()) is not None:
            self._bench.ask(walk)

    def _walk(self) -> WalkTask | None:
        try:
            return self._timeline.walk(self._bench.state.task)
        except StudioError as error:
            self._bench.say(error)
            return None

    def _frame_came(self, asset: Asset, _: float, task: Task) -> None:
        self._walks = isinstance(task, WalkTask)
        if self._walks and not self._timeline.playing and not self._bench.frames.wishes:
            self.settle()
        if durations := WalkFacts.of(asset.notes).durations:
            self._timeline.measured(durations)

"""Plays and exports the walk: requests its frames during playback, and resumes stopped exports."""

import msgspec
from PySide6.QtCore import QObject

from studio.app.job_handle import JobHandle
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.tasks.latent import WalkFacts, WalkTask
from studio.features.latent.ui.explore.mode import ModeContext
from studio.features.latent.ui.walk.timeline import Timeline


class Walking(QObject):
    """Shows and exports the ``timeline`` with the settings of the room."""

    def __init__(self, context: ModeContext, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._context, self._timeline = context, timeline
        self._from = context.state.point
        """Where one was when the walk began to play."""
        timeline.at.connect(self._play)
        timeline.stopped.connect(self.settle)
        timeline.exported.connect(self._export)
        context.frames.live.connect(self._frame_came)

    def follow(self, run: JobHandle) -> None:
        """Follow an export; a stopped one can be resumed."""
        task, services = run.job.task, self._context.services

        def go_on() -> None:
            self._context.ask(task)

        words = tr("The video stopped; what is finished is kept.")
        run.cancelled.connect(lambda: services.notify(words, tr("Continue"), go_on))

    def plays_on(self) -> bool:
        """Whether playback continues after a change of the state: yes for settings, no for another point."""
        if self._timeline.playing and self._context.state.point != self._from:
            self._timeline.halt()
            self._walks = False
        return self._timeline.playing

    def settle(self) -> None:
        """Make the walk's current frame the current point: further actions apply to that picture."""
        if self._walks:
            self._walks = False
            self._timeline.halt()
            self._context.state.set_point(self._context.seen.point, "walk")

    _walks = False
    """Whether the picture on display is a frame of the walk that isn't the current point yet."""

    def _play(self, frame: int) -> None:
        """Show a frame exactly as it will be exported."""
        self._from = self._context.state.point
        if (walk := self._walk()) is not None:
            self._context.frames.show(msgspec.structs.replace(walk, at=(frame,)))

    def _export(self) -> None:
        self._timeline.stop()
        if (walk := self._walk()) is not None:
            self._context.ask(walk)

    def _walk(self) -> WalkTask | None:
        try:
            return self._timeline.walk(self._context.state.task)
        except StudioError as error:
            self._context.say(error)
            return None

    def _frame_came(self, asset: Asset, _: float, task: Task) -> None:
        self._walks = isinstance(task, WalkTask)
        if self._walks and not self._timeline.playing and not self._context.frames.wishes:
            self.settle()
        if durations := WalkFacts.of(asset.notes).durations:
            self._timeline.measured(durations)

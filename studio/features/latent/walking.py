"""The walk at work: its frames are asked for as they are played, its films exported, and gone on with after a stop."""

import msgspec
from PySide6.QtCore import QObject

from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.mode import Bench
from studio.features.latent.task import WalkTask
from studio.features.latent.timeline import Timeline


class Walking(QObject):
    """What the ``timeline`` shows is shown and made with the settings of the room."""

    def __init__(self, bench: Bench, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._bench, self._timeline = bench, timeline
        timeline.at.connect(self._play)
        timeline.exported.connect(self._export)
        bench.frames.live.connect(self._frame_came)

    def follow(self, run: Run) -> None:
        """A film that is stopped can be gone on with where it was."""
        task, desk = run.job.task, self._bench.desk

        def go_on() -> None:
            self._bench.ask(task)

        words = tr("The film stopped; what was made of it is kept.")
        run.cancelled.connect(lambda: desk.notify(words, tr("Continue"), go_on))

    def _play(self, frame: int) -> None:
        """Show a frame, made as the export will make it."""
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

    def _frame_came(self, asset: Asset, _: float) -> None:
        if "durations" in asset.notes:
            self._timeline.measured(asset.notes["durations"])

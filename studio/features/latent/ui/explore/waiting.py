"""The notice for late pictures: what they wait for, for how long, and a way to end it."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.app.job_handle import JobHandle, title_of
from studio.app.services import StudioServices
from studio.core.duration import in_words
from studio.core.text import tr
from studio.features.latent.tasks.train import TrainTask
from studio.ui.banner import Banner, BannerAction

LATE_MS = 1500
"""A picture that takes longer than this is late."""
TICK_MS = 500


class Waiting(QObject):
    """Shows ``banner`` while the newest requested picture is late.

    A closed banner isn't shown again for the same wait.
    """

    late = Signal()
    """The measured speed is outdated."""

    def __init__(self, services: StudioServices, banner: Banner, parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._banner = services, banner
        self._run: JobHandle | None = None
        self._since = 0.0
        self._said = ""
        """What the banner was shown for."""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def watch(self, run: JobHandle) -> None:
        """``run`` was just submitted; the previous one is done or obsolete."""
        self._run, self._since = run, time.monotonic()
        run.made.connect(lambda *_: self._came(run))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(lambda *_: self._came(run))
        if not self._timer.isActive():
            self._timer.start()

    def _came(self, run: JobHandle) -> None:
        if run is self._run:
            self._run = None
            self._timer.stop()
            self._banner.hide()
            self._said = ""

    def _tick(self) -> None:
        if self._run is None or time.monotonic() - self._since < LATE_MS / 1000:
            return
        self.late.emit()
        what, sentence, ways = self._cause(self._run)
        words = tr("{what} {time} so far.", what=sentence, time=in_words(time.monotonic() - self._since))
        if what != self._said:
            self._said = what
            self._banner.show_notice(words, "note", actions=ways)
        else:
            self._banner.set_message(words)

    def _cause(self, run: JobHandle) -> tuple[str, str, list[BannerAction]]:
        """The cause: its name, a sentence, and the possible actions."""
        host, engine = self._services.tracker.active, self._services.engine
        if engine.state == "starting":
            return "starting", tr("The engine is starting; pictures will appear when it is ready."), []
        if engine.state in ("died", "gone"):
            return "gone", engine.message or tr("The engine can't start"), []
        if run.state == "running":
            loading = run.at[2] == "Loading"
            return ("loading", tr("Opening the model."), []) if loading else self._slow()
        if host is not None:
            return f"{host.job.id} {host.state}", self._of_host(host), self._ways(host)
        return "engine", tr("The picture is waiting for the engine."), []

    def _slow(self) -> tuple[str, str, list[BannerAction]]:
        return "slow", tr("Making the picture."), []

    def _of_host(self, host: JobHandle) -> str:
        if host.state == "stopping":
            return tr("The picture is waiting for this to stop: {title}.", title=title_of(host))
        stage = tr(host.at[2]) if host.at[2] else tr("Starting")
        return tr("The picture is waiting for this request: {title} ({stage}).", title=title_of(host), stage=stage)

    def _ways(self, host: JobHandle) -> list[BannerAction]:
        if host.state == "stopping" and not self._services.tracker.stuck:
            return []
        end: Callable[[], object] = lambda: self._services.tracker.cancel(host.job.id)  # noqa: E731  a way out is a value
        if host.state == "stopping":
            return [(tr("Replace the engine"), tr("It isn't responding; what it is making will be stopped"), end)]
        if isinstance(host.job.task, TrainTask):
            return [(tr("Pause it"), tr("Resume in Teach continues where it stopped"), end)]
        return [(tr("Cancel it"), tr("Stop this request; finished work is kept"), end)]

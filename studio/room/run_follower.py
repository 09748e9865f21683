"""The run follower: a room asks, stops and tries again through it, and it says what goes wrong."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from studio.app.job_handle import JobHandle
from studio.app.services import Model, Parcel, StudioServices, room_of
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.task import Task
from studio.core.text import tr, tr_count
from studio.room.model_picker import ModelChoice
from studio.ui.banner import Banner, BannerAction


class RunFollower(QObject):
    """Asks for what a room wants to have made, and follows that: ``handle`` is what was asked for last.

    What goes wrong is said in ``banner``, and goes when its cause goes. ``show`` is called with each run that is
    followed from then on: one that was asked for, and one that the person tries again.
    """

    def __init__(self, services: StudioServices, room: str, banner: Banner, show: Callable[[JobHandle], None]) -> None:
        super().__init__(banner)
        self.handle: JobHandle | None = None
        self._services, self._room, self._banner, self._show_run = services, room, banner, show
        self._passes: Callable[[], bool] | None = None
        """Whether the cause is gone; None for a try that the next one makes forgotten."""
        services.tracker.changed.connect(self._look)
        services.models_changed.connect(self._look)

    def model_of(self, models: ModelChoice, sentence: str) -> Model | None:
        """The chosen model. Where there is none, ``sentence`` is said until there is one."""
        model = models.current()
        if model is None:
            to_models = (tr("Add a model"), tr("Go to Models"), lambda: self._services.send(Parcel(room="models")))
            self._show(sentence, models.has_usable, actions=[to_models], tone="note")
        return model

    def ask(self, task: Task, model: str, show: Callable[[JobHandle], None] | None = None) -> JobHandle | None:
        """Put ``task`` for the model at that address into the queue, and follow it. None, and the reason is said, when
        that can't be done. ``show``: how it is shown, otherwise than usual.
        """
        try:
            run = self._services.make(task, model)
        except StudioError as error:
            self.say(error)
            return None
        self.follow(run, show)
        return run

    def follow(self, run: JobHandle, show: Callable[[JobHandle], None] | None = None) -> None:
        """Show what comes of ``run``, and speak up for it from now on."""
        self.handle = run
        run.followed = True
        self._banner.hide()
        run.failed.connect(lambda event: self._failed(run, event))
        run.unsaved.connect(lambda _, error: self._unsaved(error))
        (show or self._show_run)(run)

    def stop(self) -> None:
        """Stop the request of the room that runs now; where none does, the newest, which waits. The others wait on."""
        running = self._services.tracker.running
        run = next((run for run in running if room_of(run.job.task) == self._room), self.handle)
        if run is None:
            return
        if self._services.tracker.waits(run):
            self._services.queue.remove(run.job.id)  # no time was spent on it: that can be undone
        else:
            self._services.tracker.cancel(run.job.id)

    def say(self, error: StudioError) -> None:
        """Say an error that came before anything ran."""
        self._show(error.message, None)

    def note(self, sentence: str, actions: Sequence[BannerAction]) -> None:
        """Say something that is worth knowing, until the person goes on."""
        self._show(sentence, None, actions=actions, tone="note")

    def settle(self) -> None:
        """The person goes on: what was said of the last try is over."""
        if self._passes is None:
            self._banner.hide()

    def _look(self) -> None:
        if self._passes is not None and self._passes():
            self._banner.hide()

    def _show(
        self, sentence: str, passes: Callable[[], bool] | None, detail: str = "", actions: Sequence[BannerAction] = (),
        tone: str = "danger",
    ) -> None:  # fmt: skip
        self._passes = passes
        self._banner.show_notice(sentence, tone, detail, actions)

    def _failed(self, run: JobHandle, event: Failed) -> None:
        ways: list[BannerAction] = []
        if run.can_retry:
            ways = [(tr("Try again"), tr("Move this request back to the front of the queue"), lambda: self._again(run))]
        self._show(event.message, lambda: run not in self._services.tracker.line, event.detail, ways)

    def _again(self, run: JobHandle) -> None:
        again = self._services.tracker.retry(run.job.id)
        if again is not None:
            self.follow(again)

    def _unsaved(self, error: StudioError) -> None:
        self._show(
            tr("{error} Nothing is lost: it is kept in memory while Triptych is open.", error=error.message),
            lambda: not self._services.tracker.unsaved,
            actions=[(tr("Save again"), tr("Try again to save it to the disk"), self._save_again)],
        )

    def _save_again(self) -> None:
        def tell(left: int) -> None:
            if left:
                self._show(
                    tr_count(left, "{count} item still couldn't be saved.", "{count} items still couldn't be saved."),
                    lambda: not self._services.tracker.unsaved,
                )
            else:
                self._banner.hide()

        self._services.tracker.save_again(tell)

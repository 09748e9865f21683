"""The run follower: a room asks, stops and tries again through it, and it says what goes wrong."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from studio.app.desk import Desk, Model, Parcel, room_of
from studio.app.run import Run
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

    def __init__(self, desk: Desk, room: str, banner: Banner, show: Callable[[Run], None]) -> None:
        super().__init__(banner)
        self.handle: Run | None = None
        self._desk, self._room, self._banner, self._show_run = desk, room, banner, show
        self._passes: Callable[[], bool] | None = None
        """Whether the cause is gone; None for a try that the next one makes forgotten."""
        desk.tracker.changed.connect(self._look)
        desk.models_changed.connect(self._look)

    def model_of(self, models: ModelChoice, sentence: str) -> Model | None:
        """The chosen model. Where there is none, ``sentence`` is said until there is one."""
        model = models.current()
        if model is None:
            to_models = (tr("Add a model"), tr("Go to Models"), lambda: self._desk.send(Parcel(room="models")))
            self._show(sentence, models.has_usable, actions=[to_models], tone="note")
        return model

    def ask(self, task: Task, model: str, show: Callable[[Run], None] | None = None) -> Run | None:
        """Put ``task`` for the model at that address into the queue, and follow it. None, and the reason is said, when
        that can't be done. ``show``: how it is shown, otherwise than usual.
        """
        try:
            run = self._desk.make(task, model)
        except StudioError as error:
            self.say(error)
            return None
        self.follow(run, show)
        return run

    def follow(self, run: Run, show: Callable[[Run], None] | None = None) -> None:
        """Show what comes of ``run``, and speak up for it from now on."""
        self.handle = run
        run.followed = True
        self._banner.hide()
        run.failed.connect(lambda event: self._failed(run, event))
        run.unsaved.connect(lambda _, error: self._unsaved(error))
        (show or self._show_run)(run)

    def stop(self) -> None:
        """Stop the request of the room that runs now; where none does, the newest, which waits. The others wait on."""
        running = self._desk.tracker.running
        run = next((run for run in running if room_of(run.job.task) == self._room), self.handle)
        if run is None:
            return
        if self._desk.tracker.waits(run):
            self._desk.queue.remove(run.job.id)  # no time was spent on it: that can be undone
        else:
            self._desk.tracker.cancel(run.job.id)

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

    def _failed(self, run: Run, event: Failed) -> None:
        ways: list[BannerAction] = []
        if run.can_retry:
            ways = [(tr("Try again"), tr("Move this request back to the front of the queue"), lambda: self._again(run))]
        self._show(event.message, lambda: run not in self._desk.tracker.line, event.detail, ways)

    def _again(self, run: Run) -> None:
        again = self._desk.tracker.retry(run.job.id)
        if again is not None:
            self.follow(again)

    def _unsaved(self, error: StudioError) -> None:
        self._show(
            tr("{error} Nothing is lost: it is kept in memory while Triptych is open.", error=error.message),
            lambda: not self._desk.tracker.unsaved,
            actions=[(tr("Save again"), tr("Try again to save it to the disk"), self._save_again)],
        )

    def _save_again(self) -> None:
        def tell(left: int) -> None:
            if left:
                self._show(
                    tr_count(left, "{count} item still couldn't be saved.", "{count} items still couldn't be saved."),
                    lambda: not self._desk.tracker.unsaved,
                )
            else:
                self._banner.hide()

        self._desk.tracker.save_again(tell)

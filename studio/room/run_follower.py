"""Following a run: what every room does to stop one, and says when it fails, can't be saved, or can be tried again."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from studio.app.desk import Desk, Parcel, room_of
from studio.app.run import Run
from studio.core.abilities import Can
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.text import tr, tr_count
from studio.ui.banner import Banner, BannerAction


def stop_run(desk: Desk, room: str, newest: Run | None) -> None:
    """Stop the request of ``room`` that runs now; where none does, ``newest``, which waits. The others wait on."""
    run = next((run for run in desk.tracker.running if room_of(run.job.task) == room), newest)
    if run is None:
        return
    if desk.tracker.waits(run):
        desk.queue.remove(run.job.id)  # no time was spent on it: that can be undone
    else:
        desk.tracker.cancel(run.job.id)


class Trouble(QObject):
    """A room's banner, told what to say, which goes when its cause goes. ``follow`` is called with the new run when the
    person tries again.
    """

    def __init__(self, desk: Desk, banner: Banner, follow: Callable[[Run], None]) -> None:
        super().__init__(banner)
        self._desk, self._banner, self._follow = desk, banner, follow
        self._passes: Callable[[], bool] | None = None
        """Whether the cause is gone; None for a try that the next one makes forgotten."""
        desk.tracker.changed.connect(self._look)
        desk.models_changed.connect(self._look)

    def watch(self, run: Run) -> None:
        """Speak up for ``run`` from now on."""
        run.followed = True
        self._banner.hide()
        run.failed.connect(lambda event: self._failed(run, event))
        run.unsaved.connect(lambda _, error: self._unsaved(error))

    def say(self, error: StudioError) -> None:
        """Say an error that came before anything ran."""
        self._show(error.message, None)

    def lacks_model(self, sentence: str, needs: tuple[Can, ...]) -> None:
        """Say that there is no model yet that can do one of ``needs``, until there is one."""
        to_models = (tr("Add a model"), tr("Go to Models"), lambda: self._desk.send(Parcel(room="models")))
        self._show(
            sentence, lambda: any(model.usable for model in self._desk.models(needs)), actions=[to_models], tone="note"
        )

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
            self._banner.hide()
            self._follow(again)

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

"""Following a run: what every room does to stop one, and says when it fails, can't be saved, or can be tried again."""

from collections.abc import Callable

from studio.app.desk import Desk, room_of
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.text import tr
from studio.ui.banner import Banner


def stop_run(desk: Desk, room: str, newest: Run | None) -> None:
    """Stop the request of ``room`` that runs now; where none does, ``newest``, which waits. The others wait on."""
    active = desk.tracker.active
    run = active if active is not None and room_of(active.job.task) == room else newest
    if run is None:
        return
    if run.state == "waiting" and run is not active:
        desk.queue.remove(run.job.id)  # no time was spent on it: that can be undone
    else:
        desk.tracker.cancel(run.job.id)


class Trouble:
    """A room's banner, told what to say. ``follow`` is called with the new run when the person tries again."""

    def __init__(self, desk: Desk, banner: Banner, follow: Callable[[Run], None]) -> None:
        self._desk, self._banner, self._follow = desk, banner, follow

    def watch(self, run: Run) -> None:
        """Speak up for ``run`` from now on."""
        run.followed = True
        self._banner.hide()
        run.failed.connect(lambda event: self._failed(run, event))
        run.unsaved.connect(lambda _, error: self._unsaved(error))  # PySide keeps bound methods of what is no QObject

    def say(self, error: StudioError) -> None:
        """Say an error that came before anything ran."""
        self._banner.show_notice(error.message)

    def _failed(self, run: Run, event: Failed) -> None:
        ways: list[tuple[str, str, Callable[[], object]]] = []
        if run.can_retry:
            ways = [(tr("Try again"), tr("Put this request at the head of the queue again"), lambda: self._again(run))]
        self._banner.show_notice(event.message, detail=event.detail, actions=ways)

    def _again(self, run: Run) -> None:
        again = self._desk.tracker.retry(run.job.id)
        if again is not None:
            self._banner.hide()
            self._follow(again)

    def _unsaved(self, error: StudioError) -> None:
        self._banner.show_notice(
            tr("{error} Nothing is lost: it is kept in memory while Triptych is open.", error=error.message),
            actions=[(tr("Save again"), tr("Try once more to write it to the disk"), self._save_again)],
        )

    def _save_again(self) -> None:
        def tell(left: int) -> None:
            if left:
                self._banner.show_notice(tr("{count} things still couldn't be saved.", count=left))
            else:
                self._banner.hide()

        self._desk.tracker.save_again(tell)

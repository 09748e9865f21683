"""Changes to the queue (remove, move, edit), each of them an undo step."""

from collections.abc import Sequence

from studio.app.job_handle import JobHandle
from studio.app.line_file import SavedRun
from studio.app.tracker import Tracker
from studio.app.undo import Notifier, Step, Undo
from studio.core.errors import StudioError
from studio.core.task import Task
from studio.core.text import tr, tr_count


class Queue:
    """The tracker's queue with undo. A job that was running when it was removed waits again after an undo."""

    def __init__(self, tracker: Tracker, undo: Undo, notifier: Notifier) -> None:
        self._tracker, self._undo, self._notifier = tracker, undo, notifier

    def clear(self) -> None:
        """Remove all waiting, failed and interrupted jobs, and offer to undo that."""
        runs = [run for run in self._tracker.line if run.over or self._tracker.waits(run)]
        if runs:
            step = self._take_off(tr("Clear the queue"), runs)
            words = tr_count(len(runs), "Removed a request from the queue", "Removed {count} requests from the queue")
            self._notifier.say_done(words, step)

    def remove(self, name: str) -> None:
        """Remove one request, also one that failed or is running."""
        run = next((run for run in self._tracker.line if run.job.id == name), None)
        if run is not None:
            self._take_off(tr("Remove a request"), [run])

    def move(self, name: str, place: int) -> None:
        """Move a waiting request to ``place`` among the waiting ones."""
        before = self._place(name)
        self._move_again(name, place)
        after = self._place(name)
        if before is not None and after is not None and after != before:
            move = self._move_again
            self._undo.push(tr("Move a request"), lambda: move(name, before), lambda: move(name, after))

    def edit(self, name: str, task: Task) -> None:
        """Change a waiting request's settings. Raises StudioError if they are invalid or it is no longer waiting."""
        before = next((run.job.task for run in self._tracker.line if run.job.id == name), None)
        self._tracker.edit(name, task)
        if before is not None and before != task:
            edit = self._edit_again
            self._undo.push(tr("Change a request"), lambda: edit(name, before), lambda: edit(name, task))

    def _take_off(self, title: str, runs: Sequence[JobHandle]) -> Step:
        tracker, line = self._tracker, self._tracker.line
        rows = [(line.index(run), SavedRun(run.job, run.over, run.deaths, run.message)) for run in runs]
        names = [run.job.id for run in runs]

        def take_off() -> None:
            for name in names:
                tracker.remove(name)

        def put_back() -> None:
            names[:] = [tracker.put_back(row, place) for place, row in rows]

        take_off()
        return self._undo.push(title, put_back, take_off)

    def _place(self, name: str) -> int | None:
        """A request's position among the waiting ones; None if it is no longer waiting."""
        waiting = [run.job.id for run in self._tracker.waiting_runs]
        return waiting.index(name) if name in waiting else None

    def _move_again(self, name: str, place: int) -> None:
        if self._place(name) is not None:
            self._tracker.move(name, place)

    def _edit_again(self, name: str, task: Task) -> None:
        try:
            self._tracker.edit(name, task)
        except StudioError as error:
            self._notifier.notify(error.message)

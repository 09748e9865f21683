"""A run: one job on its way, as the signals that a panel listens to."""

from typing import Literal

from PySide6.QtCore import QObject, Signal

from studio.core.events import Cancelled, Done, Failed
from studio.core.text import tr
from studio.core.values import Job

RunState = Literal["waiting", "running", "stopping", "done", "failed", "cancelled", "interrupted"]


class JobHandle(QObject):
    """One job from its submission to its end. Exactly one of ``done``, ``failed`` and ``cancelled`` comes last.

    ``made`` comes for each thing once it is on disk (with its library item; None for a frame, which is not kept);
    ``unsaved`` instead of it when it couldn't be written: the thing is still in memory.
    """

    started = Signal()
    progress = Signal(int, int, str)
    preview = Signal(object, int)
    words = Signal(str, int)
    made = Signal(object, object)
    unsaved = Signal(object, object)
    stopping = Signal()
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.state: RunState = "waiting"
        self.followed = False
        """True once a room shows what comes of it."""
        self.deaths = 0
        self.message = ""
        self.detail = ""
        self.at: tuple[int, int, str] = (0, 0, "")
        """How far it is: done, total, stage."""

    @property
    def things(self) -> int:
        """How many pictures it makes one after the other, whose steps are counted together."""
        return int(getattr(self.job.task, "count", 1))

    @property
    def over(self) -> bool:
        """True once the last signal was sent."""
        return self.state in ("done", "failed", "cancelled", "interrupted")

    @property
    def can_retry(self) -> bool:
        """A job that took the engine down twice is not tried a third time."""
        return self.state in ("interrupted", "failed") and self.deaths < 2

    def finish(self, event: Done | Failed | Cancelled) -> None:
        """Take the final event and tell the listeners."""
        if isinstance(event, Done):
            self.state = "done"
            self.done.emit(event.result)
        elif isinstance(event, Cancelled):
            self.state = "cancelled"
            self.cancelled.emit()
        else:
            self.deaths += event.trouble == "engine_died"
            self.state = "interrupted" if event.trouble == "engine_died" and self.deaths < 2 else "failed"
            self.message, self.detail = event.message, event.detail
            self.failed.emit(event)


def title_of(run: JobHandle) -> str:
    """A run in one line: what it makes, and how many."""
    task = run.job.task
    text = " ".join(str(getattr(task, "prompt", "") or tr(task.kind.capitalize())).split())[:80]
    count = getattr(task, "count", 1)
    return f"{text} ×{count}" if count > 1 else text

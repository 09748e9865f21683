"""An engine that serves in a thread of the test, and what it said."""

import threading
from collections.abc import Callable
from types import TracebackType

from studio.core.events import EngineState, Message, is_final
from studio.core.task import Task
from studio.core.values import Job, Lane
from studio.engine.protocol import Engine

PATIENCE = 60.0


class Serving:
    """Lends a thread to ``engine`` while the ``with`` block lasts, and keeps every message."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.said: list[Message] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=engine.serve, args=(self._hear,))

    def __enter__(self) -> "Serving":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "serve did not return after close"

    def _hear(self, message: Message) -> None:
        with self._news:
            self.said.append(message)
            self._news.notify_all()

    def submit(self, task: Task, lane: Lane = "work", model: str = "") -> str:
        """Submit ``task`` and return its job's id."""
        job = Job(task=task, lane=lane, model=model)
        self.engine.submit(job)
        return job.id

    def begin(self, task: Task) -> str:
        """Submit ``task`` and wait until its runner has said that it works."""
        name = self.submit(task)
        self.until(lambda: "Progress" in self.kinds(name))
        return name

    def until(self, true: Callable[[], object]) -> None:
        """Wait until ``true()`` is, looking after each message."""
        with self._news:
            assert self._news.wait_for(true, PATIENCE), self.said

    def of(self, name: str) -> list[Message]:
        """Everything that was said of one job."""
        return [message for message in list(self.said) if getattr(message, "job", None) == name]

    def kinds(self, name: str) -> list[str]:
        """The same, by name."""
        return [type(message).__name__ for message in self.of(name)]

    def final(self, name: str) -> Message:
        """Wait for the last word of one job."""
        self.until(lambda: any(map(is_final, self.of(name))))
        return self.of(name)[-1]

    def states(self) -> list[str]:
        """What the engine said of itself."""
        return [message.state for message in list(self.said) if isinstance(message, EngineState)]

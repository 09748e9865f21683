"""An engine that does what a test tells it to, so that panels and the tracker are driven in milliseconds."""

import queue
from collections.abc import Callable
from typing import Any

from studio.core.engine_config import EngineConfig
from studio.core.events import Cancelled, Done, EngineState, Made, Message, Started
from studio.core.values import Asset, Job, Result


class ScriptedEngine:
    """Records jobs and cancels; says what the test pushes."""

    def __init__(self, capacity: int = 1) -> None:
        self.capacity = capacity
        self.jobs: list[Job] = []
        self.cancels: list[str] = []
        self.configs: list[EngineConfig] = []
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def serve(self, emit: Callable[[Message], None]) -> None:
        emit(EngineState("ready", facts={"device": "cpu", "dtype": "float32", "why": "scripted"}))
        while (message := self._messages.get()) is not None:
            emit(message)

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job_id: str) -> None:
        self.cancels.append(job_id)

    def configure(self, config: EngineConfig) -> None:
        self.configs.append(config)

    def close(self) -> None:
        self._messages.put(None)

    def push(self, *messages: Message) -> None:
        """Say ``messages``, in order."""
        for message in messages:
            self._messages.put(message)

    def start(self) -> Job:
        """Say that the newest job has begun, and return it."""
        self.push(Started(self.jobs[-1].id))
        return self.jobs[-1]

    def finish(self, *assets: Asset, **notes: Any) -> Job:
        """Make ``assets`` and end the newest job well."""
        job = self.start()
        self.push(*(Made(job.id, asset) for asset in assets), Done(job.id, Result(notes=notes)))
        return job

    def stopped(self) -> None:
        """Obey the newest cancel."""
        self.push(Cancelled(self.cancels[-1]))


def picture(colour: tuple[int, int, int] = (200, 80, 40), size: int = 16, **notes: Any) -> Asset:
    """A plain square of pixels."""
    return Asset(kind="pixels", data=bytes(colour) * (size * size), width=size, height=size, notes=notes)

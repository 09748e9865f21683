"""The methods of every engine."""

from collections.abc import Callable
from typing import Protocol

from studio.core.engine_config import EngineConfig
from studio.core.events import Message
from studio.core.values import Job

Emit = Callable[[Message], None]


class Engine(Protocol):
    """Runs jobs in whatever thread is lent to ``serve``. The other methods may be called from any thread at any time.

    Promises, held by one set of tests for every engine: the events of a job come in order and end in exactly one of
    ``Done``, ``Failed``, ``Cancelled``; a job that was cancelled before it ended makes nothing more and ends in
    ``Cancelled``, whatever its runner does; errors are values; nothing that a runner does ends ``serve``.
    """

    @property
    def capacity(self) -> int:
        """How many jobs it works on at the same time, beside frames."""

    def serve(self, emit: Emit) -> None:
        """Run jobs until ``close``; ``emit`` is called in this thread."""

    def submit(self, job: Job) -> None:
        """Put the job into its lane. After ``close`` it is cancelled unrun, if ``serve`` is still there to say so."""

    def cancel(self, job_id: str) -> None:
        """Stop the job, waiting or running; an unknown or finished one is left alone.

        Asked a second time for the same running job, an engine with a child process kills and replaces the child at
        once: whoever calls it decides when a person means that, and not just a second click.
        """

    def configure(self, config: EngineConfig) -> None:
        """Work as ``config`` says from the next job on, with nothing in memory that was loaded before."""

    def close(self) -> None:
        """Cancel everything and let ``serve`` return."""

"""The four methods of every engine."""

from collections.abc import Callable
from typing import Protocol

from studio.core.events import Message
from studio.core.values import Job

Emit = Callable[[Message], None]


class Engine(Protocol):
    """Runs jobs in whatever thread is lent to ``serve``. The other methods may be called from any thread at any time.

    Promises, held by one set of tests for every engine: events of a job come in order and end in exactly one of
    ``Done``, ``Failed``, ``Cancelled``; after a cancel was taken nothing more is made; errors are values; nothing that
    a runner does ends ``serve``.
    """

    def serve(self, emit: Emit) -> None:
        """Run jobs until ``close``; ``emit`` is called in this thread."""

    def submit(self, job: Job) -> None:
        """Put the job into its lane. After ``close`` it is cancelled unrun."""

    def cancel(self, job_id: str) -> None:
        """Stop the job, waiting or running. Asked again for one that doesn't obey, an engine in a child replaces it."""

    def close(self) -> None:
        """Cancel everything and let ``serve`` return."""

"""What compute code may do besides compute, and where its models come from."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from studio.core.task import Task
from studio.core.values import Asset, Result

Loaded = TypeVar("Loaded")


class Context(Protocol):
    """Given to every runner. Each method but ``wants_preview`` raises ``Stopped`` when the job was cancelled."""

    def progress(self, done: int, total: int, stage: str) -> None:
        """Say how far the work is; ``stage`` is a short English word or two for ``tr``."""

    def wants_preview(self) -> bool:
        """True when a preview would be shown: ask before spending time on one. At most 30 a second are wanted."""

    def preview(self, asset: Asset, index: int = 0) -> None:
        """Show how thing number ``index`` looks so far."""

    def words(self, text: str, index: int = 0) -> None:
        """Stream more text of variant ``index``; whole characters only."""

    def made(self, asset: Asset) -> None:
        """Hand over one finished thing; it is on disk soon after, whatever happens to the rest of the job."""

    def check(self) -> None:
        """Raise ``Stopped`` if the job was cancelled. Call it at least once a step."""

    def yield_to_frames(self, often: bool = False) -> None:
        """Let frames that wait be made now: one at least, and more for as long as the step before took.

        Every runner of more than a moment calls it between its steps, so that nobody who looks around meanwhile waits
        longer than for one of them. ``often``: for places that come by more often than that, such as between a
        network's blocks; there the frames get half of the time. What makes them finds torch as a program begins with
        it, and leaves it as it was: modes, random numbers, the models that this job has got.
        """

    def model(self, address: str, load: Callable[[str], Loaded]) -> Loaded:
        """The model at ``address``: from the pool if it is there, else ``load(address)``, which the pool keeps.

        ``address`` "" is the job's own model: the engine puts ``Job.model`` in its place before it asks the pool.
        """

    def free(self) -> None:
        """Let every model that is not in use go and give cached device memory back."""


class Models(Protocol):
    """Where an engine's contexts get their models: ``studio.ml.cache.ModelCache``, or a plain dictionary in tests."""

    def warm(self) -> dict[str, Any]:
        """Import and measure what the first job would wait for. Returns facts: device, dtype, why, versions."""

    def get(self, address: str, load: Callable[[str], Any]) -> Any:
        """The loaded model, least recently used ones giving way within the memory budget."""

    def free(self) -> None:
        """Empty the pool and the device's cache."""

    def turn(self) -> AbstractContextManager[None]:
        """A job's turn. Within it another job, a frame, may have its own: that one takes no model from the first, and
        disturbs none of its numbers."""

    def loaded(self) -> dict[str, int]:
        """Address -> bytes of each model in memory."""


Runner = Callable[[Task, Context], Result]

"""A context for tests of runners: it writes down all that a runner says, and can cancel it on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from studio.core.errors import Stopped
from studio.core.values import Asset

Loaded = TypeVar("Loaded")


@dataclass
class RecordingContext:
    """Implements ``studio.core.context.Context`` with plain lists.

    ``address`` is the job's own model, which a runner asks for as "". With ``cancel_after`` n the n-th progress of
    stage ``cancel_stage`` still comes through, and each call after it raises ``Stopped``, as an engine's context does.
    ``previews_wanted`` False makes ``wants_preview`` say no.
    """

    address: str = ""
    cancel_after: int | None = None
    cancel_stage: str | None = None
    previews_wanted: bool = True
    models: dict[tuple[str, str], object] = field(default_factory=dict)
    """What was loaded; hand the same dictionary to the next context to keep the models."""

    steps: list[tuple[int, int, str]] = field(default_factory=list)
    """(done, total, stage) of each progress."""
    previews: list[tuple[int, Asset]] = field(default_factory=list)
    """(index, asset) of each preview."""
    text: dict[int, str] = field(default_factory=dict)
    """All words of each variant, joined."""
    assets: list[Asset] = field(default_factory=list)
    """What was made, in order."""
    freed: int = 0
    let_ins: int = 0
    cancelled: bool = False
    _counted: int = 0

    def progress(self, done: int, total: int, stage: str) -> None:
        self.check()
        self.steps.append((done, total, stage))
        if self.cancel_stage in (None, stage):
            self._counted += 1
            self.cancelled = self.cancelled or self._counted == self.cancel_after

    def wants_preview(self) -> bool:
        return self.previews_wanted

    def preview(self, asset: Asset, index: int = 0) -> None:
        self.check()
        self.previews.append((index, asset))

    def words(self, text: str, index: int = 0) -> None:
        self.check()
        self.text[index] = self.text.get(index, "") + text

    def made(self, asset: Asset) -> None:
        self.check()
        self.assets.append(asset)

    def check(self) -> None:
        if self.cancelled:
            raise Stopped

    def model(self, address: str, load: Callable[[str], Loaded]) -> Loaded:
        self.check()
        address = address or self.address
        key = (address, f"{load.__module__}.{load.__qualname__}")
        if key not in self.models:
            self.models[key] = load(address)
        return self.models[key]  # type: ignore[return-value]

    def yield_to_frames(self, often: bool = False) -> None:
        self.check()
        self.let_ins += not often

    def free(self) -> None:
        self.check()
        self.freed += 1
        self.models.clear()

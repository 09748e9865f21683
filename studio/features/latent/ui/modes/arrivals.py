"""Handles what is sent to the Latent room: earlier requests, models, pictures, shared directions."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from studio.app.services import Parcel
from studio.core.task import Task
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.search import InvertFacts, InvertTask
from studio.features.latent.ui.explore.elsewhere import InvertCard
from studio.features.latent.ui.explore.mode import ModeContext
from studio.features.latent.ui.explore.seen import LOOK
from studio.features.latent.ui.explore.state import at_one_point
from studio.features.latent.ui.modes import mode_of
from studio.features.latent.ui.modes.mode_choice import ModeChoice
from studio.features.latent.ui.walk.timeline import Timeline


class Arrivals:
    """Passes each to the responsible part of the room; ``change`` changes fields of the state."""

    def __init__(
        self, context: ModeContext, timeline: Timeline, invert: InvertCard, modes: ModeChoice,
        change: Callable[[Mapping[str, Any]], None],
    ) -> None:  # fmt: skip
        self._context, self._timeline, self._invert, self._modes, self._change = (
            context,
            timeline,
            invert,
            modes,
            change,
        )

    def receive(self, parcel: Parcel) -> None:
        """Load an earlier request, a model, a picture to invert, or a file."""
        of_mode = mode_of(parcel.job.task) if parcel.job else ""
        if (
            parcel.model
            and not self._context.models.choose(parcel.model)
            and self._modes.mode("vae").choose(parcel.model)
        ):
            self._context.enter("vae")
        elif (parcel.model or parcel.fields or parcel.job) and not of_mode:
            self._show_points()
        if "image" in parcel.fields:
            self._invert.invert(str(parcel.fields["image"]))
        elif parcel.job is None:
            if parcel.path:
                self.take_files([parcel.path])
        else:
            facts = InvertFacts.of(parcel.notes)
            model = facts.model or parcel.job.model
            choose = self._modes.mode(of_mode).choose if of_mode else self._context.models.choose
            self._context.services.say_missing(not model or choose(model), parcel.missing)
            self._take(parcel.job.task.taken_over())
            if facts.point is not None:
                self._change({"points": (facts.point,)})

    def sentence(self) -> str:
        """What dropping files outside every drop target does."""
        mode = self._modes.current
        own = mode.drop_sentence() if mode is not None else ""
        return own or tr("Go to this picture's point: known if it was made in Latent, searched for otherwise")

    def take_files(self, paths: Sequence[str]) -> None:
        """Do what ``sentence`` says; files of directions go to the directions card."""
        directions = [path for path in paths if path.lower().endswith(".json")]
        for path in directions:
            self._modes.mode("map").directions.notes.take_file(Path(path))
        rest = [path for path in paths if path not in directions]
        mode = self._modes.current
        if rest and not (mode is not None and mode.drop(rest)):
            self._take_picture(self._context.services.one_of(rest))

    def _take_picture(self, path: str) -> None:
        def take(found: Parcel | None) -> None:
            if found is None or found.room != "latent":
                self._invert.invert(path)
            else:
                self.receive(found)
                words = tr("You are back where {name} was made.", name=Path(path).name)
                self._context.services.notify(words, tr("Search for it instead"), lambda: self._invert.invert(path))

        self._context.services.settings_of(path, take, self._context.say, self._invert)

    def _take(self, task: Task) -> None:
        if isinstance(task, LatentTask):
            self._change(msgspec.structs.asdict(at_one_point(task)))
        elif isinstance(task, WalkTask):
            self._change({name: getattr(task, name) for name in LOOK})
            keys = task.keys or tuple(LatentPoint((seed,)) for seed in task.seeds)
            self._timeline.from_data(msgspec.to_builtins(msgspec.structs.replace(task, keys=keys)))
        elif isinstance(task, InvertTask):
            self._invert.take(task)
        elif name := mode_of(task):
            self._modes.mode(name).take(task)
            self._context.enter(name)

    def _show_points(self) -> None:
        mode = self._modes.current
        if mode is None or not mode.POINTS:
            self._context.enter("map")

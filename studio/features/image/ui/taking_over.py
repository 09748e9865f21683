"""Taking settings over into the Image room: of other tools' pictures and of ours, said in words and undone at once."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject

from studio.app.finder import Generation
from studio.app.messages import UseGeneration, UseRequest, UseSettings
from studio.app.services import Model, StudioServices
from studio.core.errors import StudioError
from studio.core.fields import describe, parts_in
from studio.core.text import tr
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask
from studio.features.image.ui.start_picture import StartPicture
from studio.features.image.ui.taken import Taken, defaults_of, listed, taken_over
from studio.room.model_picker import ModelChoice
from studio.room.request import MODEL, Request
from studio.room.run_follower import RunFollower
from studio.ui.banner import BannerAction
from studio.ui.files import is_picture


class TakingOver:
    """Changes the ``request``, and tells in the banner of ``runs`` what became of each setting."""

    def __init__(
        self, services: StudioServices, request: Request[ImageTask], models: ModelChoice, start: StartPicture,
        runs: RunFollower,
    ) -> None:  # fmt: skip
        self._services, self._request, self._models, self._start, self._runs = services, request, models, start, runs

    def take_file(self, path: str, failed: Callable[[StudioError], None], owner: QObject) -> None:
        """Take over what the file says of its making; a picture that says nothing is one to start from."""

        def take(found: UseSettings | None) -> None:
            if found is not None:
                self._services.send(found)
            elif is_picture(path):
                self._start.choose(path)
            else:
                failed(StudioError(tr("{path} doesn't say how it was made.", path=path)))

        self._services.settings_of(path, take, failed, owner)

    def take(self, message: UseSettings) -> None:
        """Take over a request, or another tool's settings."""
        match message:
            case UseGeneration(generation=known) if not known.readable:
                words = tr("Made by {tool}; its settings can't be read.", tool=known.tool)
                self._runs.note(words, self._ways(message.path, tr("Start from it")))
                return
            case UseGeneration(generation=known):
                taken, source = self._of_tool(known, self._models.find(message.model)), known.tool
            case UseRequest():
                taken, source = self._of_job(message.job, message.missing), "Triptych"
        step = self._request.change(taken.fields, title=tr("Use settings"))
        if message.path or taken.changed or taken.left:
            back: list[BannerAction] = []
            if step is not None:
                back = [(tr("Undo"), tr("Undo (Ctrl+Z)"), partial(self._services.undo.take_back, step))]
            ways = self._ways(message.path, tr("Start from it instead"))
            self._runs.note(_sentences(taken, source), [*back, *ways])
        elif step is not None:
            self._services.say_done(tr("The settings were applied."), step)

    def _of_tool(self, known: Generation, wanted: Model | None) -> Taken:
        model = wanted or self._models.current()
        schedulers = self._services.schedulers_of(model) if model is not None else ()
        defaults = defaults_of(model.defaults if model is not None else {})
        find = partial(self._services.part_named, model) if model is not None else None
        taken = taken_over(known, defaults, schedulers, find)
        if wanted is not None:
            taken.fields[MODEL] = wanted.address
        if not known.model:
            return taken
        if wanted is not None:
            named = (*taken.named, tr("model {name}", name=known.model))
            return Taken(taken.fields, named, taken.changed, taken.left)
        left = (_not_here(known.model, model.name if model is not None else ""), *taken.left)
        return Taken(taken.fields, taken.named, taken.changed, left)

    def _of_job(self, job: Job, missing: tuple[str, ...]) -> Taken:
        wanted = self._models.find(job.model)
        model = wanted or self._models.current()
        here = not job.model or wanted is not None
        left = [] if here else [_not_here(Path(job.model).name, model.name if model is not None else "")]
        left += [_missing(name, bool(job.task.to_data().get("parts"))) for name in missing]
        task = job.task.taken_over()
        fields: dict[str, Any] = {name: getattr(task, name) for name in task.__struct_fields__}
        if wanted is not None:
            fields[MODEL] = wanted.address
        scheduler = fields["scheduler"]
        if scheduler and not here and model is not None and scheduler not in self._services.schedulers_of(model):
            left.append(tr("scheduler {name} (the model's own is used)", name=scheduler))
            fields["scheduler"] = ""
        if model is not None and (unfit := self._services.unfit_fields(task, model)):
            given = parts_in(describe(type(task)), msgspec.to_builtins(task))
            left += [
                tr("{name} (it doesn't fit {model})", name=Path(address).name, model=model.name) for _, address in given
            ]
            fields |= unfit
        return Taken(
            fields, (tr("everything except what is listed below") if left else tr("everything"),), (), tuple(left)
        )

    def _ways(self, path: str, words: str) -> list[BannerAction]:
        """The way to use the picture itself, where there is one."""
        if not path:
            return []
        return [(words, tr("The new picture starts from this one"), lambda: self._start.choose(path))]


def _missing(name: str, parts: bool) -> str:
    """A file that isn't here; with ``parts`` it may be one of these."""
    if parts:
        return tr("{name} (it is not here)", name=name)
    return tr("start picture {name} (it is not here)", name=name)


def _not_here(name: str, used: str) -> str:
    words = tr("model {name} (it is not here; {used} is used)", name=name, used=used)
    return words if used else tr("model {name} (it is not here)", name=name)


def _sentences(taken: Taken, source: str) -> str:
    lines = []
    if taken.named:
        lines.append(tr("From {tool}: {things}.", tool=source, things=listed(taken.named)))
    if taken.changed:
        lines.append(tr("Changed: {things}.", things=listed(taken.changed)))
    if taken.left:
        lines.append(tr("Not used: {things}.", things=listed(taken.left)))
    return "\n".join(lines)

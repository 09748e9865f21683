"""Taking settings over into the Image room: of other tools' pictures and of ours, said in words and undone at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject

from studio.app.desk import Desk, Parcel
from studio.app.finder import Generation
from studio.app.undo import Step
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Job
from studio.features.image.ui.taken import Taken, defaults_of, listed, taken_over
from studio.room.model_picker import ModelChoice
from studio.ui.banner import Banner, BannerAction
from studio.ui.controls import Seed
from studio.ui.files import is_picture
from studio.ui.form import Form

PLACE = "image"
"""Where in the window it is taken back."""


class Before(NamedTuple):
    """All that the room showed."""

    values: Mapping[str, Any]
    model: str
    seed: str
    """The digits in its field, which stay there while it isn't locked."""


class TakingOver:
    """``values`` gives what the room's controls show, and ``show`` shows such values, or some of them."""

    def __init__(
        self, desk: Desk, models: ModelChoice, banner: Banner, form: Form,
        values: Callable[[], dict[str, Any]], show: Callable[[Mapping[str, Any]], None],
    ) -> None:  # fmt: skip
        self._desk, self._models, self._banner, self._values, self._show = desk, models, banner, values, show
        self._seed = form.control("seed")

    def take_file(self, path: str, failed: Callable[[StudioError], None], owner: QObject) -> None:
        """Take over what the file says of its making; a picture that says nothing is one to start from."""

        def take(found: Parcel | None) -> None:
            if found is not None:
                self._desk.send(found)
            elif is_picture(path):
                self._banner.hide()
                self._show({"image": path})
            else:
                failed(StudioError(tr("{path} doesn't say how it was made.", path=path)))

        self._desk.settings_of(path, take, failed, owner)

    def take(self, parcel: Parcel) -> None:
        """Take over what ``parcel`` holds: a request, or another tool's settings."""
        known, job = parcel.generation, parcel.job
        if known is not None and not known.readable:
            words = tr("Made by {tool}; its settings can't be read.", tool=known.tool)
            self._say(words, self._start(parcel.path, tr("Start from it")))
            return
        before = self._look()
        source = "Triptych"
        if known is not None:
            taken, source = self._of_tool(known, parcel.model), known.tool
        elif job is not None:
            taken = self._of_job(job, parcel.missing)
        else:
            return
        self._show(taken.fields)
        step = self._push(before)
        if parcel.path or taken.changed or taken.left:
            back: BannerAction = (tr("Undo"), tr("Undo (Ctrl+Z)"), partial(self._desk.undo.take_back, step))
            self._say(_sentences(taken, source), [back, *self._start(parcel.path, tr("Start from it instead"))])
        else:
            self._desk.say_done(tr("The settings were applied."), step)

    def _of_tool(self, known: Generation, address: str) -> Taken:
        here = bool(address) and self._models.choose(address)
        model = self._models.current()
        schedulers = self._desk.schedulers_of(model) if model is not None else ()
        taken = taken_over(known, defaults_of(model.defaults if model is not None else {}), schedulers)
        if not known.model:
            return taken
        if here:
            named = (*taken.named, tr("model {name}", name=known.model))
            return Taken(taken.fields, named, taken.changed, taken.left)
        left = (_not_here(known.model, model.name if model is not None else ""), *taken.left)
        return Taken(taken.fields, taken.named, taken.changed, left)

    def _of_job(self, job: Job, missing: tuple[str, ...]) -> Taken:
        here = not job.model or self._models.choose(job.model)
        model = self._models.current()
        left = [] if here else [_not_here(Path(job.model).name, model.name if model is not None else "")]
        left += [tr("start picture {name} (it is not here)", name=name) for name in missing]
        fields = job.task.taken_over().to_data()
        scheduler = fields.get("scheduler", "")
        if scheduler and not here and model is not None and scheduler not in self._desk.schedulers_of(model):
            left.append(tr("scheduler {name} (the model's own is used)", name=scheduler))
            fields["scheduler"] = ""
        return Taken(
            fields, (tr("everything except what is listed below") if left else tr("everything"),), (), tuple(left)
        )

    def _look(self) -> Before:
        seed = self._seed.edit.text() if isinstance(self._seed, Seed) else ""
        return Before(self._values(), self._models.address(), seed)

    def _show_again(self, before: Before) -> None:
        self._banner.hide()
        self._models.choose(before.model)
        self._show(before.values)
        if isinstance(self._seed, Seed):
            self._seed.show_digits(before.seed)

    def _push(self, before: Before) -> Step:
        back, forth = partial(self._show_again, before), partial(self._show_again, self._look())
        return self._desk.undo.push(tr("Use settings"), back, forth, PLACE)

    def _say(self, message: str, ways: Sequence[BannerAction]) -> None:
        self._banner.show_notice(message, "note", actions=ways)

    def _start(self, path: str, words: str) -> list[BannerAction]:
        """The way to use the picture itself, where there is one."""
        if not path:
            return []
        return [(words, tr("The new picture starts from this one"), lambda: self._show({"image": path}))]


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

"""VAE: an autoencoder's latent space: interpolation, attributes from two sets of pictures, and videos."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.app.services import Item, Parcel
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.fields import describe
from studio.core.override import override
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.tasks.vae import VaeFilmTask, VaeTask
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.widgets.picture_set import PictureSet
from studio.room.model_picker import ModelChoice
from studio.ui.chips import chip
from studio.ui.form import Form
from studio.ui.layout import Section, card
from studio.ui.stage import Stage

MOST = 100
SETS = ("first", "second", "more", "less")


class VaeMode(Mode):
    """Shows the newest request as soon as possible; saving and exporting use the same request."""

    NAME = "vae"
    TITLE = "VAE"
    TIP = "Walk between your own pictures in an autoencoder's latent space"
    TASKS = (VaeTask, VaeFilmTask)
    POINTS = False

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self.models = ModelChoice(context.services, VaeTask.needs, self)
        self.models.box.box.setMinimumWidth(200)
        self.middle = self.stage = Stage(tr("Picture between pictures"))
        empty = tr("Choose two pictures to walk between, or one to change by an attribute.")
        self.stage.set_empty("image", tr("Two pictures"), empty)
        self.stage.take_drops(self.drop_sentence)
        self.stage.dropped.connect(self.drop)
        fields = {field.name: field for field in describe(VaeFilmTask)}
        self.sets: dict[str, PictureSet] = {}
        for name in SETS:
            field = fields[name]
            tip = tr("{help} Drop pictures here, or click to choose.", help=tr(field.help))
            self.sets[name] = PictureSet(
                context.services, tr(field.title), tip, MOST if name in ("more", "less") else 1
            )
            self.sets[name].changed.connect(self._wish)
        self.form = Form([fields[name] for name in ("share", "path")])
        self.attribute = Form([fields["amount"]])
        self.film = Form([fields[name] for name in ("size", "seconds", "rate", "loop", "format")])
        for form in (self.form, self.attribute, self.film):
            form.changed.connect(self._wish)
        self.save = chip(tr("Save"), tr("Keep this picture in the Library (Ctrl+Enter)"), self.make)
        self.export = chip(tr("Export video"), tr("Make a video of the path between the two pictures"), self._export)
        self.left = self._lay_out()
        self.models.changed.connect(lambda _: self._wish())
        self._busy: JobHandle | None = None
        self._wished = False
        self._shown: tuple[VaeTask, str] | None = None
        """The request that gives the picture on the stage, and its model: this is what is kept."""
        self.models.fill()

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> VaeFilmTask:
        """The request in the controls. Raises StudioError for a value out of bounds."""
        one = {name: next(iter(self.sets[name].paths), "") for name in ("first", "second")}
        many = {name: self.sets[name].paths for name in ("more", "less")}
        values = {**self.form.values(), **self.attribute.values(), **self.film.values()}
        return VaeFilmTask.from_values({**values, **one, **many})

    def picture(self) -> VaeTask:
        """The same as a request for one picture."""
        task = self.task()
        return VaeTask(**{name: getattr(task, name) for name in VaeTask.__struct_fields__})

    @override
    def choose(self, address: str) -> bool:
        """Choose this mode's own model."""
        return self.models.choose(address)

    @override
    def take(self, task: Task) -> None:
        """Load an earlier request."""
        assert isinstance(task, VaeTask)
        data = msgspec.structs.asdict(task)
        for form in (self.form, self.attribute, self.film):
            form.set_values(data)
        self.sets["first"].show_paths([task.first] if task.first else [])
        self.sets["second"].show_paths([task.second] if task.second else [])
        self.sets["more"].show_paths(task.more)
        self.sets["less"].show_paths(task.less)
        self._wish()

    @override
    def drop_sentence(self) -> str:
        """What dropping does: the pair is filled first."""
        free = next((name for name in SETS[:2] if not self.sets[name].paths), SETS[1])
        return tr("Use it as the first picture") if free == SETS[0] else tr("Use it as the second picture")

    @override
    def drop(self, paths: Sequence[str]) -> bool:
        """Fill the empty slots of the pair, or else replace the second picture."""
        for path in paths[:2]:
            free = next((name for name in SETS[:2] if not self.sets[name].paths), SETS[1])
            self.sets[free].set_paths([path])
        return True

    @override
    def remember(self) -> dict[str, Any]:
        """The whole request, and the model."""
        try:
            return {"task": self.task().to_data(), "model": self.models.address()}
        except StudioError:
            return {}

    @override
    def restore(self, kept: Mapping[str, Any]) -> None:
        """Show what ``remember`` kept."""
        self.models.fill(str(kept.get("model", "")))
        data = kept.get("task")
        if isinstance(data, dict):
            try:
                self.take(VaeFilmTask.from_data(data))
            except StudioError:
                return

    @override
    def enter(self) -> None:
        """Request the current picture."""
        self._wish()

    # -- the live picture ----------------------------------------------------------------------------------------

    def _wish(self) -> None:
        """Request the picture once the previous one has come; only the newest request counts."""
        given = [name for name in ("first", "second") if self.sets[name].paths]
        self.save.setEnabled(bool(given))
        self.export.setEnabled(len(given) == 2)
        self._wished = bool(given)
        if not given:
            self.stage.clear()
            self._shown = None
        self._next()

    def _next(self) -> None:
        model = self.models.current()
        if self._busy is not None or not self._wished or model is None or not self.middle.isVisible():
            return
        self._wished = False
        try:
            task = self._whole(self.picture())
            run = self.context.services.make(task, model.address, lane="frames")
        except StudioError as error:
            self.context.say(error)
            return
        self._busy = run
        self.context.awaits(run)
        run.made.connect(lambda asset, _: self._show(asset, task, model.address))
        run.done.connect(lambda _: self._over(run))
        run.cancelled.connect(lambda: self._over(run))
        run.failed.connect(lambda event: self._failed(run, event))

    def _whole(self, task: VaeTask) -> VaeTask:
        """Without the attribute for the live picture if one of its sets is still missing."""
        return task if task.more and task.less else msgspec.structs.replace(task, amount=0.0)

    def _show(self, asset: Asset, task: VaeTask, model: str) -> None:
        if any(self.sets[name].paths for name in ("first", "second")):
            self.stage.show_asset(asset)
            self._shown = task, model

    def _over(self, run: JobHandle) -> None:
        if self._busy is run:
            self._busy = None
            self._next()

    def _failed(self, run: JobHandle, event: Failed) -> None:
        if self._busy is run:
            self._busy = None
            self.context.say(StudioError(event.message, event.trouble))

    # -- what is kept --------------------------------------------------------------------------------------------

    @override
    def make(self) -> None:
        """Save the picture on display."""
        if self._shown is not None:
            task, model = self._shown
            self._ask(lambda: task, model)
        elif self.save.isEnabled():
            self._ask(lambda: self._whole(self.picture()), self.models.address())

    def _export(self) -> None:
        self._ask(self.task, self.models.address())

    def _ask(self, asked: Callable[[], Task], model: str) -> None:
        if not model:
            self.context.say(StudioError(tr("No picture model here has an autoencoder that can be used.")))
            return
        try:
            task = asked()
        except StudioError as error:
            self.context.say(error)
        else:
            self.context.ask(task, model)

    @override
    def follow(self, run: JobHandle) -> None:
        """Tell where it was saved, and offer to resume a stopped video."""
        services, job = self.context.services, run.job

        def kept(_: Asset, item: Item) -> None:
            show = Parcel(room="library", path=item.path)
            services.notify(tr("Saved to the Library"), tr("Show"), lambda: services.send(show))

        def go_on() -> None:
            self.context.ask(job.task, job.model)

        run.made.connect(kept)
        if isinstance(job.task, VaeFilmTask):
            words = tr("The video stopped; what is finished is kept.")
            run.cancelled.connect(lambda: services.notify(words, tr("Continue"), go_on))

    # -- putting together ----------------------------------------------------------------------------------------

    def _lay_out(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        pair, sets, buttons = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, names in ((pair, SETS[:2]), (sets, SETS[2:])):
            row.setSpacing(6)
            for name in names:
                row.addWidget(self.sets[name], 1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.export)
        buttons.addStretch(1)
        column.addWidget(card(self.models.box.box, title=tr("Autoencoder")))
        column.addWidget(card(pair, self.form))
        column.addWidget(card(sets, self.attribute, title=tr("Attribute")))
        column.addLayout(buttons)
        column.addWidget(Section(tr("Size · duration · format"), tr("Picture size and video settings"), self.film))
        return left

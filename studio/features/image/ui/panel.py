"""The Image room: words on the left, the picture in the middle, what is known of it on the right."""

from typing import Any

import msgspec
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.app.job_handle import JobHandle
from studio.app.messages import Message, StartFrom, UseFile, UseGeneration, UseModel, UseRequest, UseText
from studio.app.services import Item, Model, StudioServices
from studio.core.errors import StudioError
from studio.core.fields import describe, fits
from studio.core.override import override
from studio.core.text import tr
from studio.features.image.tasks.image import ImageTask
from studio.features.image.ui.prompts import count_for, make_prompts
from studio.features.image.ui.start_picture import StartPicture
from studio.features.image.ui.taking_over import TakingOver
from studio.features.image.ui.viewer import Viewer
from studio.room.controls import Controls, of_form, of_prompt
from studio.room.model_picker import ModelChoice
from studio.room.presets import Holds
from studio.room.presets_menu import Presets
from studio.room.request import Request
from studio.room.run_follower import RunFollower
from studio.ui.banner import Banner
from studio.ui.columns import Columns
from studio.ui.controls import Seed, Size
from studio.ui.form import Form
from studio.ui.layout import card, primary, side


class Panel(QWidget):
    """Holds one request, shows it in its controls, and follows the run that was asked for last."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self.request = Request(ImageTask(), services.undo, "image", parent=self)
        self.models = ModelChoice(services, ImageTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self.runs = RunFollower(services, "image", self.banner, self._show_run)
        self.viewer = Viewer(services, self)
        self._lay_out()
        self.setFocusProxy(self.prompt.edit)
        self._taking = TakingOver(services, self.request, self.models, self.start, self.runs)
        self._connect()
        self.request.from_data(services.remembered("image"))
        self.models.fill(self.request.model)

    @property
    def current(self) -> Item | None:
        """The chosen picture."""
        return self.viewer.current

    @property
    def handle(self) -> JobHandle | None:
        """What was asked for last."""
        return self.runs.handle

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> ImageTask:
        """The request as the controls show it. Raises StudioError when a value is out of its bounds."""
        self._controls.take_all()
        return self.request.task

    def make(self) -> None:
        """Ask for what the controls show."""
        self.request.settle()
        try:
            self._ask(self.task())
        except StudioError as error:
            self.runs.say(error)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The picture's keys, wherever the last click left the keyboard."""
        if not self.viewer.stage.zoom_by_key(event):
            super().keyPressEvent(event)

    def stop(self) -> None:
        """Stop what is being made here, else what was asked for last."""
        self.runs.stop()

    def remember(self) -> None:
        """Leave the request with the services, for the next start."""
        try:
            self.task()
        except StudioError:
            return
        self._services.remember("image", self.request.to_data())

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Use this picture's settings, or start from it if it has none")

    def receive(self, message: Message) -> None:
        """Take words, an earlier request, or a picture: its settings when it has some, else to start from."""
        match message:
            case UseRequest() | UseGeneration():
                self._taking.take(message)
            case UseModel(model=model):
                self.models.choose(model)
            case StartFrom(path=path):
                self.start.choose(path)
            case UseText(text=text) if text:
                self.prompt.set_text(text)
                self.prompt.edit.setFocus()
            case UseFile(path=path):
                self._take_file(path)

    def _take_file(self, path: str) -> None:
        self._taking.take_file(path, self.runs.say, self)

    # -- a run ---------------------------------------------------------------------------------------------------

    def _ask(self, task: ImageTask) -> None:
        model = self.runs.model_of(self.models, tr("There is no picture model yet."))
        if model is None:
            return
        self.runs.ask(task, model.address)
        self.remember()

    def follow(self, run: JobHandle) -> None:
        """Show what comes of ``run``."""
        self.runs.follow(run)

    def _show_run(self, run: JobHandle) -> None:
        task = run.job.task
        assert isinstance(task, ImageTask)
        run.preview.connect(lambda asset, _: self.viewer.form(run, asset, (task.width, task.height)))
        run.made.connect(lambda _, item: self._made(item))
        run.unsaved.connect(lambda asset, _: self.viewer.canvas.show_unsaved(asset))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(lambda *_: self.viewer.ended(run))

    def _made(self, item: Item) -> None:
        self.viewer.made(item)
        seed = self.form.control("seed")
        if isinstance(seed, Seed) and item.seed is not None:
            seed.show_used(item.seed)

    def _use_settings(self, item: Item) -> None:
        try:
            self.receive(self._services.read_request(item))
        except StudioError as error:
            self.runs.say(error)

    def _vary(self, item: Item) -> None:
        """Four like ``item``: from its picture, with other seeds."""
        try:
            task = self._services.job_of(item).task
            start = {"image": item.path, "crop_x": 0.5, "crop_y": 0.5, "strength": 0.6}
            assert isinstance(task, ImageTask)
            self._ask(msgspec.structs.replace(task, **start, seed=-1, count=4))
        except StudioError as error:
            self.runs.say(error)

    # -- the model -----------------------------------------------------------------------------------------------

    def _model_chosen(self, model: Model | None) -> None:
        count_for(model, self._services, self.prompt, self.negative)
        if model is None:
            return
        self.form.set_choices("scheduler", self._services.schedulers_of(model))
        self.form.offer_models(
            lambda part: [(each.address, each.name) for each in self._services.parts_for(model, part)]
        )
        size, edge = self.form.control("width"), model.defaults.get("size")
        if isinstance(size, Size) and isinstance(edge, int) and fits(size.field, edge) and edge > 0:
            size.set_base(edge)

    def _settings_of(self, model: Model) -> dict[str, Any]:
        """What another model begins with: the settings that it was made for."""
        own = model.defaults
        sides = {"width": own["size"], "height": own["size"]} if "size" in own else {}
        keeps = self.request.task.scheduler in self._services.schedulers_of(model)
        scheduler = {} if keeps else {"scheduler": ""}
        unfit = self._services.unfit_fields(self.request.task, model)
        return {**sides, **scheduler, **unfit, **{name: own[name] for name in ("steps", "guidance") if name in own}}

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(ImageTask)}
        strength = fields.pop("strength")
        self.prompt, self.negative = make_prompts(fields)
        self.form = Form(field for field in fields.values() if field.role != "input")
        self.start = StartPicture(self._services, self.request, strength, self.form)
        prompts = (of_prompt("prompt", self.prompt), of_prompt("negative", self.negative))
        self._controls = Controls(self.request, *prompts, of_form(self.form), self.start.part())
        self.presets = Presets(self._services, self.request, Holds(ImageTask(), prompts=True))
        self.generate = primary(tr("Generate"), "Ctrl+Enter", tr("Make the picture (Ctrl+Enter); Esc stops"))
        self.banner = Banner()

    def _lay_out(self) -> None:
        left, content, foot = side("left", 312)
        content.addWidget(card(self.prompt, self.negative))
        content.addWidget(self.start)
        content.addWidget(card(self.form, self.presets.button))
        content.addStretch(1)
        foot.addWidget(self.generate)
        middle = self.viewer.middle
        middle.insertWidget(0, self.banner)
        right, about, _ = side("right", 248)
        about.addWidget(self.viewer.details)
        about.addStretch(1)
        self.columns = Columns(self, left, middle, right)

    def _connect(self) -> None:
        viewer = self.viewer
        self.generate.clicked.connect(self.make)
        self.request.changed.connect(self.runs.settle)
        self.models.serve(self.request, self._settings_of)
        self.models.changed.connect(self._model_chosen)
        self._controls.refused.connect(self.runs.say)
        self.presets.failed.connect(self.runs.say)
        self.start.refused.connect(self.runs.say)
        viewer.failed.connect(self.runs.say)
        viewer.picked.connect(self.runs.settle)
        viewer.use_asked.connect(self._use_settings)
        viewer.vary_asked.connect(self._vary)
        viewer.start_asked.connect(lambda item: self.start.choose(item.path))
        viewer.stage.take_drops(self.drop_sentence)
        self.prompt.take_drops(self.drop_sentence)
        for place in (viewer.stage, self.prompt):
            place.dropped.connect(lambda paths: self._take_file(self._services.one_of(paths)))

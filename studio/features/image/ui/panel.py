"""The Image room: words on the left, the picture in the middle, what is known of it on the right."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from studio.app.desk import Desk, Item, Model, Parcel, Query
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.fields import describe, fits
from studio.core.foreign_paths import kept_here
from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask
from studio.features.image.ui.about import request_of, rows_of, rows_while_forming
from studio.features.image.ui.batches import Batches
from studio.features.image.ui.canvas import Canvas, show_zoom
from studio.features.image.ui.prompts import count_for, make_prompts
from studio.features.image.ui.start_picture import StartPicture
from studio.features.image.ui.taking_over import TakingOver
from studio.room.model_picker import ModelChoice
from studio.room.run_follower import Trouble, stop_run
from studio.room.shown_items import provider
from studio.room.started_from import show_rows
from studio.ui.actions import show_menu
from studio.ui.banner import Banner
from studio.ui.chips import Flow, chip
from studio.ui.columns import Columns
from studio.ui.controls import Seed, Size
from studio.ui.details import Details
from studio.ui.form import Form
from studio.ui.icons import icon
from studio.ui.layout import card, label, primary, side, tool
from studio.ui.stage import Stage

STRIP = 80
"""How many of the newest pictures the film strip shows; the Library has them all."""


class Panel(QWidget):
    """Holds one request, as its controls show it, and follows the run that was asked for last."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Run | None = None
        self._before: Item | None = None
        self._items: dict[str, Item] = {}
        self._current: Item | None = None
        self.models = ModelChoice(desk, ImageTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self.trouble = Trouble(desk, self.banner, self.follow)
        self.canvas = Canvas(desk, self.stage, self.trouble.say, self)
        self.canvas.changed.connect(self._show_facts)
        self._show_facts()
        self._lay_out()
        self.setFocusProxy(self.prompt.edit)
        self._taking = TakingOver(desk, self.models, self.banner, self.form, self._values, self.apply)
        self._connect()
        self.apply(kept_here(ImageTask, desk.remembered("image", "task"))[0])
        self.models.fill(str(desk.remembered("image").get("model", "")))
        self._refresh_strip()

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> ImageTask:
        """The request as the controls show it. Raises StudioError when a value is out of its bounds."""
        return ImageTask.from_values(self._values())

    def _values(self) -> dict[str, Any]:
        """What the controls show, whether it can be asked for or not."""
        values = {**self.form.values(), "prompt": self.prompt.text(), "negative": self.negative.text()}
        return {**values, **self.start.values()}

    def apply(self, fields: Mapping[str, Any]) -> None:
        """Show the values that ``fields`` names; the others stay."""
        if "prompt" in fields:
            self.prompt.set_text(str(fields["prompt"]))
        if "negative" in fields:
            self.negative.set_text(str(fields["negative"]))
        self.form.set_values(fields)
        self.start.set_values(fields)

    def make(self) -> None:
        """Ask for what the controls show."""
        self._ask(self.task)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The picture's keys, wherever the last click left the keyboard."""
        if not self.stage.zoom_by_key(event):
            super().keyPressEvent(event)

    def stop(self) -> None:
        """Stop what is being made here, else what was asked for last."""
        stop_run(self._desk, "image", self._run)

    def remember(self) -> None:
        """Leave the request on the desk."""
        try:
            task = self.task().to_data()
        except StudioError:
            return
        self._desk.remember("image", {"task": task, "model": self.models.address()})

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Take over this picture's settings, or start from it where it has none")

    def receive(self, parcel: Parcel) -> None:
        """Take words, an earlier request, or a picture: its settings when it has some, else to start from."""
        if parcel.job is not None or parcel.generation is not None:
            self._taking.take(parcel)
            return
        if parcel.model:
            self.models.choose(parcel.model)
        if parcel.fields:
            self.apply(parcel.fields)
        elif parcel.text:
            self.prompt.set_text(parcel.text)
            self.prompt.edit.setFocus()
        elif parcel.path:
            self._take_file(parcel.path)

    def _take_file(self, path: str) -> None:
        self._taking.take_file(path, self.trouble.say, self)

    # -- a run ---------------------------------------------------------------------------------------------------

    def _ask(self, task: Callable[[], ImageTask]) -> None:
        model = self.models.current()
        if model is None:
            self.trouble.lacks_model(tr("There is no picture model here yet."), ImageTask.needs)
            return
        try:
            self.follow(self._desk.make(task(), model.address))
        except StudioError as error:
            self.trouble.say(error)
            return
        self.remember()

    def follow(self, run: Run) -> None:
        """Show what comes of ``run``."""
        self._run = run
        self.trouble.watch(run)
        task = run.job.task
        assert isinstance(task, ImageTask)
        run.preview.connect(lambda asset, _: self.canvas.form(run, asset, (task.width, task.height)))
        run.made.connect(lambda _, item: self._made(item))
        run.unsaved.connect(lambda asset, _: self.canvas.show_unsaved(asset))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(lambda *_: self._show_current() if self.canvas.forming is run else None)

    def _made(self, item: Item) -> None:
        self._items[item.id] = item
        self.strip.put(item)
        self._choose(item)
        self._show_current()
        seed = self.form.control("seed")
        if isinstance(seed, Seed) and item.seed is not None:
            seed.show_used(item.seed)

    # -- what is shown -------------------------------------------------------------------------------------------

    def _refresh_strip(self) -> None:
        asked = {item.id for item in (self._current, self._before) if item is not None}

        def show(items: list[Item]) -> None:
            shown, near = self._current, self.strip.near(self._current)
            self._items = {item.id: item for item in items}
            self.strip.fill(items)
            self._current, self._before = self._again(self._current, asked), self._again(self._before, asked)
            if self._current is not None:
                self.strip.select([self._current.id])
                self.canvas.renew(self._current)
            elif shown is not None or items:
                self._choose(next((self._items[key] for key in [*near, *self._items] if key in self._items), None))
                if self.canvas.forming is None:
                    self._show_current()

        self._desk.search(Query(kinds=("image",), task="image"), STRIP, show, self)

    def _choose(self, item: Item | None) -> None:
        self.strip.select([item.id] if item is not None else [])
        self._before, self._current = self._current or self._before, item

    def _rank(self) -> None:
        self.strip.rank(self.best.isChecked())
        if self._current is not None:
            best = self.strip.best_beside(self._current)
            self.strip.select([best.id])
            self._picked([best.id])

    def _again(self, item: Item | None, asked: set[str]) -> Item | None:
        """The item as it is now; None when it is gone. One that came after the list was ``asked`` for isn't."""
        return self._items.get(item.id, None if item.id in asked else item) if item is not None else None

    def _picked(self, keys: list[str]) -> None:
        item = self._items.get(keys[0]) if keys else None
        if item is None or (self.canvas.item is not None and item.id == self.canvas.item.id):
            return
        if self._current is None or item.id != self._current.id:
            self._before, self._current = self._current, item
        self.trouble.settle()
        self._show_current(instead_of=self._desk.tracker.active)

    def _show_facts(self) -> None:
        item, run = self.canvas.item, self.canvas.forming
        for button in self._of_item:
            button.setEnabled(item is not None)
        self.compare.setEnabled(item is not None and self._before is not None)
        self.star.setIcon(icon("starred" if item is not None and item.starred else "star"))
        rows = rows_of(item, self._items.values()) if item is not None else rows_while_forming(run)
        show_rows(self._desk, self.details, rows, request_of(item, run), item)

    def _show_current(self, instead_of: Run | None = None) -> None:
        self.compare.setChecked(False)
        self.canvas.show(self._current, instead_of)

    def _compare(self) -> None:
        before, item = self._before, self._current
        if item is None or before is None or self.stage.comparing():
            self._show_current()
            return
        self.compare.setChecked(True)
        self.canvas.compare(before, item, self.compare.isChecked)

    # -- what can be done with the chosen picture ------------------------------------------------------------------

    def _use_settings(self) -> None:
        try:
            if self._current is not None:
                self.receive(self._desk.parcel_of(self._current))
        except StudioError as error:
            self.trouble.say(error)

    def _vary(self) -> None:
        """Four like the chosen one: from its picture, with other seeds."""
        item, job = self._current, self._job()
        if item is not None and job is not None:
            assert isinstance(job.task, ImageTask)
            start = {"image": item.path, "crop_x": 0.5, "crop_y": 0.5, "strength": 0.6}
            task = msgspec.structs.replace(job.task, **start, seed=-1, count=4)
            self._ask(lambda: task)

    def _job(self) -> Job | None:
        """The request of the chosen picture; None, and the reason is said, when this release can't read it."""
        try:
            return self._desk.job_of(self._current) if self._current is not None else None
        except StudioError as error:
            self.trouble.say(error)
            return None

    def _chosen(self) -> list[Item]:
        return [self._current] if self._current is not None else []

    def _star(self) -> None:
        self._desk.star(self._chosen())

    def _delete(self) -> None:
        self._desk.delete(self._chosen())

    def _export(self) -> None:
        if chosen := self._chosen():
            self._desk.export_asked.emit(chosen)

    def _explore(self) -> None:
        for item in self._chosen():
            self._desk.send(Parcel(room="latent", fields={"image": item.path}))

    def _menu(self, keys: list[str], at: QPoint) -> None:
        self._picked(keys)
        item = self._current
        if item is None:
            return
        show_menu(
            self,
            at,
            (tr("Use these settings"), self._use_settings),
            (tr("Start from this picture"), lambda: self.start.choose(item.path)),
            (tr("Variations"), self._vary),
            (tr("Explore in Latent"), self._explore),
            (tr("Export…"), self._export),
            (tr("Move to the trash"), self._delete),
        )

    def _model_chosen(self, model: Model | None) -> None:
        count_for(model, self._desk, self.prompt, self.negative)
        if model is None:
            return
        self.form.set_choices("scheduler", self._desk.schedulers_of(model))
        size, edge = self.form.control("width"), model.defaults.get("size")
        if isinstance(size, Size) and isinstance(edge, int) and fits(size.field, edge) and edge > 0:
            size.set_base(edge)
        if model.address != self._desk.remembered("image").get("model"):
            self._begin_as(model.defaults)

    def _begin_as(self, own: Mapping[str, Any]) -> None:
        """Another model begins with the settings that it was made for."""
        sides = {"width": own["size"], "height": own["size"]} if "size" in own else {}
        self.form.set_values({**sides, **{name: own[name] for name in ("steps", "guidance") if name in own}})

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(ImageTask)}
        strength = fields.pop("strength")
        self.prompt, self.negative = make_prompts(fields)
        self.form = Form(field for field in fields.values() if field.role != "input")
        self.start = StartPicture(self._desk, strength, self.form)
        self.generate = primary(tr("Generate"), "Ctrl+Enter", tr("Make the picture (Ctrl+Enter); Esc stops"))
        sentence = tr(
            "Describe a picture on the left and press Ctrl+Enter. You see it form here, and it is saved by itself."
        )
        self.stage = Stage()
        self.stage.set_empty("image", tr("Your picture"), sentence)
        self.strip = Batches(provider(self._desk, self))
        self.details, self.banner = Details(tr("Details")), Banner()
        self.fit = chip(tr("Fit"), tr("Show the whole picture (0)"), self.stage.fit)
        self.full = chip("100 %", tr("Show every pixel (1)"), lambda: self.stage.set_zoom(1.0))
        self.zoom = label("", "dim")
        self.zoom.hide()
        self.compare = chip(tr("Compare"), tr("Compare with the picture chosen before"), self._compare, checkable=True)
        self.best = chip(
            tr("Best first"), tr("In each batch, first what fits its prompt best"), self._rank, checkable=True
        )
        self.star = tool("star", tr("Star, or take the star away"))
        self.delete = tool("trash", tr("Move to the trash"))
        self.settings = chip(tr("Use settings"), tr("Take over the settings that made this"), self._use_settings)
        self.vary = chip(tr("Vary"), tr("Four variations of this picture"), self._vary)
        self.explore = chip(
            tr("Explore in Latent"), tr("Find this picture's point in the latent space of a GAN"), self._explore
        )
        self.export = chip(tr("Export…"), tr("Save a copy as PNG, JPEG, WebP or TIFF"), self._export)
        self._of_item: tuple[QAbstractButton, ...] = (
            self.star, self.delete, self.settings, self.vary, self.explore, self.export
        )  # fmt: skip

    def _lay_out(self) -> None:
        left, content, foot = side("left", 312)
        content.addWidget(card(self.prompt, self.negative))
        content.addWidget(self.start)
        content.addWidget(card(self.form))
        content.addStretch(1)
        foot.addWidget(self.generate)
        tools = Flow()
        for shown in (self.fit, self.full, self.zoom, self.compare, self.best):
            tools.addWidget(shown)
        tools.go_right()
        for button in self._of_item:
            tools.addWidget(button)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 8)
        middle.setSpacing(8)
        middle.addWidget(self.banner)
        middle.addWidget(self.stage, 1)
        middle.addLayout(tools)
        middle.addWidget(self.strip)
        right, about, _ = side("right", 248)
        about.addWidget(self.details)
        about.addStretch(1)
        self.columns = Columns(self, left, middle, right)

    def _connect(self) -> None:
        self.generate.clicked.connect(self.make)
        for changed in (
            self.prompt.edit.textChanged,
            self.negative.edit.textChanged,
            self.form.changed,
            self.models.changed,
        ):
            changed.connect(lambda *_: self.trouble.settle())
        self.star.clicked.connect(self._star)
        self.delete.clicked.connect(self._delete)
        self.strip.chosen.connect(self._picked)
        self.strip.clicked.connect(lambda _: self._picked(self.strip.selected()))  # also what is selected already
        self.strip.menu_asked.connect(self._menu)
        self.strip.delete_asked.connect(lambda _: self._delete())
        self.strip.star_asked.connect(lambda _: self._star())
        self.stage.zoomed.connect(partial(show_zoom, self.zoom))
        self.stage.take_drops(self.drop_sentence)
        self.prompt.take_drops(self.drop_sentence)
        for place in (self.stage, self.prompt):
            place.dropped.connect(lambda paths: self._take_file(self._desk.one_of(paths)))
        self.start.refused.connect(self.trouble.say)
        self.models.changed.connect(self._model_chosen)
        self._desk.library_changed.connect(self._refresh_strip)

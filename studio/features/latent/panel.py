"""The Latent room: its modes, the point where one is, its picture, and the walk."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.app.desk import Desk, Item, Model, Parcel
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.reading import with_fitting
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.following import Trouble, stop_run
from studio.features.latent.elsewhere import InvertCard, send_card
from studio.features.latent.frames import Frames
from studio.features.latent.kept_steps import undo_kept
from studio.features.latent.mode import Bench, Mode
from studio.features.latent.modes import MODES
from studio.features.latent.modes.map_mode import MapMode
from studio.features.latent.of_model import OfModel
from studio.features.latent.point import Blend, point_in
from studio.features.latent.search_task import InvertTask
from studio.features.latent.space import SEEDS, at_place, place_at, place_of, seed_at
from studio.features.latent.stars import Stars
from studio.features.latent.state import PLACE, LatentState, at_one_point
from studio.features.latent.steps import step_buttons
from studio.features.latent.task import LatentTask, WalkTask
from studio.features.latent.timeline import SHARED, Timeline
from studio.features.latent.walking import Walking
from studio.features.latent.wander import Wander
from studio.features.model_choice import ModelChoice
from studio.ui.banner import Banner
from studio.ui.chips import ChipChoice, chip
from studio.ui.columns import Columns
from studio.ui.form import Form
from studio.ui.icons import icon
from studio.ui.layout import card, label, primary, side, tool
from studio.ui.number import NumberBox
from studio.ui.plain import plain

SETTINGS = ("psi", "cutoff", "noise", "strength")
STALE_MS = 250
"""All small pictures are made anew when a setting has rested so long."""


class Panel(QWidget):
    """Holds the state and shows it; the modes change it too."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Run | None = None
        self._live: Asset | None = None
        self._place = (0.0, 0.0)
        self.state, self.frames = LatentState(desk.undo, self), Frames(desk)
        # Before anything else hears of it: the engine works while the window shows what has changed.
        self.state.changed.connect(lambda: self.frames.show(self.state.task))
        self.models = ModelChoice(desk, "latent", self)
        self.head = self.models.box
        self._make_controls()
        self.trouble = Trouble(desk, self.banner, self.follow)
        self._bench = Bench(
            desk, self.state, self.models, self.frames, self.stars, self.ask, self.trouble.say, self.timeline.add_key,
            self.enter_mode, self.follow,
        )  # fmt: skip
        self._walking = Walking(self._bench, self.timeline)
        self.invert = InvertCard(self._bench)
        self._modes: dict[str, Mode] = {}
        self._kept = desk.remembered("latent", "modes")
        self.map: MapMode = self.mode("map")
        self._lay_out()
        self._connect()
        self._restore()
        undo_kept(desk.undo, self.models, self.stars, self.timeline)

    # -- modes ---------------------------------------------------------------------------------------------------

    def mode(self, name: str) -> Any:
        """A mode, built when it is first asked for."""
        if name not in self._modes:
            made = next(mode for mode in MODES if name == mode.NAME)(self._bench)
            kept = self._kept.get(name)
            made.restore(kept if isinstance(kept, dict) else {})
            self._modes[name] = made
            self._lefts.addWidget(made.left)
            self._middles.addWidget(made.middle)
        return self._modes[name]

    def enter_mode(self, name: str) -> Mode:
        """Bring a mode forward."""
        mode: Mode = self.mode(name)
        if mode is not self._mode:
            if self._mode is not None:
                self._mode.leave()
            self._mode = mode
            self.chips.set_value(name)
            for other in self._modes.values():
                other.left.setVisible(other is mode)
            self._middles.setCurrentWidget(mode.middle)
            for part in (self._settings, self.timeline):
                part.setVisible(mode.POINTS)
            self.columns.bar(self._about, not mode.POINTS)
            self.head.setEnabled(mode.POINTS)
            self.setFocusProxy(mode.middle)
            mode.enter()
            self._desk.undo.changed.emit()  # another mode has other steps
        return mode

    _mode: Mode | None = None

    def _points(self) -> bool:
        return self._mode is not None and self._mode.POINTS

    def undo_place(self) -> str:
        """Where no point is shown, none is taken back."""
        return PLACE if self._points() else ""

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> LatentTask:
        """What is shown now."""
        return msgspec.structs.replace(self.state.task, seeds=(self._seed(),))

    def point(self) -> Blend:
        """Where one is."""
        return self.state.point

    def make(self) -> None:
        """Keep what is shown."""
        if self._points():
            self.ask(self.task())
        elif self._mode is not None:
            self._mode.make()

    def stop(self) -> None:
        """Stop playing, and what is being made."""
        self.timeline.stop()
        stop_run(self._desk, "latent", self._run)

    def remember(self) -> None:
        """Leave the place and the settings on the desk."""
        self._kept = {**self._kept, **{name: mode.remember() for name, mode in self._modes.items()}}
        data = {
            "task": self.state.task.to_data(),
            "model": self.models.address(),
            "walk": self.timeline.to_data(),
            "stars": self.stars.to_data(),
            "mode": self._mode.NAME if self._mode else "",
            "modes": self._kept,
        }
        self._desk.remember("latent", data)

    def _restore(self) -> None:
        kept = self._desk.remembered("latent")
        task, _ = with_fitting(LatentTask(), self._desk.remembered("latent", "task"))
        self.timeline.from_data(self._desk.remembered("latent", "walk"))
        self.stars.from_data(kept)
        self.enter_mode(str(kept.get("mode")) if kept.get("mode") in [mode.NAME for mode in MODES] else "map")
        self.models.fill(str(kept.get("model", "")))
        self.state.restart(at_one_point(task))
        self._use_settings()

    def receive(self, parcel: Parcel) -> None:
        """Take an earlier request: its settings and its place."""
        of_mode = _mode_of(parcel.job.task) if parcel.job else ""
        if parcel.model and not self.models.choose(parcel.model) and self.mode("vae").choose(parcel.model):
            self.enter_mode("vae")
        elif (parcel.model or parcel.fields or parcel.job) and not of_mode and not self._points():
            self.enter_mode("map")
        if "image" in parcel.fields:
            self.invert.invert(str(parcel.fields["image"]))
        elif parcel.job is None:
            if parcel.path:
                self._take_file(parcel.path)
        else:
            model = str(parcel.notes.get("model", "")) or parcel.job.model
            choose = self.mode(of_mode).choose if of_mode else self.models.choose
            self._desk.say_missing(not model or choose(model), parcel.missing)
            self._take(parcel.job.task)
            if (point := point_in(parcel.notes)) is not None:
                self._change({"points": (point,)})

    def _take(self, task: Task) -> None:
        if isinstance(task, LatentTask):
            self._change(msgspec.structs.asdict(at_one_point(task)))
        elif isinstance(task, WalkTask):
            self._change({name: getattr(task, name) for name in SHARED})
            keys = task.keys or tuple(Blend((seed,)) for seed in task.seeds)
            self.timeline.from_data(msgspec.to_builtins(msgspec.structs.replace(task, keys=keys)))
        elif isinstance(task, InvertTask):
            self.invert.take(task)
        elif name := _mode_of(task):
            self.enter_mode(name).take(task)

    def _take_file(self, path: str) -> None:
        def take(found: Parcel | None) -> None:
            if found is not None:
                self._desk.send(found)
            else:
                self._desk.notify(tr("This picture doesn't say how it was made."))

        self._desk.settings_of(path, take, self.trouble.say, self)

    def ask(self, task: Task) -> Run | None:
        """Put ``task`` for the chosen model into the queue, and follow it. None when that can't be done."""
        model = self.models.current() if task.needs_model else None
        if model is None and task.needs_model:
            self.trouble.lacks_model(tr("There is no GAN here yet."), "latent")
            return None
        try:
            run = self._desk.make(task, model.address if model else "")
        except StudioError as error:
            self.trouble.say(error)
            return None
        self.follow(run)
        self.remember()
        return run

    def follow(self, run: Run) -> None:
        """Show what comes of ``run``."""
        self._run = run
        self.trouble.watch(run)
        if name := _mode_of(run.job.task):
            self.mode(name).follow(run)
            return
        if isinstance(run.job.task, InvertTask):
            self.invert.follow(run)
        run.preview.connect(lambda asset, _: self._show(asset))
        run.made.connect(lambda _, item: self._made(item))
        if isinstance(run.job.task, WalkTask):
            self._walking.follow(run)

    def _made(self, item: Item) -> None:
        self._desk.notify(
            tr("Saved to the Library"), tr("Show"), lambda: self._desk.send(Parcel(room="library", path=item.path))
        )

    # -- where one is --------------------------------------------------------------------------------------------

    def _seed(self) -> int:
        return seed_at(round(self._place[0]), round(self._place[1]))

    def _go(self, x: float, y: float, gesture: str = "") -> None:
        """Go to a place of the plane."""
        self.state.set_point(at_place(self.state.point, x, y), gesture)

    def _change(self, fields: Mapping[str, Any], gesture: str = "") -> None:
        try:
            self.state.change(gesture, **fields)
        except StudioError as error:
            self.trouble.say(error)

    def _changed(self) -> None:
        """The state is another one."""
        task = self.state.task
        self._place = place_at(task.points[0]) or self._place
        self.seed.show_number(self._seed())
        self.form.set_values(msgspec.structs.asdict(task))
        self._show_star()
        if self._shown != _settings_of(task):
            self._stale.start()

    def _show_star(self) -> None:
        starred = self.stars.starred(self.state.point)
        self.star.setIcon(icon("starred", "warn") if starred else icon("star"))
        self.star.setAccessibleName(tr("Take the star away") if starred else tr("Give it a star"))

    def _use_settings(self) -> None:
        """Small pictures follow the settings, once these rest."""
        self._stale.stop()
        self._shown = _settings_of(self.state.task)
        self.frames.use(self.models.address(), self.state.task)

    _shown: LatentTask | None = None
    _scaled = ""

    def _show_live(self, asset: Asset, seconds: float) -> None:
        self._show(asset)
        self.speed.setText(
            tr("{rate} frames/s · {ms} ms", rate=round(1 / max(seconds, 1e-3)), ms=round(seconds * 1000))
        )

    def _show(self, asset: Asset) -> None:
        self.wander.show_asset(asset)
        self._live = asset

    def _add_points(self, points: Sequence[Blend]) -> None:
        for point in points:
            self.timeline.add_key(point)

    def _model_chosen(self, model: Model | None) -> None:
        self.banner.hide()
        if model is not None and self._scaled not in ("", model.address):
            self._change({"scales": ()})  # another model has other channels
        self._scaled = model.address if model is not None else self._scaled
        self._use_settings()
        if model is None:
            self.wander.setText(tr("Add a StyleGAN in Models to explore it here."))
        else:
            self.frames.show(self.state.task)

    def _reset(self) -> None:
        self._change(msgspec.structs.asdict(LatentTask(points=(Blend(),))))

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(LatentTask)}
        self.chips = ChipChoice([(mode.NAME, tr(mode.TITLE)) for mode in MODES], tr("Mode"))
        for mode in MODES:
            self.chips.button(mode.NAME).setToolTip(plain(tr(mode.TIP)))
        self.form = Form([fields[name] for name in SETTINGS])
        self.seed = NumberBox(0, SEEDS - 1, 1, whole=True)  # Qt's own box of whole numbers ends at 2147483647
        self.seed.setToolTip(tr("The seed where you are; type one to go there"))
        self.seed.setAccessibleName(tr("Seed"))
        self.reset = chip(tr("Reset"), tr("Back to seed 0, nothing mixed"), self._reset)
        self.wander, self.timeline, self.banner = Wander(), Timeline(self.frames), Banner()
        self.of_model = OfModel(self.state, self.frames, self.wander, self._change)
        self.stars = Stars(self.frames, self.models)
        self.star = tool("star", tr("Keep this point as a star, to find it again"))
        self.speed = label("", "dim")
        self.undo, self.redo = step_buttons(self._desk.undo)
        self.save = primary(tr("Save"), "Ctrl+Enter", tr("Keep this picture in the Library (Ctrl+Enter)"))
        self._lefts, self._middles, self._settings = QVBoxLayout(), QStackedWidget(), self._settings_card()
        self._stale = QTimer(self)
        self._stale.setSingleShot(True)
        self._stale.setInterval(STALE_MS)
        self._stale.timeout.connect(self._use_settings)

    def _settings_card(self) -> QFrame:
        where = QHBoxLayout()
        where.addWidget(label(tr("Seed"), "dim"), 1)
        where.addWidget(self.seed)
        where.addWidget(self.reset)
        return card(where, self.form, self.of_model)

    def _lay_out(self) -> None:
        left, content, _ = side("left", 312)
        content.addWidget(self.chips)
        content.addWidget(self._settings)
        content.addLayout(self._lefts)
        content.addStretch(1)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 12)
        middle.setSpacing(10)
        middle.addWidget(self.banner)
        middle.addWidget(self._middles, 1)
        middle.addWidget(self.timeline)
        self._about, about, foot = side("right", 272)
        about.addWidget(self.wander)
        row = QHBoxLayout()
        row.addWidget(self.speed, 1)
        row.addWidget(self.star)
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        about.addLayout(row)
        about.addWidget(label(tr("Drag on the picture to wander between the seeds around it."), "dim", wrap=True))
        about.addWidget(self.invert)
        about.addWidget(send_card(self._bench))
        about.addWidget(self.stars)
        about.addStretch(1)
        foot.addWidget(self.save)
        self.columns = Columns(self, left, middle, self._about)

    def _connect(self) -> None:
        self.chips.chosen.connect(self.enter_mode)
        self.state.changed.connect(self._changed)
        self.star.clicked.connect(lambda: self.stars.toggle(self.state.point))
        self.stars.chosen.connect(self.state.set_point)
        self.stars.changed.connect(self._show_star)
        self.stars.changed.connect(self.remember)
        self.save.clicked.connect(self.make)
        self.seed.valueChanged.connect(lambda _: self._go(*place_of(int(self.seed.number()))))
        self.form.changed.connect(lambda: self._change(self.form.values(), "settings"))
        self.wander.moved.connect(lambda x, y: self._go(self._place[0] + x, self._place[1] + y, "wander"))
        self.frames.live.connect(self._show_live)
        self.frames.failed.connect(self.trouble.say)
        self.frames.live.connect(lambda *_: self.trouble.settle())
        self.timeline.add_asked.connect(lambda: self.timeline.add_key(self.state.point))
        self.timeline.dropped.connect(self._add_points)
        self.models.changed.connect(self._model_chosen)


def _settings_of(task: LatentTask) -> LatentTask:
    """The request without its point."""
    return msgspec.structs.replace(task, points=())


def _mode_of(task: Task) -> str:
    """The name of the mode that asks such requests; "" for those of the room itself."""
    return next((mode.NAME for mode in MODES if isinstance(task, mode.TASKS)), "")

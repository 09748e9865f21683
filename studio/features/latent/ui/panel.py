"""The Latent room's panel: its modes, the current point, its picture, and the walk."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.app.desk import Desk, Item, Model, Parcel
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.fitting import with_fitting
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import SEEDS, at_place, place_at, place_of, seed_at
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.search import InvertTask
from studio.features.latent.ui.explore.aside import Aside, Table
from studio.features.latent.ui.explore.elsewhere import InvertCard, send_card
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.mode import Bench, Mode
from studio.features.latent.ui.explore.of_model import OfModel
from studio.features.latent.ui.explore.point_menu import ways_with
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import PLACE, LatentState, at_one_point
from studio.features.latent.ui.explore.steps import step_buttons
from studio.features.latent.ui.explore.waiting import Waiting
from studio.features.latent.ui.modes import MODES, mode_of
from studio.features.latent.ui.modes.arrivals import Arrivals
from studio.features.latent.ui.modes.map_mode import MapMode
from studio.features.latent.ui.modes.mode_choice import ModeChoice
from studio.features.latent.ui.walk.kept_steps import undo_kept
from studio.features.latent.ui.walk.timeline import Timeline
from studio.features.latent.ui.walk.walking import Walking
from studio.features.latent.ui.widgets.wander import Wander
from studio.room.model_picker import ModelChoice
from studio.room.run_follower import Trouble, stop_run
from studio.ui.actions import show_menu
from studio.ui.banner import Banner
from studio.ui.chips import chip
from studio.ui.columns import Columns
from studio.ui.drops import DropTarget, paths_in
from studio.ui.form import Form
from studio.ui.icons import icon
from studio.ui.layout import card, label, primary, side, tool
from studio.ui.number import NumberBox
from studio.ui.plain import plain

SETTINGS = ("psi", "cutoff", "noise", "strength")
BETWEEN = -1
"""The value of the seed box if no single seed gives the point."""
STALE_MS = 250
"""Delay after the last change of a setting before all small pictures are remade."""


class Panel(QWidget):
    """Holds and shows the state; the modes change it too."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Run | None = None
        self._place = (0.0, 0.0)
        self.state, self.frames = LatentState(desk.undo, self), Frames(desk)
        self.seen = Seen(self.state, self.frames)
        # Before anything else: the engine works while the window updates.
        self.state.changed.connect(self._wish)
        self.models = ModelChoice(desk, LatentTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self.waiting = Waiting(desk, self.waits, self)
        self.trouble = Trouble(desk, self.banner, self.follow)
        self._bench = Bench(
            desk, self.state, self.seen, self.models, self.frames, self.stars, self.ask, self.trouble.say,
            self.timeline.add_key, self.enter_mode, self.follow, self.mode, self.waiting.watch,
        )  # fmt: skip
        self._walking = Walking(self._bench, self.timeline)
        self.invert = InvertCard(self._bench)
        self._modes = ModeChoice(self._bench, desk.remembered("latent", "modes"))
        self.chips = self._modes.chips
        self._arrivals = Arrivals(self._bench, self.timeline, self.invert, self._modes, self._change)
        self.map: MapMode = self.mode("map")
        walk = Table(self.timeline.blends, self.timeline.to_data, self.timeline.from_data)
        self._aside = Aside(self.state, {"walk": walk, **{name: self._modes.table(name) for name in ("mix", "breed")}})
        self._lay_out()
        self._connect()
        self._restore()
        undo_kept(desk.undo, self.models, self.stars, self.timeline)

    # -- modes ---------------------------------------------------------------------------------------------------

    def mode(self, name: str) -> Any:
        """A mode, built on first use."""
        return self._modes.mode(name)

    def enter_mode(self, name: str) -> Mode:
        """Switch to a mode."""
        return self._modes.enter(name)

    def _entered(self, mode: Mode) -> None:
        if not mode.POINTS:
            self.timeline.stop()
        for part in (self._settings, self.timeline):
            part.setVisible(mode.POINTS)
        self.columns.bar(self._about, not mode.POINTS)
        self.head.setEnabled(mode.POINTS)
        usual = tr("The model to use; add more in Models")
        self.head.box.setToolTip(plain(usual if mode.POINTS else tr("This mode uses no GAN")))
        self.hint.setText(mode.hint())
        self.setFocusProxy(mode.middle)
        self._desk.undo.changed.emit()  # another mode has other steps

    def undo_place(self) -> str:
        """No point steps while no point is shown."""
        mode = self._modes.current
        return PLACE if mode is not None and mode.POINTS else ""

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> LatentTask:
        """The request in the controls."""
        return msgspec.structs.replace(self.state.task, seeds=(self._seed(),))

    def point(self) -> LatentPoint:
        """The current point."""
        return self.state.point

    def make(self) -> None:
        """Save what is shown."""
        mode = self._modes.current
        if mode is not None and mode.POINTS:
            self._walking.settle()
            self.ask(self.seen.task)
        elif mode is not None:
            mode.make()

    def stop(self) -> None:
        """Stop playback and the running request."""
        self.timeline.stop()
        stop_run(self._desk, "latent", self._run)

    def remember(self) -> None:
        """Save the current point and settings."""
        data = {
            "task": self.state.task.to_data(),
            "model": self.models.address(),
            "walk": self.timeline.to_data(),
            "stars": self.stars.to_data(),
            "mode": self._modes.current.NAME if self._modes.current else "",
            "modes": self._modes.remember(),
            "aside": self._aside.to_data(),
        }
        self._desk.remember("latent", data)

    def _restore(self) -> None:
        kept = self._desk.remembered("latent")
        task, _ = with_fitting(LatentTask(), self._desk.remembered("latent", "task"))
        self.timeline.from_data(self._desk.remembered("latent", "walk"))
        self.stars.from_data(kept)
        self._aside.from_data(kept.get("aside"))
        self._of = str(kept.get("model", ""))
        self.state.restart(at_one_point(task))
        self.enter_mode(str(kept.get("mode")) if kept.get("mode") in [mode.NAME for mode in MODES] else "map")
        self.models.fill(self._of)
        self._use_settings()

    def drop_sentence(self) -> str:
        """What dropping files does."""
        return self._arrivals.sentence()

    def receive(self, parcel: Parcel) -> None:
        """Handle what another room sent, or a file dropped on the window."""
        self._arrivals.receive(parcel)

    def ask(self, task: Task) -> Run | None:
        """Queue ``task`` for the current model, and follow it. None if that fails."""
        model = self.models.current() if task.needs else None
        if model is None and task.needs:
            self.trouble.lacks_model(tr("There is no GAN yet."), LatentTask.needs)
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
        """Show the progress and results of ``run``."""
        self._run = run
        self.trouble.watch(run)
        if name := mode_of(run.job.task):
            self.mode(name).follow(run)
            return
        if isinstance(run.job.task, InvertTask):
            self.invert.follow(run)
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

    def _show_seed(self) -> None:
        self.seed.show_number(BETWEEN if (seed := self.state.point.seed) is None else seed)

    def _go_to_seed(self) -> None:
        seed = int(self.seed.number())
        if seed == BETWEEN:
            self._show_seed()
        else:
            self._go(*place_of(seed))

    def _go(self, x: float, y: float, gesture: str = "") -> None:
        """Go to a position on the plane."""
        self.state.set_point(at_place(self.state.point, x, y), gesture)

    def _change(self, fields: Mapping[str, Any], gesture: str = "") -> None:
        try:
            self.state.change(gesture, **fields)
        except StudioError as error:
            self.trouble.say(error)

    def _wish(self) -> None:
        """Request the current point's picture; a playing walk continues with changed settings, and stops at another
        point."""
        if not self._walking.plays_on():
            self.frames.show(self.state.task)

    def _changed(self) -> None:
        """The state changed."""
        task = self.state.task
        self._place = place_at(task.points[0]) or self._place
        self._show_seed()
        self.form.set_values(msgspec.structs.asdict(task))
        self._show_star()
        if self._shown != _settings_of(task):
            self._stale.start()

    def _show_star(self) -> None:
        starred = self.stars.starred(self.seen.point)
        self.star.setIcon(icon("starred", "warn") if starred else icon("star"))
        self.star.setAccessibleName(tr("Remove the star") if starred else tr("Add a star"))

    def _use_settings(self) -> None:
        """Update the settings of small pictures, after a pause."""
        self._stale.stop()
        self._shown = _settings_of(self.state.task)
        self.frames.use(self.models.address(), self.state.task)

    _shown: LatentTask | None = None
    _of = ""
    """The model that all points belong to."""

    def _show_speed(self, _: Asset, seconds: float) -> None:
        self.speed.setText(
            tr("{rate} frames/s · {ms} ms", rate=round(1 / max(seconds, 1e-3)), ms=round(seconds * 1000))
        )

    def _show_seen(self) -> None:
        if self.seen.asset is not None:
            self.wander.show_asset(self.seen.asset)
        else:
            self.wander.forget()
        self._show_star()

    def _toggle_star(self) -> None:
        self._walking.settle()
        self.stars.toggle(self.seen.point)

    def _add_points(self, points: Sequence[LatentPoint]) -> None:
        for point in points:
            self.timeline.add_key(point)

    def _model_chosen(self, model: Model | None) -> None:
        self.banner.hide()
        self.seen.forget()
        before, self._of = self._of, model.address if model is not None else self._of
        if before not in ("", self._of):
            self.frames.use("", self.state.task)  # the next pictures show the other model's features
            if self._aside.change(before, self._of, self._seed()):
                self._desk.notify(tr("What belongs to the other model is set aside, and comes back with it."))
        self._use_settings()
        if model is None:
            self.wander.setText(tr("Add a StyleGAN in Models to explore it here."))
        else:
            self.frames.show(self.state.task)
        self.invert.forget()
        self._show_star()

    def _reset(self) -> None:
        self._change(msgspec.structs.asdict(LatentTask(points=(LatentPoint(),))))

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(LatentTask)}
        self.form = Form([fields[name] for name in SETTINGS])
        self.seed = NumberBox(BETWEEN, SEEDS - 1, 1, whole=True)  # QSpinBox ends at 2147483647
        self.seed.setSpecialValueText(tr("between"))
        self.seed.setToolTip(tr("The current seed; type another to go there"))
        self.seed.setAccessibleName(tr("Seed"))
        self.reset = chip(tr("Reset"), tr("Back to seed 0, without style mixing"), self._reset)
        self.wander, self.timeline = Wander(), Timeline(self.frames)
        self.banner, self.waits = Banner(), Banner()
        self.of_model = OfModel(self.state, self.frames, self.wander, self._change)
        self.stars = Stars(self.frames, self.models)
        self.star = tool("star", tr("Star this point, to find it again"))
        self.speed = label("", "dim")
        self.undo, self.redo = step_buttons(self._desk.undo)
        self.save = primary(tr("Save"), "Ctrl+Enter", tr("Keep this picture in the Library (Ctrl+Enter)"))
        self._settings = self._settings_card()
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
        content.addLayout(self._modes.lefts)
        content.addStretch(1)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 12)
        middle.setSpacing(10)
        middle.addWidget(self.banner)
        middle.addWidget(self.waits)
        middle.addWidget(self._modes.middles, 1)
        middle.addWidget(self.timeline)
        self._about, about, foot = side("right", 272)
        about.addWidget(self.wander)
        row = QHBoxLayout()
        row.addWidget(self.speed, 1)
        row.addWidget(self.star)
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        about.addLayout(row)
        self.hint = label("", "dim", wrap=True)
        about.addWidget(self.hint)
        about.addWidget(self.invert)
        about.addWidget(send_card(self._bench))
        about.addWidget(self.stars)
        about.addStretch(1)
        foot.addWidget(self.save)
        self.columns = Columns(self, left, middle, self._about)

    def _connect(self) -> None:
        self._modes.entered.connect(self._entered)
        self.state.changed.connect(self._changed)
        self.star.clicked.connect(self._toggle_star)
        self.seen.changed.connect(self._show_seen)
        self.stars.chosen.connect(self.state.set_point)
        self.stars.changed.connect(self._show_star)
        self.stars.changed.connect(self.remember)
        self.save.clicked.connect(self.make)
        self.seed.valueChanged.connect(lambda _: self._go_to_seed())
        self.form.changed.connect(lambda: self._change({**self.form.values(), "noise_seed": -1}, "settings"))
        self.wander.moved.connect(lambda x, y: self._go(self._place[0] + x, self._place[1] + y, "wander"))
        self.frames.live.connect(self._show_speed)
        self.frames.failed.connect(self.trouble.say)
        self.frames.asked.connect(self.waiting.watch)
        self.waiting.late.connect(lambda: self.speed.setText(""))
        self.wander.menu.connect(lambda at: show_menu(self.wander, at, *ways_with(self._bench, self.seen.point)))
        self.stars.menu.connect(lambda point, at: show_menu(self.stars, at, *ways_with(self._bench, point)))
        self.frames.live.connect(lambda *_: self.trouble.settle())
        for place in (self._modes.middles, self.wander):
            DropTarget(
                place, lambda mime: self.drop_sentence() if paths_in(mime) else "",
                lambda mime: self._arrivals.take_files(paths_in(mime)),
            )  # fmt: skip
        self.timeline.add_asked.connect(lambda: self.timeline.add_key(self.seen.point))
        self.timeline.dropped.connect(self._add_points)
        self.models.changed.connect(self._model_chosen)


def _settings_of(task: LatentTask) -> LatentTask:
    """The request without its point."""
    return msgspec.structs.replace(task, points=())

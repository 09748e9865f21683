"""The Latent room's panel: its modes, the current point, its picture, and the walk."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.app.services import Item, Model, Parcel, StudioServices
from studio.core.task import Task
from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.search import InvertTask
from studio.features.latent.ui.explore.aside import Aside, Table
from studio.features.latent.ui.explore.elsewhere import InvertCard, send_card
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.explore.point_menu import ways_with
from studio.features.latent.ui.explore.point_settings import PointSettings
from studio.features.latent.ui.explore.seen import Seen
from studio.features.latent.ui.explore.seen_view import SeenView
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import PLACE, LatentState
from studio.features.latent.ui.explore.waiting import Waiting
from studio.features.latent.ui.modes import MODES, mode_of
from studio.features.latent.ui.modes.arrivals import Arrivals
from studio.features.latent.ui.modes.map_mode import MapMode
from studio.features.latent.ui.modes.mode_choice import ModeChoice
from studio.features.latent.ui.walk.kept_steps import undo_kept
from studio.features.latent.ui.walk.timeline import Timeline
from studio.features.latent.ui.walk.walking import Walking
from studio.room.model_picker import ModelChoice
from studio.room.run_follower import RunFollower
from studio.ui.actions import show_menu
from studio.ui.banner import Banner
from studio.ui.columns import Columns
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import primary, side
from studio.ui.plain import plain

STALE_MS = 250
"""Delay after the last change of a setting before all small pictures are remade."""


class Panel(QWidget):
    """Holds and shows the state; the modes change it too."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self.request, self.frames = LatentState(services.undo, self), Frames(services)
        self.seen = Seen(self.request, self.frames)
        # Before anything else hears of it: the engine works while the window shows what has changed.
        self.request.changed.connect(self._wish)
        self.models = ModelChoice(services, LatentTask.needs, self)
        self.head = self.models.box
        self._make_controls()
        self.waiting = Waiting(services, self.waits, self)
        self.runs = RunFollower(services, "latent", self.banner, self._show_run)
        self._context = ModeContext(
            services, self.request, self.seen, self.models, self.frames, self.stars, self.ask, self.runs.say,
            self.timeline.add_key, self.enter_mode, self.mode, self.waiting.watch,
        )  # fmt: skip
        self._walking = Walking(self._context, self.timeline)
        self.invert = InvertCard(self._context)
        self._modes = ModeChoice(self._context, services.remembered("latent", "modes"))
        self.chips = self._modes.chips
        self._arrivals = Arrivals(self._context, self.timeline, self.invert, self._modes, self.settings.change)
        self.map: MapMode = self.mode("map")
        walk = Table(self.timeline.blends, self.timeline.to_data, self.timeline.from_data)
        tables = {name: self._modes.table(name) for name in ("mix", "breed")}
        self._aside = Aside(self.request, {"walk": walk, **tables})
        self._lay_out()
        self._connect()
        self._restore()
        undo_kept(services.undo, self.models, self.stars, self.timeline)

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
        for part in (self.settings.card, self.timeline):
            part.setVisible(mode.POINTS)
        self.columns.bar(self._about, not mode.POINTS)
        self.head.setEnabled(mode.POINTS)
        usual = tr("The model to use; add more in Models")
        self.head.box.setToolTip(plain(usual if mode.POINTS else tr("This mode uses no GAN")))
        self.view.hint.setText(mode.hint())
        self.setFocusProxy(mode.middle)
        self._services.undo.changed.emit()  # another mode has other steps

    def undo_place(self) -> str:
        """No point steps while no point is shown."""
        mode = self._modes.current
        return PLACE if mode is not None and mode.POINTS else ""

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> LatentTask:
        """What the controls say."""
        return msgspec.structs.replace(self.request.task, seeds=(self.request.seed(),))

    @property
    def handle(self) -> JobHandle | None:
        """What was asked for last."""
        return self.runs.handle

    @property
    def current(self) -> LatentPoint:
        """Where one is."""
        return self.request.point

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
        self.runs.stop()

    def remember(self) -> None:
        """Save the current point and settings."""
        data = {
            **self.request.to_data(),
            "walk": self.timeline.to_data(),
            "stars": self.stars.to_data(),
            "mode": self._modes.current.NAME if self._modes.current else "",
            "modes": self._modes.remember(),
            "aside": self._aside.to_data(),
        }
        self._services.remember("latent", data)

    def _restore(self) -> None:
        kept = self._services.remembered("latent")
        self.timeline.from_data(self._services.remembered("latent", "walk"))
        self.stars.from_data(kept)
        self._aside.from_data(kept.get("aside"))
        self.request.from_data(kept)
        self.enter_mode(str(kept.get("mode")) if kept.get("mode") in [mode.NAME for mode in MODES] else "map")
        self.models.fill(self.request.model)
        self._use_settings()

    def drop_sentence(self) -> str:
        """What dropping files does."""
        return self._arrivals.sentence()

    def receive(self, parcel: Parcel) -> None:
        """Handle what another room sent, or a file dropped on the window."""
        self._arrivals.receive(parcel)

    def ask(self, task: Task, model: str = "") -> JobHandle | None:
        """Put ``task`` for the model at that address, else the chosen one, into the queue, and follow it.

        None when that can't be done.
        """
        if task.needs and not model:
            chosen = self.runs.model_of(self.models, tr("There is no GAN yet."))
            if chosen is None:
                return None
            model = chosen.address
        run = self.runs.ask(task, model)
        if run is not None:
            self.remember()
        return run

    def follow(self, run: JobHandle) -> None:
        """Show what comes of ``run``."""
        self.runs.follow(run)

    def _show_run(self, run: JobHandle) -> None:
        if name := mode_of(run.job.task):
            self.mode(name).follow(run)
            return
        if isinstance(run.job.task, InvertTask):
            self.invert.follow(run)
        run.made.connect(lambda _, item: self._made(item))
        if isinstance(run.job.task, WalkTask):
            self._walking.follow(run)

    def _made(self, item: Item) -> None:
        self._services.notify(
            tr("Saved to the Library"), tr("Show"), lambda: self._services.send(Parcel(room="library", path=item.path))
        )

    # -- where one is --------------------------------------------------------------------------------------------

    def _wish(self) -> None:
        """Request the current point's picture; a playing walk continues with changed settings, and stops at another
        point."""
        if not self._walking.plays_on():
            self.frames.show(self.request.task)

    def _changed(self) -> None:
        """The state is another one."""
        if self._shown != _settings_of(self.request.task):
            self._stale.start()

    def _use_settings(self) -> None:
        """Update the settings of small pictures, after a pause."""
        self._stale.stop()
        self._shown = _settings_of(self.request.task)
        self.frames.use(self.models.address(), self.request.task)

    _shown: LatentTask | None = None

    def _toggle_star(self) -> None:
        self._walking.settle()
        self.stars.toggle(self.seen.point)

    def _add_points(self, points: Sequence[LatentPoint]) -> None:
        for point in points:
            self.timeline.add_key(point)

    def _model_chosen(self, model: Model | None) -> None:
        self.banner.hide()
        self.seen.forget()
        before = self.request.model  # the one that all points are of
        if model is not None:
            self.request.model = model.address
        if before not in ("", self.request.model):
            self.frames.use("", self.request.task)  # the next pictures are of what the other model has
            if self._aside.change(before, self.request.model, self.request.seed()):
                self._services.notify(tr("What belongs to the other model is set aside, and comes back with it."))
        self._use_settings()
        if model is None:
            self.view.wander.setText(tr("Add a StyleGAN in Models to explore it here."))
        else:
            self.frames.show(self.request.task)
        self.invert.forget()
        self.view.show_star()

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.timeline = Timeline(self.frames)
        self.banner, self.waits = Banner(), Banner()
        self.stars = Stars(self.frames, self.models)
        self.view = SeenView(self.request, self.seen, self.frames, self.stars, self._services.undo)
        self.settings = PointSettings(self.request, self.frames, self.view.wander)
        self.save = primary(tr("Save"), "Ctrl+Enter", tr("Keep this picture in the Library (Ctrl+Enter)"))
        self._stale = QTimer(self)
        self._stale.setSingleShot(True)
        self._stale.setInterval(STALE_MS)
        self._stale.timeout.connect(self._use_settings)

    def _lay_out(self) -> None:
        left, content, _ = side("left", 312)
        content.addWidget(self.chips)
        content.addWidget(self.settings.card)
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
        about.addWidget(self.view)
        about.addWidget(self.invert)
        about.addWidget(send_card(self._context))
        about.addWidget(self.stars)
        about.addStretch(1)
        foot.addWidget(self.save)
        self.columns = Columns(self, left, middle, self._about)

    def _connect(self) -> None:
        self._modes.entered.connect(self._entered)
        self.request.changed.connect(self._changed)
        self.settings.refused.connect(self.runs.say)
        self.view.star.clicked.connect(self._toggle_star)
        self.stars.chosen.connect(self.request.set_point)
        self.stars.changed.connect(self.remember)
        self.save.clicked.connect(self.make)
        self.frames.failed.connect(self.runs.say)
        self.frames.asked.connect(self.waiting.watch)
        self.frames.live.connect(lambda *_: self.runs.settle())
        self.waiting.late.connect(self.view.speed.clear)
        wander = self.view.wander
        wander.menu.connect(lambda at: show_menu(wander, at, *ways_with(self._context, self.seen.point)))
        self.stars.menu.connect(lambda point, at: show_menu(self.stars, at, *ways_with(self._context, point)))
        for place in (self._modes.middles, wander):
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

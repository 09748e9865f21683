"""The Latent room: a map of seeds in the middle, what shapes them on the left, the current picture on the right."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.app.desk import Desk, Item, Model, Parcel
from studio.app.run import Run
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.following import Trouble, stop_run
from studio.features.latent.frames import Frames
from studio.features.latent.point import Blend
from studio.features.latent.seed_map import SeedMap
from studio.features.latent.slots import Slots
from studio.features.latent.space import SEEDS, blend_at, place_at, place_of, seed_at
from studio.features.latent.task import LatentTask, WalkTask
from studio.features.latent.timeline import Timeline
from studio.features.model_choice import ModelChoice
from studio.ui.banner import Banner
from studio.ui.chips import chip
from studio.ui.form import Form
from studio.ui.layout import card, columns, label, primary, side
from studio.ui.number import NumberBox
from studio.ui.pixels import to_qimage

STALE_MS = 250
"""The map is made anew when a slider has rested so long."""


class Wander(QLabel):
    """The current picture; dragging on it, or its arrow keys, wander through the plane of seeds."""

    moved = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(224, 224)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(tr("Current picture"))
        self.setToolTip(tr("Drag to wander between the seeds; Shift and arrow keys take small steps"))
        self._last: QPointF | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to wander."""
        self.setFocus()
        self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A picture's width is one seed."""
        if self._last is not None:
            way = event.position() - self._last
            self._last = event.position()
            self.moved.emit(-way.x() / max(self.width(), 1), -way.y() / max(self.height(), 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        self._last = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A tenth of the way to the next seed, with Shift a fiftieth."""
        step = 0.02 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.1
        ways: dict[int, tuple[float, float]] = {
            Qt.Key.Key_Left: (-step, 0),
            Qt.Key.Key_Right: (step, 0),
            Qt.Key.Key_Up: (0, -step),
            Qt.Key.Key_Down: (0, step),
        }
        if event.key() in ways:
            self.moved.emit(*ways[event.key()])
        else:
            event.ignore()


class Panel(QWidget):
    """Holds the point where one is, and asks for its picture whenever that or a slider moves."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Run | None = None
        self._place = (0.0, 0.0)
        self.models = ModelChoice(desk, "latent", self)
        self.head = self.models.box
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.map)
        self.trouble = Trouble(desk, self.banner, self.follow)
        self.frames = Frames(desk, self.map.missing)
        self._connect()
        kept = desk.remembered("latent")
        self.apply(desk.remembered("latent", "task"))
        self.timeline.from_data(desk.remembered("latent", "walk"))
        self.models.fill(str(kept.get("model", "")))
        self._go(*_pair(kept.get("place")))

    # -- the request ---------------------------------------------------------------------------------------------

    def task(self) -> LatentTask:
        """What the controls show, for the point where one is. Raises StudioError when a value is out of its bounds."""
        task = LatentTask.from_data(self.form.values())
        return msgspec.structs.replace(task, points=(self.point(),), seeds=(self._seed(),))

    def point(self) -> Blend:
        """Where one is."""
        return blend_at(*self._place, self.slots.seeds())

    def apply(self, fields: Mapping[str, Any]) -> None:
        """Show the values that ``fields`` names; the others stay."""
        self.form.set_values(fields)
        for slot in self.slots.slots:
            name = ("coarse", "middle", "fine")[self.slots.slots.index(slot)]
            seed = fields.get(name)
            if isinstance(seed, int) and -1 <= seed < SEEDS:
                slot.show_seed(seed, None)

    def make(self) -> None:
        """Keep the current picture."""
        try:
            self._ask(self.task())
        except StudioError as error:
            self.trouble.say(error)

    def stop(self) -> None:
        """Stop playing, and the film that is being made."""
        self.timeline.stop()
        stop_run(self._desk, "latent", self._run)

    def remember(self) -> None:
        """Leave the place and the settings on the desk."""
        coarse, middle, fine = self.slots.seeds()
        task = {**self.form.values(), "coarse": coarse, "middle": middle, "fine": fine}
        data = {
            "task": task,
            "model": self.models.address(),
            "place": list(self._place),
            "walk": self.timeline.to_data(),
        }
        self._desk.remember("latent", data)

    def receive(self, parcel: Parcel) -> None:
        """Take an earlier request: its settings and its place."""
        if parcel.model:
            self.models.choose(parcel.model)
        if parcel.job is None:
            if parcel.path:
                self._take_file(parcel.path)
            return
        task = parcel.job.task
        if parcel.job.model and not self.models.choose(parcel.job.model):
            self._desk.notify(tr("The model that made this is not here; the chosen one is used."))
        self.apply(task.to_data())
        if isinstance(task, WalkTask):
            keys = task.keys or tuple(Blend((seed,)) for seed in task.seeds)
            self.timeline.from_data(msgspec.to_builtins(msgspec.structs.replace(task, keys=keys)))
        elif isinstance(task, LatentTask):
            points = task.points or tuple(Blend((seed,)) for seed in task.seeds)
            if points:
                self._go_to_point(points[0])
        self._settings_changed()

    def _take_file(self, path: str) -> None:
        def take(found: Parcel | None) -> None:
            if found is not None:
                self._desk.send(found)
            else:
                self._desk.notify(tr("This picture doesn't say how it was made."))

        self._desk.settings_of(path, take, self.trouble.say, self)

    def _ask(self, task: LatentTask | WalkTask) -> None:
        model = self.models.current()
        if model is None:
            self.banner.show_notice(
                tr("There is no GAN here yet."),
                actions=[(tr("Add a model"), tr("Go to Models"), lambda: self._desk.send(Parcel(room="models")))],
            )
            return
        self.follow(self._desk.make(task, model.address))
        self.remember()

    def follow(self, run: Run) -> None:
        """Show what comes of ``run``."""
        self._run = run
        self.trouble.watch(run)
        run.preview.connect(lambda asset, _: self._show(asset))
        run.made.connect(lambda _, item: self._kept(item))

    def _kept(self, item: Item) -> None:
        self._desk.notify(
            tr("Saved to the Library"), tr("Show"), lambda: self._desk.send(Parcel(room="library", path=item.path))
        )

    def _export(self) -> None:
        """Make the walk a film."""
        self.timeline.stop()
        shared = {name: value for name, value in self.form.values().items() if name in ("psi", "cutoff", "noise")}
        try:
            walk = WalkTask.from_data({**self.timeline.form.values(), **shared})
            self._ask(msgspec.structs.replace(walk, keys=self.timeline.blends()))
        except StudioError as error:
            self.trouble.say(error)

    # -- where one is --------------------------------------------------------------------------------------------

    def _seed(self) -> int:
        return seed_at(round(self._place[0]), round(self._place[1]))

    def _go(self, x: float, y: float) -> None:
        """Go to a place of the plane."""
        self._place = (x, y)
        self.map.go_to(x, y)
        self.seed.show_number(self._seed())
        self._wish()

    def _go_to_point(self, point: Blend) -> None:
        """Go where ``point`` lies, with the styles that it mixes in; off the plane, to the seed that counts most."""
        for slot, seed in zip(self.slots.slots, (point.coarse, point.middle, point.fine), strict=True):
            if seed >= 0:
                slot.show_seed(seed, self.map.picture(seed))
        heaviest = max(zip(point.weights, point.seeds, strict=False), default=(1.0, 0))[1]
        self._go(*(place_at(point) or place_of(heaviest % SEEDS)))

    def _wish(self, *_: object) -> None:
        try:
            self.frames.show(LatentTask.from_data(self.form.values()), self.point())
        except StudioError as error:
            self.trouble.say(error)

    def _settings_changed(self) -> None:
        self._wish()
        self._stale.start()

    def _remake_map(self) -> None:
        """The map's pictures follow the sliders, without the mixing: it shows the seeds themselves."""
        try:
            cells = LatentTask.from_data(self.form.values())
        except StudioError:
            return
        self.map.forget()
        self.frames.use(self.models.address(), cells)

    def _show_live(self, asset: Asset, seconds: float) -> None:
        self._show(asset)
        self.speed.setText(
            tr("{rate} frames/s · {ms} ms", rate=round(1 / max(seconds, 1e-3)), ms=round(seconds * 1000))
        )

    def _show(self, asset: Asset) -> None:
        edge = min(self.wander.width(), 360)
        ratio = self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(to_qimage(asset)).scaled(
            round(edge * ratio), round(edge * ratio), Qt.AspectRatioMode.KeepAspectRatio, smooth
        )
        pixmap.setDevicePixelRatio(ratio)
        self.wander.setPixmap(pixmap)
        self._live = asset

    _live: Asset | None = None

    def _cell_came(self, seed: int, asset: Asset) -> None:
        self.map.set_picture(seed, asset)
        picture = self.map.picture(seed)
        if picture is None:
            return
        self.timeline.set_picture(seed, picture)
        for slot in self.slots.slots:
            if slot.seed == seed:
                slot.show_seed(seed, picture)

    def _slots_changed(self) -> None:
        for slot in self.slots.slots:
            slot.show_seed(slot.seed, self.map.picture(slot.seed))
        self._wish()

    def _add_key(self) -> None:
        picture = QPixmap.fromImage(to_qimage(self._live)) if self._live is not None else None
        self.timeline.add_key(self.point(), picture)

    def _menu(self, seed: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Go to seed {seed}", seed=seed), lambda: self._go(*place_of(seed)))
        for slot in self.slots.slots:
            menu.addAction(tr("Use as {slot}", slot=slot.accessibleName()), partial(slot.set_seed, seed))
        menu.addAction(tr("Add to the walk"), lambda: self._add_seed(seed))
        menu.exec(at)

    def _add_seed(self, seed: int) -> None:
        self.timeline.add_key(Blend((seed,), (1.0,)), self.map.picture(seed))

    def _model_chosen(self, model: Model | None) -> None:
        self.banner.hide()
        self._remake_map()
        if model is None:
            self.wander.setText(tr("Add a StyleGAN2 in Models to explore it here."))
        else:
            self._wish()

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        fields = {field.name: field for field in describe(LatentTask)}
        self.form = Form([fields[name] for name in ("psi", "cutoff", "noise")])
        self.slots = Slots([fields[name] for name in ("coarse", "middle", "fine")])
        self.seed = NumberBox(0, SEEDS - 1, 1, whole=True)  # Qt's own box of whole numbers ends at 2147483647
        self.seed.setToolTip(tr("The seed where you are; type one to go there"))
        self.seed.setAccessibleName(tr("Seed"))
        self.map, self.wander, self.timeline, self.banner = SeedMap(), Wander(), Timeline(), Banner()
        self.speed = label("", "dim")
        self.save = primary(tr("Save"), "Ctrl+Enter", tr("Keep this picture in the Library (Ctrl+Enter)"))
        self.reset = chip(tr("Reset"), tr("Back to seed 0, nothing mixed"), self._reset)
        self._stale = QTimer(self)
        self._stale.setSingleShot(True)
        self._stale.setInterval(STALE_MS)
        self._stale.timeout.connect(self._remake_map)

    def _reset(self) -> None:
        for slot in self.slots.slots:
            slot.show_seed(-1, None)
        self.form.set_values({field.name: field.default for field in describe(LatentTask)})
        self._go(0.0, 0.0)
        self._settings_changed()

    def _lay_out(self) -> None:
        left, content, _ = side("left", 312)
        where = QHBoxLayout()
        where.addWidget(label(tr("Seed"), "dim"), 1)
        where.addWidget(self.seed)
        where.addWidget(self.reset)
        content.addWidget(card(where, self.form))
        content.addWidget(card(self.slots, title=tr("Style mix")))
        content.addStretch(1)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 12)
        middle.setSpacing(10)
        middle.addWidget(self.banner)
        middle.addWidget(self.map, 1)
        middle.addWidget(self.timeline)
        right, about, foot = side("right", 272)
        about.addWidget(self.wander)
        about.addWidget(self.speed)
        about.addWidget(label(tr("Drag on the picture to wander between the seeds around it."), "dim", wrap=True))
        about.addStretch(1)
        foot.addWidget(self.save)
        columns(self, left, middle, right)

    def _connect(self) -> None:
        self.save.clicked.connect(self.make)
        self.seed.valueChanged.connect(lambda _: self._go(*place_of(int(self.seed.number()))))
        self.form.changed.connect(self._settings_changed)
        self.slots.changed.connect(self._slots_changed)
        for slot in self.slots.slots:
            slot.asked.connect(lambda slot=slot: slot.set_seed(self._seed()))
        self.map.moved.connect(self._go)
        self.map.wanted.connect(self.frames.wake)
        self.map.menu.connect(self._menu)
        self.wander.moved.connect(lambda x, y: self._go(self._place[0] + x, self._place[1] + y))
        self.frames.live.connect(self._show_live)
        self.frames.cell.connect(self._cell_came)
        self.frames.failed.connect(self.trouble.say)
        self.timeline.at.connect(lambda blend: self.frames.show(LatentTask.from_data(self.form.values()), blend))
        self.timeline.add_asked.connect(self._add_key)
        self.timeline.seed_dropped.connect(self._add_seed)
        self.timeline.exported.connect(self._export)
        self.models.changed.connect(self._model_chosen)


def _pair(value: object) -> tuple[float, float]:
    """A kept place, or the beginning."""
    try:
        x, y = msgspec.convert(value, tuple[float, float])
    except (ValueError, OverflowError):  # msgspec's own is a ValueError, and so is half of a surrogate pair
        return 0.0, 0.0
    return (x, y) if abs(x) < SEEDS and abs(y) < SEEDS else (0.0, 0.0)

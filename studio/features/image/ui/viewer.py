"""The pictures of the Image room: the newest in a strip, the chosen one on the stage, and what can be done with it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal, SignalInstance
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout

from studio.app.job_handle import JobHandle
from studio.app.messages import StartFrom
from studio.app.services import Item, Query, StudioServices
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.image.ui.about import request_of, rows_of, rows_while_forming
from studio.features.image.ui.batches import Batches
from studio.features.image.ui.canvas import Canvas, show_zoom
from studio.room.history import History
from studio.room.shown_items import provider
from studio.room.started_from import show_rows
from studio.ui.actions import show_menu
from studio.ui.chips import Flow, chip
from studio.ui.details import Details
from studio.ui.icons import icon
from studio.ui.layout import label, tool
from studio.ui.stage import Stage

STRIP = 80
"""How many of the newest pictures the film strip shows; the Library has them all."""


class Viewer(QObject):
    """``current`` is the chosen picture, ``before`` the one that was chosen before it. ``middle`` and ``details`` are
    what stands in the room.
    """

    picked = Signal()
    """The person chose another picture."""
    use_asked, vary_asked, start_asked = Signal(object), Signal(object), Signal(object)
    """With the item whose settings are to be used, that is to be varied, or started from."""
    failed = Signal(object)
    """The ``StudioError`` of a picture that can't be shown."""

    def __init__(self, services: StudioServices, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self.current: Item | None = None
        self.before: Item | None = None
        self.history = History(services, Query(kinds=("image",), task="image"), STRIP, self)
        self._make_parts()
        self.canvas = Canvas(services, self.stage, self.failed.emit, self)
        self.middle = self._lay_out()
        self._connect()
        self._show_facts()

    # -- a run ---------------------------------------------------------------------------------------------------------

    def form(self, run: JobHandle, asset: Asset, size: tuple[int, int]) -> None:
        """Show how far a picture is that becomes ``size``."""
        self.canvas.form(run, asset, size)

    def made(self, item: Item) -> None:
        """Show a picture that is done."""
        self.history.add(item)
        self.strip.put(item)
        self._choose(item)
        self._show_current()

    def ended(self, run: JobHandle) -> None:
        """Nothing more comes of ``run``: a picture that it left unfinished goes."""
        if self.canvas.forming is run:
            self._show_current()

    # -- the strip -----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        shown, near = self.current, self.strip.near(self.current)
        items = self.history.items
        self.strip.fill(list(items.values()))
        self.current, self.before = self.history.now(self.current), self.history.now(self.before)
        if self.current is not None:
            self.strip.select([self.current.id])
            self.canvas.renew(self.current)
        elif shown is not None or items:
            self._choose(next((items[key] for key in [*near, *items] if key in items), None))
            if self.canvas.forming is None:
                self._show_current()

    def _choose(self, item: Item | None) -> None:
        self.strip.select([item.id] if item is not None else [])
        self.before, self.current = self.current or self.before, item

    def pick(self, keys: Sequence[str]) -> None:
        """Show the first of these, as if the person had clicked it."""
        item = self.history.items.get(keys[0]) if keys else None
        if item is None or (self.canvas.item is not None and item.id == self.canvas.item.id):
            return
        if self.current is None or item.id != self.current.id:
            self.before, self.current = self.current, item
        self.picked.emit()
        self._show_current(instead_of=self._services.tracker.active)

    def _rank(self) -> None:
        self.strip.rank(self.best.isChecked())
        if self.current is not None:
            best = self.strip.best_beside(self.current)
            self.strip.select([best.id])
            self.pick([best.id])

    # -- the stage -----------------------------------------------------------------------------------------------------

    def _show_facts(self) -> None:
        item, run = self.canvas.item, self.canvas.forming
        for button in self.of_item:
            button.setEnabled(item is not None)
        self.compare.setEnabled(item is not None and self.before is not None)
        self.star.setIcon(icon("starred" if item is not None and item.starred else "star"))
        rows = rows_of(item, self.history.items.values()) if item is not None else rows_while_forming(run)
        show_rows(self._services, self.details, rows, request_of(item, run), item)

    def _show_current(self, instead_of: JobHandle | None = None) -> None:
        self.compare.setChecked(False)
        self.canvas.show(self.current, instead_of)

    def _compare(self) -> None:
        if self.current is None or self.before is None or self.stage.comparing():
            self._show_current()
            return
        self.compare.setChecked(True)
        self.canvas.compare(self.before, self.current, self.compare.isChecked)

    # -- what can be done with the chosen picture ----------------------------------------------------------------------

    def _chosen(self) -> list[Item]:
        return [self.current] if self.current is not None else []

    def _star(self) -> None:
        self._services.star(self._chosen())

    def _delete(self) -> None:
        self._services.delete(self._chosen())

    def _export(self) -> None:
        if chosen := self._chosen():
            self._services.export_asked.emit(chosen)

    def _tell(self, signal: SignalInstance) -> None:
        for item in self._chosen():
            signal.emit(item)

    def _explore(self) -> None:
        for item in self._chosen():
            self._services.send(StartFrom(room="latent", path=item.path))

    def _menu(self, keys: list[str], at: QPoint) -> None:
        self.pick(keys)
        if self.current is not None:
            show_menu(
                self.strip,
                at,
                (tr("Use these settings"), partial(self._tell, self.use_asked)),
                (tr("Start from this picture"), partial(self._tell, self.start_asked)),
                (tr("Variations"), partial(self._tell, self.vary_asked)),
                (tr("Explore in Latent"), self._explore),
                (tr("Export…"), self._export),
                (tr("Move to the trash"), self._delete),
            )

    # -- putting together ----------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        sentence = tr(
            "Describe a picture on the left and press Ctrl+Enter. It takes shape here and is saved automatically."
        )
        self.stage = Stage()
        self.stage.set_empty("image", tr("Your picture"), sentence)
        self.strip = Batches(provider(self._services, self))
        self.details = Details(tr("Details"))
        self.fit = chip(tr("Fit"), tr("Show the whole picture (0)"), self.stage.fit)
        self.full = chip("100 %", tr("Show actual size (1)"), lambda: self.stage.set_zoom(1.0))
        self.zoom = label("", "dim")
        self.zoom.hide()
        self.compare = chip(
            tr("Compare"), tr("Compare with the previously selected picture"), self._compare, checkable=True
        )
        self.best = chip(
            tr("Best first"), tr("In each batch, the best match for the prompt comes first"), self._rank, checkable=True
        )
        self.star = tool("star", tr("Star or unstar it"))
        self.delete = tool("trash", tr("Move to the trash"))
        use, vary = partial(self._tell, self.use_asked), partial(self._tell, self.vary_asked)
        self.settings = chip(tr("Use settings"), tr("Use the settings that made this"), use)
        self.vary = chip(tr("Vary"), tr("Four variations of this picture"), vary)
        self.explore = chip(
            tr("Explore in Latent"), tr("Find this picture's point in the latent space of a GAN"), self._explore
        )
        self.export = chip(tr("Export…"), tr("Save a copy as PNG, JPEG, WebP or TIFF"), self._export)
        self.of_item: tuple[QAbstractButton, ...] = (
            self.star, self.delete, self.settings, self.vary, self.explore, self.export
        )  # fmt: skip

    def _lay_out(self) -> QVBoxLayout:
        tools = Flow()
        for shown in (self.fit, self.full, self.zoom, self.compare, self.best):
            tools.addWidget(shown)
        tools.go_right()
        for button in self.of_item:
            tools.addWidget(button)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 8)
        middle.setSpacing(8)
        middle.addWidget(self.stage, 1)
        middle.addLayout(tools)
        middle.addWidget(self.strip)
        return middle

    def _connect(self) -> None:
        self.canvas.changed.connect(self._show_facts)
        self.star.clicked.connect(self._star)
        self.delete.clicked.connect(self._delete)
        self.strip.chosen.connect(self.pick)
        self.strip.clicked.connect(lambda _: self.pick(self.strip.selected()))  # also what is selected already
        self.strip.menu_asked.connect(self._menu)
        self.strip.delete_asked.connect(lambda _: self._delete())
        self.strip.star_asked.connect(lambda _: self._star())
        self.stage.zoomed.connect(partial(show_zoom, self.zoom))
        self.history.read.connect(self._read)
        self.history.refresh()

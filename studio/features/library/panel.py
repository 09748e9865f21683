"""The Library room: all that was made, to find, star, export and delete."""

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.app.desk import Desk, Item, Parcel, Query, room_of, text_of
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.shown_items import provider, read_picture, thumb_of
from studio.features.started_from import rows_of_start, show_rows
from studio.ui.actions import show_menu
from studio.ui.banner import Banner
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.columns import Columns
from studio.ui.details import Details
from studio.ui.empty import Empty
from studio.ui.grid import Grid
from studio.ui.layout import clearable, label, side, tool
from studio.ui.stage import Stage

MOST = 20_000
"""Items in the grid at once; the search narrows them."""
DAY = 86_400
_SPANS = (("", "Any time", 0), ("day", "Today", 1), ("week", "Last 7 days", 7), ("month", "Last 30 days", 30))
_KINDS = (("", "All"), ("image", "Pictures"), ("text", "Texts"), ("clip", "Films"))


class Panel(QWidget):
    """A search above a grid; what is chosen is shown large on the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._items: dict[str, Item] = {}
        self._wanted = ""
        self.head: QWidget | None = None
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.search)
        self._connect()
        self._apply(desk.remembered("library"))
        self.refresh()

    # -- what every room has -------------------------------------------------------------------------------------

    def make(self) -> None:
        """Use the chosen thing's settings again."""
        self._use_settings()

    def stop(self) -> None:
        """Empty the search."""
        self.search.clear()

    def receive(self, parcel: Parcel) -> None:
        """Show the item whose file is ``parcel.path``; the settings of a file from elsewhere go to their room."""
        item = self._desk.library.index.at(parcel.path)
        if item is not None:
            self._wanted = item.id
            self.refresh()
            return

        def take(found: Parcel | None) -> None:
            self._desk.send(found or Parcel(room="image", path=parcel.path))

        self._desk.settings_of(parcel.path, take, lambda error: self.banner.show_notice(error.message), self)

    def remember(self) -> None:
        """Leave the search on the desk."""
        data = {"text": self.search.text(), "kind": self.kind.value(), "starred": self.starred.isChecked()}
        self._desk.remember("library", data)

    def _apply(self, kept: dict[str, object]) -> None:
        self.search.setText(str(kept.get("text", "")))
        self.kind.set_value(str(kept.get("kind", "")))
        self.starred.setChecked(bool(kept.get("starred", False)))

    # -- the grid ------------------------------------------------------------------------------------------------

    def query(self) -> Query:
        """What the search says."""
        kind = self.kind.value()
        days = next(days for name, _, days in _SPANS if name == (self.span.currentData() or ""))
        return Query(
            text=self.search.text(),
            kinds=(kind,) if kind else (),  # type: ignore[arg-type]  # the chips hold item kinds
            since=time.time() - days * DAY if days else None,
            starred=self.starred.isChecked(),
        )

    def refresh(self) -> None:
        """Look again."""
        self._desk.search(self.query(), MOST, self._show, self)

    def _show(self, items: list[Item]) -> None:
        chosen = [self._wanted] if self._wanted else self.grid.selected()
        self._wanted = ""
        self._items = {item.id: item for item in items}
        self.grid.set_thumbs([thumb_of(item) for item in items])
        self.grid.select([key for key in chosen if key in self._items])
        searching = self.query() != Query()
        self.pages.setCurrentWidget(self.grid if items else self.nothing if searching else self.empty)
        self.count.setText(tr("{count} things", count=f"{len(items):,}"))
        self._chosen(self.grid.selected())

    def chosen_items(self) -> list[Item]:
        """What is selected, in the order shown."""
        return [self._items[key] for key in self.grid.selected() if key in self._items]

    def _chosen(self, keys: list[str]) -> None:
        items = [self._items[key] for key in keys if key in self._items]
        for button in self._of_items:
            button.setEnabled(bool(items))
        self.settings.setEnabled(len(items) == 1)
        self.explore.setEnabled(len(items) == 1 and items[0].kind == "image")
        if len(items) != 1:
            self.stage.clear()
            words = tr("{count} chosen", count=len(items)) if items else ""
            self.details.set_rows([(tr("Chosen"), words)] if words else [])
            return
        self._show_one(items[0])

    def _show_one(self, item: Item, text: str = "") -> None:
        request = item.job.get("task", {}) if item.job.get("kind") == "image" else {}
        rows = [
            *([(tr("Text"), text)] if text else []),
            (tr("Prompt"), item.prompt),
            (tr("Made"), time.strftime("%Y-%m-%d %H:%M", time.localtime(item.created))),
            (tr("Model"), item.model),
            (tr("Seed"), "" if item.seed is None else str(item.seed)),
            (tr("Size"), f"{item.width} × {item.height}" if item.width else ""),
            *rows_of_start(request),
            (tr("File"), Path(item.path).name),
        ]
        self.stage.setVisible(item.kind != "text")
        show_rows(self._desk, self.details, rows, request)
        if item.kind == "text":
            self.stage.clear()
            if not text:
                self._read_text(item)
        elif item.kind == "image":
            self._desk.read(partial(read_picture, item.path), partial(self._show_picture, item), owner=self)
        else:
            self._desk.thumbnail(item, lambda path: self._show_picture(item, read_picture(path)), self)

    def _read_text(self, item: Item) -> None:
        def show(text: str) -> None:
            if text and self.grid.selected() == [item.id]:
                self._show_one(item, text)

        self._desk.read(partial(text_of, item), show, self, lambda error: show(error.message))

    def _show_picture(self, item: Item, image: QImage) -> None:
        if self.grid.selected() != [item.id]:
            return
        if image.isNull():
            self.stage.clear()
            self.banner.show_notice(tr("{path} can't be shown: it is gone or damaged.", path=item.path))
            return
        self.stage.show_image(image)
        self.stage.set_file(item.path)

    # -- what can be done ----------------------------------------------------------------------------------------

    def _use_settings(self) -> None:
        items = self.chosen_items()
        if len(items) == 1:
            try:
                job = self._desk.job_of(items[0])
            except StudioError as error:
                self.banner.show_notice(error.message)
                return
            self._desk.send(Parcel(room=room_of(job.task), job=job, notes=items[0].notes))

    def _explore(self) -> None:
        items = self.chosen_items()
        if len(items) == 1 and items[0].kind == "image":
            self._desk.send(Parcel(room="latent", fields={"image": items[0].path}))

    def _star(self) -> None:
        items = self.chosen_items()
        self._desk.star(items, not all(item.starred for item in items))

    def _delete(self) -> None:
        self._desk.delete(self.chosen_items())

    def _export(self) -> None:
        if items := self.chosen_items():
            self._desk.export_asked.emit(items)

    def _open_folder(self) -> None:
        if items := self.chosen_items():
            self._desk.open_outside(str(Path(items[0].path).parent))

    def _open(self, key: str) -> None:
        if key in self._items:
            self._desk.open_outside(self._items[key].path)

    def _menu(self, keys: list[str], at: QPoint) -> None:
        show_menu(
            self,
            at,
            (tr("Use these settings"), self._use_settings),
            (tr("Explore in Latent"), self._explore),
            (tr("Star or unstar"), self._star),
            (tr("Export…"), self._export),
            (tr("Show in folder"), self._open_folder),
            (tr("Move to the trash"), self._delete),
        )

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search in prompts"))
        clearable(self.search)
        self.search.setAccessibleName(tr("Search"))
        self.search.setToolTip(tr("Every word must be in the prompt"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(200)
        self._pause.timeout.connect(self.refresh)
        self.kind = ChipChoice([(value, tr(words)) for value, words in _KINDS], tr("Kind"))
        self.kind.set_value("")
        self.span = QComboBox()
        for value, words, _ in _SPANS:
            self.span.addItem(tr(words), value)
        self.span.setAccessibleName(tr("When"))
        self.span.setToolTip(tr("When it was made"))
        self.starred = chip(tr("Starred"), tr("Only what has a star"), checkable=True)
        self.count = label("", "dim")
        self.grid = Grid(provider(self._desk, self))
        self.empty = Empty(
            "library", tr("Nothing here yet"), tr("Everything you make is saved by itself and appears here.")
        )
        self.nothing = Empty("search", tr("Nothing found"), tr("No prompt holds these words. Try fewer of them."))
        self.stage, self.details, self.banner = Stage(), Details(tr("Details")), Banner()
        self.stage.setMaximumHeight(300)
        self.settings = chip(tr("Use settings"), tr("Take over the settings that made this"), self._use_settings)
        self.explore = chip(
            tr("Explore in Latent"), tr("Find this picture's point in the latent space of a GAN"), self._explore
        )
        self.export = chip(tr("Export…"), tr("Save copies as PNG, JPEG, WebP or TIFF"), self._export)
        self.folder = tool("folder", tr("Show in folder"))
        self.star = tool("star", tr("Star, or take the star away"))
        self.delete = tool("trash", tr("Move to the trash"))
        self._of_items: tuple[QAbstractButton, ...] = (
            self.settings, self.explore, self.export, self.folder, self.star, self.delete
        )  # fmt: skip

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.search, 1)
        for widget in (self.kind, self.span, self.starred):
            above.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        below = Flow()
        below.addWidget(self.count)
        below.go_right()
        for button in self._of_items:
            below.addWidget(button)
        self.pages = QStackedWidget()
        for page in (self.grid, self.empty, self.nothing):
            self.pages.addWidget(page)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 8)
        middle.setSpacing(8)
        middle.addLayout(above)
        middle.addWidget(self.banner)
        middle.addWidget(self.pages, 1)
        middle.addLayout(below)
        right, about, _ = side("right", 288)
        about.addWidget(self.stage, 1)
        about.addWidget(self.details)
        about.addStretch(1)
        self.columns = Columns(self, middle, right)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.kind.chosen.connect(lambda _: self.refresh())
        self.span.activated.connect(lambda _: self.refresh())
        self.starred.clicked.connect(lambda _: self.refresh())
        self.grid.chosen.connect(lambda _: self.banner.hide())
        self.grid.chosen.connect(self._chosen)
        self.grid.opened.connect(self._open)
        self.grid.menu_asked.connect(self._menu)
        self.grid.delete_asked.connect(lambda _: self._delete())
        self.grid.star_asked.connect(lambda _: self._star())
        self.folder.clicked.connect(self._open_folder)
        self.star.clicked.connect(self._star)
        self.delete.clicked.connect(self._delete)
        self._desk.library_changed.connect(self.refresh)

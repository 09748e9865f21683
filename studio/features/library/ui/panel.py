"""The Library room: all that was made, to find, star, export and delete, and its trash."""

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.app.messages import Message, ShowItem, StartFrom, UseFile, UseSettings
from studio.app.services import Found, Item, LazyItems, Query, StudioServices, text_of
from studio.core.errors import StudioError
from studio.core.override import override
from studio.core.text import tr, tr_count
from studio.features.library.ui.filters import Filters, why_nothing
from studio.room.shown_items import loader, provider, read_picture
from studio.room.started_from import rows_of_start, show_rows
from studio.ui.actions import show_menu
from studio.ui.banner import Banner
from studio.ui.chips import Flow, chip
from studio.ui.columns import Columns
from studio.ui.details import Details
from studio.ui.empty import EmptyState
from studio.ui.grid import Grid
from studio.ui.layout import label, side, tool
from studio.ui.plain import message
from studio.ui.stage import Stage

CHOSEN_AGAIN = 500
"""What was chosen is chosen again in another list, up to so many."""


class Panel(QWidget):
    """A search above a grid; what is chosen is shown large on the right."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self._wanted = ""
        self._stale, self._asking, self._ask_again = True, False, False
        self.head: QWidget | None = None
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.search)
        self._connect()
        self.filters.from_data(services.remembered("library"))
        self._show_tools(False)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """Show what came meanwhile, also by hand."""
        super().showEvent(event)
        self._services.look_again()
        if self._stale:
            self.refresh()

    # -- what every room has -------------------------------------------------------------------------------------

    def make(self) -> None:
        """Use the chosen thing's settings again."""
        self._use_settings()

    def stop(self) -> None:
        """Empty the search."""
        self.search.clear()

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Find this file in the Library, or use its settings in their room")

    def receive(self, message: Message) -> None:
        """Show the item whose file it is; the settings of a file from elsewhere go to their room."""
        match message:
            case ShowItem(path=path) | UseFile(path=path):
                self._show_file(path)

    def _show_file(self, path: str) -> None:
        item = self._services.library.index.at(path)
        if item is not None:
            self._wanted = item.id
            self.filters.open_trash(item.deleted > 0)
            return

        def take(found: UseSettings | None) -> None:
            self._services.send(found or UseFile(room="image", path=path))

        self._services.settings_of(path, take, lambda error: self.banner.show_notice(error.message), self)

    def remember(self) -> None:
        """Leave the search with the services, for the next start."""
        self._services.remember("library", self.filters.to_data())

    # -- the grid ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again; while nobody looks at the room, once somebody does."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        self._ask_again = self._asking
        if not self._asking:
            self._asking = True
            query = self.filters.query()
            self._services.read(lambda: self._services.library.index.names(query), self._show, self, self._fail)

    def _fail(self, error: StudioError) -> None:
        self._asking = False
        self.banner.show_notice(error.message)

    def _show(self, keys: list[str]) -> None:
        self._asking = False
        if self._ask_again:
            self.refresh()
            return
        wanted, chosen = self._wanted, self.grid.selected()
        self.grid.set_keys(keys)
        self._wanted = ""
        if wanted in keys:
            self.grid.select([wanted])
        elif wanted and self.filters.clear():
            self._wanted = wanted
        elif not self.grid.selected() and len(chosen) <= CHOSEN_AGAIN:
            self.grid.select([key for key in chosen if key in set(keys)])
        self.count.setText(tr_count(len(keys), "{count} item", "{count} items"))
        self.empty_trash.setEnabled(bool(keys))
        self._show_page(bool(keys))
        self._chosen(self.grid.selected())

    def _show_page(self, anything: bool) -> None:
        query = self.filters.query()
        newcomer = query == Query() and not self._services.library.count(Query(deleted=True))
        if anything or newcomer:
            self.pages.setCurrentWidget(self.grid if anything else self.empty)
            return
        self.nothing.set_words(*why_nothing(query))
        self.pages.setCurrentWidget(self.nothing)

    def chosen_items(self) -> LazyItems:
        """What is selected, in the order shown."""
        return LazyItems(self._services.library.index, self.grid.selected())

    def _chosen(self, keys: list[str]) -> None:
        item = self._services.library.index.get(keys[0]) if len(keys) == 1 else None
        for button in (*self._of_items, *self._of_deleted):
            button.setEnabled(bool(keys))
        self.settings.setEnabled(item is not None)
        self.explore.setEnabled(item is not None and item.kind == "image")
        if item is None:
            self.stage.clear()
            self.details.set_rows([(tr("Chosen"), f"{len(keys):,}")] if keys else [])
            return
        self._show_one(item)

    def _show_one(self, item: Item, text: str = "") -> None:
        request = item.job.get("task", {}) if item.job.get("kind") == "image" else {}
        rows = [
            *([(tr("Text"), text)] if text else []),
            (tr("Prompt"), item.prompt),
            (tr("Created"), time.strftime("%Y-%m-%d %H:%M", time.localtime(item.created))),
            (tr("Model"), item.model),
            (tr("Seed"), "" if item.seed is None else str(item.seed)),
            (tr("Size"), f"{item.width} × {item.height}" if item.width else ""),
            *rows_of_start(request),
            (tr("File"), Path(item.path).name),
            *_of_deletion(item),
        ]
        self.stage.setVisible(item.kind != "text")
        show_rows(self._services, self.details, rows, request, item)
        if item.kind == "text":
            self.stage.clear()
            if not text:
                self._read_text(item)
        elif item.kind == "image":
            self._services.read(partial(read_picture, item.path), partial(self._show_picture, item), owner=self)
        else:
            self._services.thumbnail(item, lambda path: self._show_picture(item, read_picture(path)), self)

    def _read_text(self, item: Item) -> None:
        def show(text: str) -> None:
            if text and self.grid.selected() == [item.id]:
                self._show_one(item, text)

        self._services.read(partial(text_of, item), show, self, lambda error: show(error.message))

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

    def _one(self) -> Item | None:
        """The chosen thing, where it is one."""
        keys = self.grid.selected()
        return self._services.library.index.get(keys[0]) if len(keys) == 1 else None

    def _use_settings(self) -> None:
        item = self._one()
        if item is not None:
            try:
                self._services.send(self._services.read_request(item))
            except StudioError as error:
                self.banner.show_notice(error.message)

    def _explore(self) -> None:
        item = self._one()
        if item is not None and item.kind == "image":
            self._services.send(StartFrom(room="latent", path=item.path))

    def _star(self) -> None:
        self._services.gallery.star(self.grid.selected())

    def _delete(self) -> None:
        """Into the trash, or out of it for good."""
        if self.filters.trash.isChecked():
            self._services.gallery.empty_trash(self.grid.selected())
        else:
            self._services.gallery.delete(self.grid.selected())

    def _restore(self) -> None:
        self._services.gallery.restore(self.grid.selected())

    def _empty_trash(self) -> None:
        count = self._services.library.count(Query(deleted=True))
        words = tr_count(
            count,
            "Empty the trash? One item will leave the Library and move to the system's trash.",
            "Empty the trash? {count} items will leave the Library and move to the system's trash.",
        )
        question = message(QMessageBox.Icon.Question, words, self)
        yes = question.addButton(tr("Empty the trash"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        if question.clickedButton() is yes:
            self._services.gallery.empty_trash()
        question.deleteLater()

    def _show_tools(self, deleted: bool) -> None:
        """What can be done with what is here, or with what is in the trash. What was chosen there isn't here."""
        self.grid.clearSelection()
        for button in self._of_items:
            button.setVisible(not deleted)
        for button in (*self._of_deleted, self.empty_trash):
            button.setVisible(deleted)

    def _look_again(self) -> None:
        def tell(found: Found) -> None:
            words = tr("New in the Library: {added}. Gone: {removed}.", added=found.added, removed=found.removed)
            self._services.notify(words if found.anything else tr("The Library is up to date with its folders."))

        self._services.look_again(everything=True, then=tell)

    def _export(self) -> None:
        if len(items := self.chosen_items()):
            self._services.export_asked.emit(items)

    def _open_folder(self) -> None:
        if keys := self.grid.selected():
            item = self._services.library.index.get(keys[0])
            if item is not None:
                self._services.open_outside(str(Path(item.path).parent))

    def _open(self, key: str) -> None:
        item = self._services.library.index.get(key)
        if item is not None:
            self._services.open_outside(item.path)

    def _menu(self, _keys: list[str], at: QPoint) -> None:
        if self.filters.trash.isChecked():
            show_menu(self, at, (tr("Restore"), self._restore), (tr("Delete permanently"), self._delete))
            return
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
        self.filters = Filters()
        self.search = self.filters.search
        self.count = label("", "dim")
        self.grid = Grid(provider(self._services, self))
        self.grid.load_with(loader(self._services, self), self._services.library.index.paths_of)
        self.empty = EmptyState(
            "library", tr("Nothing here yet"), tr("Everything you make is saved automatically and appears here.")
        )
        self.nothing = EmptyState("search", tr("Nothing found"), "")
        self.stage, self.details, self.banner = Stage(), Details(tr("Details")), Banner()
        self.stage.setMaximumHeight(300)
        self.settings = chip(tr("Use settings"), tr("Use the settings that made this"), self._use_settings)
        self.explore = chip(
            tr("Explore in Latent"), tr("Find this picture's point in the latent space of a GAN"), self._explore
        )
        self.export = chip(tr("Export…"), tr("Save copies as PNG, JPEG, WebP or TIFF"), self._export)
        self.folder = tool("folder", tr("Show in folder"))
        self.star = tool("star", tr("Star or unstar it"))
        self.delete = tool("trash", tr("Move to the trash"))
        self.restore = chip(tr("Restore"), tr("Put it back where it was"), self._restore)
        self.for_good = chip(tr("Delete permanently"), tr("Move it to the system's trash"), self._delete)
        self.empty_trash = chip(
            tr("Empty the trash…"), tr("Move everything you deleted to the system's trash"), self._empty_trash
        )
        self._of_deleted = (self.restore, self.for_good)
        self._of_items: tuple[QAbstractButton, ...] = (
            self.settings, self.explore, self.export, self.folder, self.star, self.delete
        )  # fmt: skip

    def _lay_out(self) -> None:
        below = Flow()
        below.addWidget(self.count)
        below.go_right()
        for button in (*self._of_items, *self._of_deleted, self.empty_trash):
            below.addWidget(button)
        self.pages = QStackedWidget()
        for page in (self.grid, self.empty, self.nothing):
            self.pages.addWidget(page)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 8)
        middle.setSpacing(8)
        middle.addWidget(self.filters)
        middle.addWidget(self.banner)
        middle.addWidget(self.pages, 1)
        middle.addLayout(below)
        right, about, _ = side("right", 288)
        about.addWidget(self.stage, 1)
        about.addWidget(self.details)
        about.addStretch(1)
        self.columns = Columns(self, middle, right)

    def _connect(self) -> None:
        self.filters.changed.connect(self.refresh)
        self.filters.trash_opened.connect(self._show_tools)
        self.filters.again.clicked.connect(self._look_again)
        self.grid.chosen.connect(lambda _: self.banner.hide())
        self.grid.chosen.connect(self._chosen)
        self.grid.opened.connect(self._open)
        self.grid.menu_asked.connect(self._menu)
        self.grid.delete_asked.connect(lambda _: self._delete())
        self.grid.star_asked.connect(lambda _: self._star())
        self.folder.clicked.connect(self._open_folder)
        self.star.clicked.connect(self._star)
        self.delete.clicked.connect(self._delete)
        self._services.library_changed.connect(self.refresh)


def _of_deletion(item: Item) -> list[tuple[str, str]]:
    """When a thing was deleted, and where from."""
    if not item.deleted:
        return []
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.deleted))
    return [(tr("Deleted"), when), (tr("Original location"), str(Path(item.origin).parent))]

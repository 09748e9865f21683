"""The Models room: the models that are here, what each is, and why one can't be used."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.desk import Desk, Model, Parcel
from studio.core.fields import describe
from studio.core.text import tr
from studio.features import task_types
from studio.features.model_choice import size_in_words
from studio.ui.chips import chip
from studio.ui.columns import Columns
from studio.ui.details import Details
from studio.ui.files import dropped_files
from studio.ui.layout import label, side
from studio.ui.plain import plain

_ROOMS = {"image": "Image", "write": "Write", "latent": "Latent", "vae": "Latent", "match": "Ranking pictures"}
_COLUMNS = ("Name", "For", "Size", "Licence", "State")


class Panel(QWidget):
    """A table of models, the folders that they come from, and one's own to add."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._models: list[Model] = []
        self.head: QWidget | None = None
        self.setAcceptDrops(True)
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.table)
        desk.models_changed.connect(self.refresh)
        self.refresh()

    # -- what every room has -------------------------------------------------------------------------------------

    def make(self) -> None:
        """Go to the room of the chosen model."""
        self._use()

    def stop(self) -> None:
        """Nothing runs here."""

    def receive(self, parcel: Parcel) -> None:
        """Look for models in a folder that was dropped."""
        if parcel.path:
            self.add_folder(parcel.path)

    def remember(self) -> None:
        """The folders are settings already."""

    # -- the table -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is here."""
        chosen = self.current()
        self._models = self._desk.models()
        self.table.setRowCount(len(self._models))
        for row, model in enumerate(self._models):
            state = tr("ready") if model.usable else model.reason
            licence = model.licence or tr("unknown")
            size = size_in_words(model.bytes) if model.bytes else ""
            for column, words in enumerate((model.name, tr(_ROOMS[model.kind]), size, licence, state)):
                cell = QTableWidgetItem(words)
                cell.setToolTip(plain(model.path if column == 0 else words))
                self.table.setItem(row, column, cell)
        row = next((at for at, model in enumerate(self._models) if chosen and model.address == chosen.address), 0)
        self.table.selectRow(row)
        self._show_details()

    def current(self) -> Model | None:
        """The chosen model."""
        row = self.table.currentRow()
        return self._models[row] if 0 <= row < len(self._models) else None

    def _show_details(self) -> None:
        model = self.current()
        self.remove.setEnabled(bool(self._folders_of(model)))
        self.use.setEnabled(self._usable(model))
        if model is None:
            self.details.set_rows([])
            return
        titles = {field.name: tr(field.title) for task in task_types().values() for field in describe(task)}
        defaults = ", ".join(f"{titles.get(name, name)} {value}" for name, value in model.defaults.items())
        self.details.set_rows(
            [
                (tr("Name"), model.name),
                (tr("What it is"), tr(model.summary)),
                (tr("Family"), model.family),
                (tr("Licence"), model.licence or tr("unknown")),
                (tr("Its own settings"), defaults),
                (tr("State"), tr("ready") if model.usable else model.reason),
                (tr("Folder"), model.path),
            ]
        )

    @staticmethod
    def _usable(model: Model | None) -> bool:
        """Whether it can be used in a room of its own."""
        return model is not None and model.usable and model.kind != "match"

    # -- what can be done ----------------------------------------------------------------------------------------

    def add_folder(self, path: str) -> None:
        """Look for models in ``path`` from now on."""
        folders = self._desk.settings.model_folders
        if Path(path) not in map(Path, folders):
            self._desk.set_model_folders((*folders, path))

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("A model's folder, or one that holds models"))
        if path:
            self.add_folder(path)

    def _remove_folder(self) -> None:
        """Look no more where the chosen model lies; its files stay."""
        model = self.current()
        if model is not None:
            given_up = self._folders_of(model)
            kept = [folder for folder in self._desk.settings.model_folders if folder not in given_up]
            self._desk.set_model_folders(kept)

    def _folders_of(self, model: Model | None) -> list[str]:
        """The added folders that ``model`` lies in."""
        folders = self._desk.settings.model_folders
        return [folder for folder in folders if model is not None and Path(model.path).is_relative_to(folder)]

    def _use(self) -> None:
        model = self.current()
        if model is not None and self._usable(model):
            room = "latent" if model.kind == "vae" else model.kind
            self._desk.send(Parcel(room=room, model=model.address))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look for models in what was dropped."""
        event.acceptProposedAction()
        for path in dropped_files(event):
            self.add_folder(path)

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels([tr(words) for words in _COLUMNS])
        self.table.setAccessibleName(tr("Models"))
        self.table.setToolTip(tr("Enter goes to the model's room"))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._show_details)
        self.table.itemActivated.connect(lambda _: self._use())
        self.add = chip(
            tr("Add a folder…"),
            tr("A folder in diffusers or transformers format, or one that holds some"),
            self._ask_folder,
        )
        self.again = chip(tr("Look again"), tr("Look through every folder again"), self._desk.rescan_models)
        self.remove = chip(
            tr("Remove folder"), tr("Look no more in this model's folder; its files stay"), self._remove_folder
        )
        self.use = chip(tr("Use"), tr("Go to the model's room"), self._use)
        self.details = Details(tr("Details"))

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.addWidget(label(tr("Models"), "huge"), 1)
        for button in (self.add, self.again, self.remove, self.use):
            above.addWidget(button)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 12)
        middle.setSpacing(10)
        middle.addLayout(above)
        middle.addWidget(self.table, 1)
        hint = tr(
            "Models in the diffusers or transformers format, and StyleGAN2 or 3 networks. Nothing in them is run."
        )
        middle.addWidget(label(hint, "dim", wrap=True))
        right, about, _ = side("right", 288)
        about.addWidget(self.details)
        about.addStretch(1)
        self.columns = Columns(self, middle, right)

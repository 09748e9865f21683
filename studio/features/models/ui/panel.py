"""The Models room: the models that are here, what each is, and why one can't be used."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.services import Model, Parcel, StudioServices
from studio.core.abilities import fits
from studio.core.fields import describe
from studio.core.override import override
from studio.core.task import room_of
from studio.core.text import tr
from studio.features import task_types
from studio.files.sizes import size_in_words
from studio.ui.chips import chip
from studio.ui.columns import Columns
from studio.ui.details import Details
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import label, side
from studio.ui.plain import message, plain

_COLUMNS = ("Name", "For", "Size", "Licence", "State")
_STATE = len(_COLUMNS) - 1
_IN_DETAILS = (_COLUMNS.index("Size"), _COLUMNS.index("Licence"))
NARROW = 1000
"""Pixels of the room under which only a model's name, its room and its state are in the list."""
_SLICE = 100
"""Rows that are written at once."""


def _room_for(model: Model) -> str:
    """The room whose requests it can do; "" for what is of none."""
    return next((room_of(task) for task in task_types().values() if task.needs and fits(model.can, task.needs)), "")


def _purpose_of(model: Model) -> str:
    """What it is for, in words: its room's name; "" for what is of no use yet."""
    room = _room_for(model)
    return tr(room.capitalize()) if room else tr("Ranking pictures") if model.can else ""


def _state_of(model: Model) -> str:
    if not model.usable:
        return model.reason
    return tr("ready") if model.begins else tr("ready, with a start picture")


def _in_short(model: Model) -> str:
    """The state as it fits into a cell: what something is comes first, and no path before it."""
    if not model.part and model.architecture:
        return tr("{what}: can't be used yet", what=model.architecture)
    return _state_of(model).replace(model.path, model.name)


class Panel(QWidget):
    """A table of models, the folders that they come from, and one's own to add."""

    def __init__(self, services: StudioServices) -> None:
        super().__init__()
        self._services = services
        self._models: list[Model] = []
        self._filled = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._fill)
        self.head: QWidget | None = None
        DropTarget(self, lambda mime: self.drop_sentence() if paths_in(mime) else "", self._take_all)
        self._make_controls()
        self._lay_out()
        self.setFocusProxy(self.table)
        services.models_changed.connect(self.refresh)
        self.refresh()

    # -- what every room has -------------------------------------------------------------------------------------

    def make(self) -> None:
        """Go to the room of the chosen model."""
        self._use()

    def stop(self) -> None:
        """Nothing runs here."""

    def drop_sentence(self) -> str:
        """What becomes of a folder or a file."""
        return tr("Look for models here")

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
        self._models = self._services.models()
        self.table.setRowCount(len(self._models))
        self._filled = 0
        self._fill()
        row = next((at for at, model in enumerate(self._models) if chosen and model.address == chosen.address), 0)
        self.table.selectRow(row)
        self._show_details()

    def _fill(self) -> None:
        """Write the next rows; a folder of thousands is written in slices, so that the window goes on meanwhile."""
        begin, self._filled = self._filled, min(self._filled + _SLICE, len(self._models))
        for row in range(begin, self._filled):
            self._write(row, self._models[row])
        if begin == 0 or self._filled == len(self._models):  # Qt would measure at each cell
            for column in range(1, _STATE):
                self.table.resizeColumnToContents(column)
        if self._filled < len(self._models):
            self._rest.start()

    def _write(self, row: int, model: Model) -> None:
        licence = model.licence or tr("unknown")
        size = size_in_words(model.bytes) if model.bytes else ""
        for column, words in enumerate((model.name, _purpose_of(model), size, licence, _in_short(model))):
            cell = QTableWidgetItem(words)
            told = {0: model.path, _STATE: _state_of(model)}
            cell.setToolTip(plain(told.get(column, words)))
            self.table.setItem(row, column, cell)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the room is for why a model can't be used; its size and licence are in Details."""
        super().resizeEvent(event)
        for column in _IN_DETAILS:
            self.table.setColumnHidden(column, self.width() < NARROW)

    def current(self) -> Model | None:
        """The chosen model."""
        row = self.table.currentRow()
        return self._models[row] if 0 <= row < len(self._models) else None

    def _show_details(self) -> None:
        model = self.current()
        self._show_removal(model)
        self.use.setEnabled(self._usable(model))
        if model is None:
            self.details.set_rows([])
            return
        titles = {field.name: tr(field.title) for task in task_types().values() for field in describe(task)}
        defaults = ", ".join(f"{titles.get(name, name)} {value}" for name, value in model.defaults.items())
        self.details.set_rows(
            [
                (tr("Name"), model.name),
                (tr("Description"), tr(model.summary)),
                (tr("Family"), model.architecture),
                (tr("Licence"), model.licence or tr("unknown")),
                (tr("Model defaults"), defaults),
                (tr("State"), _state_of(model)),
                (tr("Folder"), model.path),
            ]
        )

    @staticmethod
    def _usable(model: Model | None) -> bool:
        """Whether it can be used in a room of its own."""
        return model is not None and model.usable and bool(_room_for(model))

    # -- what can be done ----------------------------------------------------------------------------------------

    def add_folder(self, path: str) -> None:
        """Look for models in ``path`` from now on."""
        folders = self._services.settings.model_folders
        if Path(path) not in map(Path, folders):
            self._services.set_model_folders((*folders, path))

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("A model's folder, or a folder of models"))
        if path:
            self.add_folder(path)

    def _remove_folder(self) -> None:
        """Look no more where the chosen model lies; its files stay. With others in it, that is asked first."""
        given_up = self._folders_of(self.current())
        count, name = len(self._models_in(given_up)), ", ".join(given_up)
        before = self._services.settings.model_folders
        if not given_up or (count > 1 and not self._agreed(name, count)):
            return
        step = self._services.set_model_folders([folder for folder in before if folder not in given_up])
        self._services.say_done(tr("{folder} is no longer scanned.", folder=name), step)

    def _agreed(self, folder: str, count: int) -> bool:
        sentence = tr(
            "All {count} models in {folder} will be removed from the list. Their files stay.",
            count=count,
            folder=folder,
        )
        question = message(QMessageBox.Icon.Question, sentence, self)
        remove = question.addButton(tr("Remove folder"), QMessageBox.ButtonRole.AcceptRole)
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        question.exec()
        return question.clickedButton() is remove

    def _show_removal(self, model: Model | None) -> None:
        """Say on the button which folder it means, and how many models lie in it."""
        folders = self._folders_of(model)
        self.remove.setEnabled(bool(folders))
        tip = tr("Stop scanning this model's folder; its files stay")
        if folders:
            count, name = len(self._models_in(folders)), ", ".join(folders)
            tip = tr("Stop scanning {folder}; its files stay", folder=name)
            if count > 1:
                tip = tr("Stop scanning {folder} with its {count} models; their files stay", folder=name, count=count)
        self.remove.setToolTip(plain(tip))

    def _models_in(self, folders: list[str]) -> list[Model]:
        """Those that are found in ``folders`` and in no other added one."""
        return [model for model in self._models if (of := self._folders_of(model)) and set(of) <= set(folders)]

    def _folders_of(self, model: Model | None) -> list[str]:
        """The added folders that ``model`` lies in."""
        folders = self._services.settings.model_folders
        return [folder for folder in folders if model is not None and Path(model.path).is_relative_to(folder)]

    def _use(self) -> None:
        model = self.current()
        if model is not None and self._usable(model):
            self._services.send(Parcel(room=_room_for(model), model=model.address))

    def _take_all(self, mime: QMimeData) -> None:
        for path in paths_in(mime):
            self.add_folder(path)

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels([tr(words) for words in _COLUMNS])
        self.table.setAccessibleName(tr("Models"))
        self.table.setToolTip(tr("Press Enter to go to the model's room"))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_STATE, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._show_details)
        self.table.itemActivated.connect(lambda _: self._use())
        self.add = chip(
            tr("Add a folder…"),
            tr("A model folder in diffusers or transformers format, or a folder that contains some"),
            self._ask_folder,
        )
        self.again = chip(tr("Scan again"), tr("Scan every folder again"), self._services.rescan_models)
        self.remove = chip(
            tr("Remove folder"), tr("Stop scanning this model's folder; its files stay"), self._remove_folder
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
            "Models in diffusers or transformers format, and StyleGAN2 or StyleGAN3 networks. Code in them is "
            "never run."
        )
        middle.addWidget(label(hint, "dim", wrap=True))
        right, about, _ = side("right", 288)
        about.addWidget(self.details)
        about.addStretch(1)
        self.columns = Columns(self, middle, right)

"""The presets of a room as a person meets them: a menu that applies, saves, renames, deletes and shares them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.app.named_files import NamedFiles
from studio.app.services import Model, StudioServices, safe_name
from studio.core.text import tr, tr_count
from studio.files.reading import read_file
from studio.room.presets import Holds, Preset, read_preset, to_json
from studio.room.request import MODEL, Request
from studio.ui.chips import chip
from studio.ui.layout import label
from studio.ui.plain import plain

Files = Mapping[str, bytes | None]


class Presets(QObject):
    """Kept beside the window; every change of them, and each one that is applied, is a step to undo."""

    failed = Signal(object)
    """The ``StudioError`` of a file that can't be read or written."""

    def __init__(self, services: StudioServices, request: Request[Any], holds: Holds) -> None:
        super().__init__(request)
        self._services, self._request, self._holds = services, request, holds
        self._folder = NamedFiles(services.folder_of(request.room) / "presets", ".json")
        self.names: list[str] = []
        self.button = chip(tr("Presets"), tr("Settings that are kept by a name: apply, save or share them"))
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self._show([])
        self._do(lambda: None)

    def save(self, name: str, with_prompts: bool) -> None:
        """Keep the settings as they are now by this name; one that has it already is replaced."""
        model = self._model(lambda model: model.address == self._request.model)
        content = to_json(self._holds, self._request.task, model.name if model is not None else "", with_prompts)
        name = safe_name(name)
        self._put(tr("Save a preset"), {name: content}, tr("Saved as the preset {name}", name=name))

    def apply(self, name: str) -> None:
        """Take the settings of a preset over."""
        path = self._folder.path(name)
        read = partial(read_preset, self._holds, path)
        self._services.background_tasks.do(
            read, partial(self._use, name), self.failed.emit, self
        )  # behind what is written

    def rename(self, name: str, new: str) -> None:
        """Call a preset ``new``."""
        new = self._free(safe_name(new)) if safe_name(new).casefold() != name.casefold() else safe_name(new)
        if new != name:
            self._with_content(name, lambda content: self._put(tr("Rename a preset"), {name: None, new: content}))

    def delete(self, name: str) -> None:
        """Take a preset away."""
        self._put(tr("Delete a preset"), {name: None}, tr("Deleted: {name}", name=name))

    def export(self, name: str, path: Path) -> None:
        """Write a preset into a file that can be given to others."""
        words = tr("Shared as {name}", name=path.name)
        told = partial(self._services.notify, words)
        self._with_content(name, lambda content: self._services.write(path, content, self.failed.emit, self, told))

    def take_files(self, paths: list[Path]) -> None:
        """Take presets in that others made. One that can't be used is said, and nothing is taken."""

        def read() -> dict[str, bytes]:
            for path in paths:
                read_preset(self._holds, path)
            return {safe_name(path.stem): read_file(path) for path in paths}

        def take(found: dict[str, bytes]) -> None:
            files = {self._free(name): content for name, content in found.items()}
            words = tr_count(
                len(files), "Imported the preset {name}", "{count} presets imported", name=next(iter(files))
            )
            self._put(tr("Import presets"), files, words)

        self._services.read(read, take, self, self.failed.emit)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _use(self, name: str, preset: Preset) -> None:
        values, model = dict(preset.values), self._model(lambda model: model.name == preset.model)
        if model is not None:
            values[MODEL] = model.address
        elif preset.model:
            self._services.notify(
                tr("The model of this preset is not here: {name}. The chosen one is used.", name=preset.model)
            )
        step = self._request.change(values, title=tr("Apply a preset"))
        if step is not None:
            self._services.say_done(tr("Applied the preset {name}", name=name), step)

    def _model(self, wanted: Callable[[Model], bool]) -> Model | None:
        """The usable model that is ``wanted``; the chosen one before others."""
        here = [model for model in self._services.models(self._holds.task.needs) if model.usable and wanted(model)]
        return min(here, key=lambda model: model.address != self._request.model, default=None)

    def _free(self, name: str) -> str:
        """``name``, with a number if it is taken."""
        taken = {other.casefold() for other in self.names}
        names = (name if not number else f"{name} {number + 1}" for number in range(len(taken) + 1))
        return next(other for other in names if other.casefold() not in taken)

    def _with_content(self, name: str, then: Callable[[bytes], None]) -> None:
        path = self._folder.path(name)
        self._services.background_tasks.do(partial(read_file, path), then, self.failed.emit, self)

    def _put(self, title: str, files: Files, said: str = "") -> None:
        """Write and remove files; a step to undo."""
        place = self._request.room

        def done(before: Files) -> None:
            back, forth = (
                partial(self._do, lambda: self._folder.put(before)),
                partial(self._do, lambda: self._folder.put(files)),
            )
            step = self._services.undo.push(title, back, forth, place)
            if said:
                self._services.say_done(said, step)

        self._do(lambda: self._folder.put(files), done)

    def _do(self, work: Callable[[], Any], then: Callable[[Any], None] = lambda _: None) -> None:
        """Do ``work`` on the folder beside the window, and list what is there then."""

        def both() -> tuple[Any, list[str]]:
            return work(), self._folder.names()

        def show(found: tuple[Any, list[str]]) -> None:
            self._show(found[1])
            then(found[0])

        self._services.background_tasks.do(both, show, self.failed.emit, self)

    # -- the menu ------------------------------------------------------------------------------------------------------

    def _show(self, names: list[str]) -> None:
        self.names = names
        self.menu.clear()
        for name in names:
            self.menu.addAction(_words(name), partial(self.apply, name))
        self.menu.addSeparator()
        self.menu.addAction(tr("Save as…"), self._ask_save)
        for words, do in (
            (tr("Rename"), self._ask_rename),
            (tr("Delete"), self.delete),
            (tr("Export"), self._ask_export),
        ):
            inner = self.menu.addMenu(words)
            inner.setEnabled(bool(names))
            for name in names:
                inner.addAction(_words(name), partial(do, name))
        self.menu.addAction(tr("Import…"), self._ask_import)

    def _ask_save(self) -> None:
        dialog = NameDialog(self.button.window(), tr("Save as a preset"), "", self._holds.prompts)
        if dialog.exec():
            self.save(dialog.name.text(), dialog.prompts.isChecked())
        dialog.deleteLater()

    def _ask_rename(self, name: str) -> None:
        dialog = NameDialog(self.button.window(), tr("Rename the preset"), name, prompts=False)
        if dialog.exec():
            self.rename(name, dialog.name.text())
        dialog.deleteLater()

    def _ask_export(self, name: str) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.button, tr("Export a preset"), f"{name}.json", f"{tr('Presets')} (*.json)"
        )
        if path:
            self.export(name, Path(path))

    def _ask_import(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self.button, tr("Import presets"), "", f"{tr('Presets')} (*.json)")
        if paths:
            self.take_files([Path(path) for path in paths])


class NameDialog(QDialog):
    """Asks for the name of a preset, and whether the prompts go with it."""

    def __init__(self, parent: QWidget, title: str, name: str, prompts: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.name = QLineEdit(name)
        self.name.setAccessibleName(tr("Name"))
        self.name.setToolTip(tr("The preset's name; one that has it already is replaced"))
        self.name.setMinimumWidth(280)
        self.prompts = QCheckBox(tr("With the prompts"))
        self.prompts.setToolTip(tr("Keep both prompts in it too; without them it fits any picture"))
        self.prompts.setVisible(prompts)
        roles = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(roles.Ok | roles.Cancel)
        self.buttons.button(roles.Ok).setToolTip(plain(title))
        self.buttons.button(roles.Cancel).setToolTip(tr("Leave it as it was (Esc)"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(label(tr("Name"), "dim"))
        for widget in (self.name, self.prompts, self.buttons):
            column.addWidget(widget)
        self.name.textChanged.connect(lambda _: self._check())
        self._check()

    def _check(self) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.name.text().strip()))


def _words(name: str) -> str:
    """A name in a menu, where & would mark a key."""
    return name.replace("&", "&&")

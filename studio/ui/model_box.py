"""The choice of the model that a room works with."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from studio.core.text import tr
from studio.ui.layout import label


class ModelBox(QWidget):
    """Models of one kind; those that can't be used are grey and say why."""

    chosen = Signal(object)
    """The person, or a change of what is there, made another model current (None: there is none)."""

    def __init__(self) -> None:
        super().__init__()
        self._models: list[Any] = []
        self.box = QComboBox()
        self.box.setMinimumWidth(240)
        self.box.setMaximumWidth(420)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setToolTip(tr("The model that does the work; more can be added in Models"))
        self.box.setAccessibleName(tr("Model"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(tr("Model"), "dim"))
        row.addWidget(self.box, 1)
        row.addStretch(2)
        self.box.activated.connect(lambda _: self.chosen.emit(self.current()))

    def set_models(self, models: Sequence[Any], wanted: str = "") -> None:
        """Show ``models``; ``wanted`` (an address), or what was chosen, stays chosen if it can be used."""
        old = wanted or self.address()
        self._models = list(models)
        self.box.clear()
        for model in self._models:
            words = [model.name, tr("bundled") if model.bundled else "", "" if model.usable else tr("can't be used")]
            self.box.addItem(" · ".join(word for word in words if word), model.address)
            row = self.box.count() - 1
            self.box.setItemData(row, model.reason or model.summary, Qt.ItemDataRole.ToolTipRole)
            items = self.box.model()
            if isinstance(items, QStandardItemModel):
                items.item(row).setEnabled(model.usable)
        usable = [model.address for model in self._models if model.usable]
        self.box.setCurrentIndex(self.box.findData(old if old in usable else next(iter(usable), None)))
        self.box.setEnabled(bool(self._models))
        self.box.setPlaceholderText(tr("No model here"))
        self.chosen.emit(self.current())

    def choose(self, address: str) -> bool:
        """Make the model at ``address`` current. False when it isn't here or can't be used."""
        found = next((m for m in self._models if m.address == address and m.usable), None)
        if found is None:
            return False
        if address != self.address():
            self.box.setCurrentIndex(self.box.findData(address))
            self.chosen.emit(found)
        return True

    def address(self) -> str:
        """The current model's address, "" when there is none."""
        return str(self.box.currentData() or "")

    def current(self) -> Any:
        """The current model; None when there is none."""
        return next((model for model in self._models if model.address == self.address()), None)

"""The model picker of a room."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from studio.core.text import tr
from studio.ui.control import guard_wheel
from studio.ui.layout import label
from studio.ui.plain import plain


@dataclass(frozen=True)
class ModelOption:
    """One model: its value, its name, a few facts, and why it can't be used if it can't."""

    value: str
    title: str
    facts: str = ""
    usable: bool = True
    reason: str = ""


class ModelBox(QWidget):
    """Models of one kind; unusable ones are greyed out and say why. ``chosen``: the person picked another one."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setMinimumWidth(280)
        self.box.setMaximumWidth(420)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setToolTip(tr("The model to use; add more in Models"))
        self.box.setAccessibleName(tr("Model"))
        self.box.setPlaceholderText(tr("No model here"))
        guard_wheel(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(tr("Model"), "dim"))
        row.addWidget(self.box, 1)
        row.addStretch(2)
        self.box.activated.connect(lambda _: self.chosen.emit(self.value()))

    def set_models(self, choices: Sequence[ModelOption]) -> None:
        """Offer ``choices``; the current one is kept if it is still there."""
        old = self.value()
        self.box.clear()
        for row, choice in enumerate(choices):
            words = [choice.title, choice.facts, "" if choice.usable else tr("can't be used")]
            self.box.addItem(" · ".join(word for word in words if word), choice.value)
            self.box.setItemData(row, plain(choice.reason or choice.title), Qt.ItemDataRole.ToolTipRole)
            items = self.box.model()
            if isinstance(items, QStandardItemModel):
                items.item(row).setEnabled(choice.usable)
        self.box.setCurrentIndex(self.box.findData(old))
        self.box.setEnabled(bool(choices))

    def set_value(self, value: str) -> None:
        """Choose without a signal."""
        self.box.setCurrentIndex(self.box.findData(value))

    def value(self) -> str:
        """The chosen value, "" when there is none."""
        return str(self.box.currentData() or "")

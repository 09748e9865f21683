"""Seed controls: a number with a die and a lock, and an optional seed."""

import random

from PySide6.QtCore import QObject
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.control import Control
from studio.ui.icons import icon
from studio.ui.layout import label, tool
from studio.ui.number import NumberBox

SEEDS = 2**32
"""The range of GAN seeds and of random ones: short enough to type."""


class SeedValidator(QValidator):
    """Accepts whole numbers up to ``last``, with surrounding spaces."""

    def __init__(self, last: int, parent: QObject) -> None:
        super().__init__(parent)
        self._last = last

    @override
    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Refuse a digit that would exceed it: a truncated number would be another seed."""
        bare = text.strip()
        fits = not bare or (bare.isascii() and bare.isdecimal() and len(bare) <= 100 and int(bare) <= self._last)
        return (
            (QValidator.State.Acceptable, bare, min(place, len(bare)))
            if fits
            else (QValidator.State.Invalid, text, place)
        )


class Seed(Control):
    """A seed with a die and a lock: while unlocked, each request draws a new one (-1)."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._used = ""
        """The digits of the seed that was drawn last."""
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(tr("new each time"))
        self.edit.setValidator(SeedValidator(int(field.maximum or SEEDS - 1), self.edit))
        self._name(self.edit)
        self.dice = tool("dice", tr("Pick a new random seed and keep it"))
        self.lock = tool("unlock", tr("Locked: every request uses this seed"))
        self.lock.setCheckable(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self.edit, self.dice, self.lock):
            row.addWidget(widget)
        self._stack(row)
        self.edit.textEdited.connect(self._typed)
        self.dice.clicked.connect(self._draw)
        self.lock.clicked.connect(self._locked)

    @override
    def value(self) -> int:
        """The seed; -1 while it is not locked."""
        text = self.edit.text()
        return int(text) if self.lock.isChecked() and text.isdecimal() else -1

    @override
    def set_value(self, value: object) -> None:
        """Show a seed and lock it; -1 unlocks, and shows the one that was drawn last."""
        locked = isinstance(value, int) and value >= 0
        self._show_digits(str(value) if locked else self._used)
        self._show_lock(locked)

    def show_used(self, seed: int) -> None:
        """Show the seed that was used, so that it can be locked."""
        if not self.lock.isChecked():
            self._used = str(seed)
            self._show_digits(self._used)

    def _show_digits(self, digits: str) -> None:
        """Show them from the first one on, where the field is too narrow for all."""
        self.edit.setText(digits)
        self.edit.setCursorPosition(0)

    def _show_lock(self, on: bool) -> None:
        self.lock.setChecked(on)
        self.lock.setIcon(icon("lock" if on else "unlock"))

    def _typed(self, text: str) -> None:
        self._show_lock(bool(text))
        self.changed.emit()

    def _draw(self) -> None:
        self.set_value(random.randrange(SEEDS))
        self.changed.emit()

    def _locked(self, on: bool) -> None:
        if on and not self.edit.text():
            self.set_value(random.randrange(SEEDS))
        self._show_lock(on)
        self.changed.emit()


class OptionalSeed(Control):
    """A seed or none (-1)."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = NumberBox(-1, SEEDS - 1, 1, whole=True)
        self.box.setSpecialValueText(tr("none"))
        self._name(self.box)
        row = QHBoxLayout()
        row.addWidget(label(self.title, "dim"), 1)
        row.addWidget(self.box)
        self._stack(row, title=False)
        self.box.valueChanged.connect(self.changed)
        self.set_value(field.default)

    @override
    def value(self) -> int:
        """The seed, -1 for none."""
        return int(self.box.number())

    @override
    def set_value(self, value: object) -> None:
        """Show a seed; -1 shows none."""
        assert isinstance(value, int)
        self.box.show_number(value)

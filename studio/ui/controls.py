"""The controls of a form: one small class for each way to give a value."""

import random
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.fields import Field
from studio.core.text import tr
from studio.ui.chips import ChipChoice
from studio.ui.layout import label, tool

SEEDS = 2**32


class WheelGuard(QObject):
    """Scrolling a form past a control must not change it: the wheel counts only where the keyboard is."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the scroll area around."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class Control(QWidget):
    """One field. ``changed`` comes when the person changed it, and never from ``set_value``."""

    changed = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.title = tr(field.title)
        self.tip = tr(field.help)
        self._guard = WheelGuard(self)

    def value(self) -> object:
        """The value as the task wants it."""
        raise TypeError(f"{type(self).__name__} gives no value")

    def set_value(self, value: object) -> None:
        """Show ``value``."""
        raise TypeError(f"{type(self).__name__} takes no value such as {value!r}")

    def _name(self, *widgets: QWidget, suffix: str = "") -> None:
        for widget in widgets:
            widget.setToolTip(self.tip)
            widget.setAccessibleName(f"{self.title}{suffix}")
            widget.setAccessibleDescription(self.tip)
            if isinstance(widget, QSlider | QSpinBox | QDoubleSpinBox | QComboBox):
                widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                widget.installEventFilter(self._guard)


class Number(Control):
    """A slider with its number at the right: whole numbers or fractions."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._whole = field.type == "int"
        self._step = field.multiple or field.step or (1 if self._whole else 0.01)
        low, high = field.minimum or 0.0, field.maximum if field.maximum is not None else 100.0
        self._box: QSpinBox | QDoubleSpinBox
        if self._whole:
            self._box = QSpinBox()
            self._box.setRange(int(low), int(min(high, 2**31 - 1)))
            self._box.setSingleStep(int(self._step))
        else:
            self._box = QDoubleSpinBox()
            self._box.setDecimals(2 if self._step < 0.1 else 1)
            self._box.setRange(low, high)
            self._box.setSingleStep(self._step)
        self._box.setProperty("quiet", True)
        self._box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._box.setAlignment(Qt.AlignmentFlag.AlignRight)
        if field.unit:
            self._box.setSuffix(f" {tr(field.unit)}")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._low = low
        self._slider.setRange(0, max(1, round((min(high, self._reach(high)) - low) / self._step)))
        self._slider.setPageStep(max(1, self._slider.maximum() // 10))
        self._name(self._slider)
        self._name(self._box, suffix=tr(" (number)"))
        head = QHBoxLayout()
        head.addWidget(label(self.title, "dim"), 1)
        head.addWidget(self._box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._slider)
        self._slider.valueChanged.connect(self._slid)
        self._box.valueChanged.connect(self._typed)
        if field.default is not None:
            self.set_value(field.default)

    def _reach(self, high: float) -> float:
        """Where the slider ends: a bound far beyond the usual would make it useless; the number still goes there."""
        usual = abs(float(self.field.default or 1)) * 8
        return high if high <= 200 or high <= usual else usual

    def value(self) -> int | float:
        """The number."""
        return self._box.value() if self._whole else round(self._box.value(), 4)

    def set_value(self, value: object) -> None:
        """Show the number."""
        assert isinstance(value, int | float)
        for widget in (self._box, self._slider):
            widget.blockSignals(True)
        if isinstance(self._box, QSpinBox):
            self._box.setValue(int(value))
        else:
            self._box.setValue(float(value))
        self._slider.setValue(round((value - self._low) / self._step))
        for widget in (self._box, self._slider):
            widget.blockSignals(False)

    def _slid(self, place: int) -> None:
        self.set_value(self._low + place * self._step)
        self.changed.emit()

    def _typed(self) -> None:
        self._slider.blockSignals(True)
        self._slider.setValue(round((self.value() - self._low) / self._step))
        self._slider.blockSignals(False)
        self.changed.emit()


class Seed(Control):
    """A seed with a die and a lock: unlocked, each request draws a new one (-1)."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._edit = QLineEdit()
        self._edit.setPlaceholderText(tr("random"))
        self._edit.setMaxLength(10)
        self._name(self._edit)
        self._dice = tool("dice", tr("Draw a new seed and keep it"))
        self._lock = tool("unlock", tr("Lock: use this seed for every request"))
        self._lock.setCheckable(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self._edit, self._dice, self._lock):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(self.title, "dim"))
        column.addLayout(row)
        self._edit.textEdited.connect(self._typed)
        self._dice.clicked.connect(self._draw)
        self._lock.clicked.connect(self._locked)

    def value(self) -> int:
        """The seed; -1 while it is not locked."""
        text = self._edit.text().strip()
        return min(int(text), SEEDS - 1) if self._lock.isChecked() and text.isdecimal() else -1

    def set_value(self, value: object) -> None:
        """Show a seed and lock it; -1 unlocks."""
        locked = isinstance(value, int) and value >= 0
        if locked:
            self._edit.setText(str(value))
        self._show_lock(locked)

    def show_used(self, seed: int) -> None:
        """Show the seed that was drawn, so that it can be locked."""
        if not self._lock.isChecked():
            self._edit.setText(str(seed))

    def _show_lock(self, on: bool) -> None:
        from studio.ui.icons import icon

        self._lock.setChecked(on)
        self._lock.setIcon(icon("lock" if on else "unlock"))

    def _typed(self, text: str) -> None:
        self._show_lock(text.strip().isdecimal())
        self.changed.emit()

    def _draw(self) -> None:
        self.set_value(random.randrange(SEEDS))
        self.changed.emit()

    def _locked(self, on: bool) -> None:
        if on and not self._edit.text().strip().isdecimal():
            self.set_value(random.randrange(SEEDS))
        self._show_lock(on)
        self.changed.emit()


class Line(Control):
    """One line of text, or several values separated by commas or as ranges."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._edit = QLineEdit()
        self._edit.setMaxLength(1_000_000)
        self._name(self._edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(self.title, "dim"))
        column.addWidget(self._edit)
        self._edit.textEdited.connect(lambda _: self.changed.emit())
        if field.type == "text":
            self._edit.setPlaceholderText(self.tip)
        elif field.type == "texts":
            self._edit.setPlaceholderText(tr("separated by |"))
        else:
            self._edit.setPlaceholderText("0-15, 20")

    def value(self) -> object:
        """Text, a tuple of texts (split at |), or a tuple of whole numbers."""
        text = self._edit.text()
        if self.field.type == "texts":
            return tuple(part.replace("\\n", "\n") for part in text.split("|") if part)
        return parse_numbers(text) if self.field.type == "ints" else text

    def set_value(self, value: object) -> None:
        """Show text or values."""
        if isinstance(value, tuple | list):
            joint = "|" if self.field.type == "texts" else ", "
            self._edit.setText(joint.join(str(part).replace("\n", "\\n") for part in value))
        else:
            self._edit.setText(str(value))


def parse_numbers(text: str) -> tuple[int, ...]:
    """ "0-3, 7" as (0, 1, 2, 3, 7); what is no number is left out. At most 10,000 of them."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            begin, end = int(first), int(last or first)
            found += range(begin, min(end, begin + 9_999) + 1)
    return tuple(found[:10_000])


class Choice(Control):
    """One of a few, as chips."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._chips = ChipChoice([(value, tr(value.capitalize())) for value in field.choices], self.tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self.title, "dim"))
        row.addStretch(1)
        row.addWidget(self._chips)
        self._chips.chosen.connect(lambda _: self.changed.emit())
        self.set_value(field.default)

    def value(self) -> str:
        """The chosen value."""
        return self._chips.value()

    def set_value(self, value: object) -> None:
        """Choose."""
        self._chips.set_value(str(value))


class Drop(Control):
    """One of many, as a list that drops down; which ones depends on the model."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._box = QComboBox()
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._name(self._box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(self.title, "dim"))
        column.addWidget(self._box)
        self.set_choices([])
        self._box.activated.connect(lambda _: self.changed.emit())

    def set_choices(self, choices: Sequence[str]) -> None:
        """Offer these, and the model's own before them; the chosen one stays if it is still there."""
        chosen = self.value()
        self._box.clear()
        self._box.addItem(tr("The model's own"), "")
        for choice in choices:
            self._box.addItem(choice, choice)
        self.set_value(chosen)

    def value(self) -> str:
        """The chosen one, "" for the model's own."""
        return str(self._box.currentData() or "")

    def set_value(self, value: object) -> None:
        """Choose; what isn't offered becomes the model's own."""
        self._box.setCurrentIndex(max(self._box.findData(value), 0))


class Check(Control):
    """Yes or no."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._box = QCheckBox(self.title)
        self._name(self._box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._box)
        self._box.clicked.connect(lambda _: self.changed.emit())
        self.set_value(field.default)

    def value(self) -> bool:
        """The mark."""
        return self._box.isChecked()

    def set_value(self, value: object) -> None:
        """Mark it, or not."""
        self._box.setChecked(bool(value))


SHAPES = (("1:1", 1, 1), ("3:2", 3, 2), ("2:3", 2, 3), ("16:9", 16, 9), ("9:16", 9, 16))


class Size(Control):
    """Width and height, with chips for the usual shapes; a shape keeps the number of pixels that the model likes."""

    def __init__(self, width: Field, height: Field) -> None:
        super().__init__(width)
        self._multiple, self._base = 8, 128
        self._chips = ChipChoice([(name, name) for name, *_ in SHAPES], tr("Shape"))
        self._boxes = []
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label(tr("Size"), "dim"), 1)
        for number, field in enumerate((width, height)):
            box = QSpinBox()
            box.setRange(int(field.minimum or 16), int(field.maximum or 8192))
            box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            box.setProperty("quiet", True)
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
            box.setToolTip(tr(field.help))
            box.setAccessibleName(tr(field.title))
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self._guard)
            box.valueChanged.connect(self._typed)
            self._boxes.append(box)
            if number:
                row.addWidget(QLabel("×"))
            row.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._chips)
        self._chips.chosen.connect(self._shaped)
        self.set_value((width.default, height.default))

    def set_base(self, edge: int, multiple: int = 8) -> None:
        """The model's own edge, and what both sides must be multiples of."""
        self._base, self._multiple = edge, multiple
        for box in self._boxes:
            box.setSingleStep(multiple)

    def value(self) -> tuple[int, int]:
        """Width and height."""
        return self._boxes[0].value(), self._boxes[1].value()

    def set_value(self, value: object) -> None:
        """Show width and height."""
        assert isinstance(value, tuple)
        for box, number in zip(self._boxes, value, strict=True):
            box.blockSignals(True)
            box.setValue(number)
            box.blockSignals(False)
        self._show_shape()

    def _shaped(self, name: str) -> None:
        across, down = next((a, d) for other, a, d in SHAPES if other == name)
        scale = (self._base**2 / (across * down)) ** 0.5
        sides = [max(self._multiple, round(part * scale / self._multiple) * self._multiple) for part in (across, down)]
        self.set_value((sides[0], sides[1]))
        self._chips.set_value(name)
        self.changed.emit()

    def _typed(self) -> None:
        self._show_shape()
        self.changed.emit()

    def _show_shape(self) -> None:
        width, height = self.value()
        near = [name for name, a, d in SHAPES if abs(width / height - a / d) < 0.04 * a / d]
        self._chips.set_value(near[0] if near else "")

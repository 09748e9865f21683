"""Numbers: a slider with its value at the right, which can also be typed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.control import Control
from studio.ui.layout import label

PLACES = 1000
"""Positions of a slider whose range is too wide for one position per step."""
DIGITS = 4
"""Digits kept of a fraction, whatever the step: a value from a file must not change."""


class NumberBox(QDoubleSpinBox):
    """A number that looks like text until it is hovered or focused. ``whole`` allows integers only.

    ``zero``: the text shown for the lowest value, if that is 0 and has a special meaning.
    """

    def __init__(self, low: float, high: float, step: float, whole: bool, unit: str = "", zero: str = "") -> None:
        super().__init__()
        self.whole = whole
        self._shown = 0 if whole else len(f"{step:g}".partition(".")[2]) or 1
        self.setDecimals(0 if whole else DIGITS)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setProperty("quiet", True)
        if unit:
            self.setSuffix(f" {tr(unit)}")
        if zero:
            self.setSpecialValueText(tr(zero))
        self.setFixedWidth(self._room())

    def number(self) -> int | float:
        """The value, an int if it is whole. Includes what is still being typed: a shortcut doesn't move the focus."""
        self.interpretText()
        return round(self.value()) if self.whole else round(self.value(), DIGITS)

    def show_number(self, number: float) -> None:
        """Show ``number`` without a signal."""
        self.blockSignals(True)
        self.setValue(number)
        self.blockSignals(False)

    @override
    def textFromValue(self, number: float) -> str:
        """As many digits as the step has, more if the number needs them."""
        if self.whole:
            return f"{number:.0f}"
        digits, _, fraction = f"{number:.{DIGITS}f}".partition(".")
        return f"{digits}.{fraction.rstrip('0').ljust(self._shown, '0')}"

    @override
    def valueFromText(self, text: str) -> float:
        """Accepts comma or point; the text for zero is 0."""
        if text == self.specialValueText():
            return self.minimum()
        return float(text.removesuffix(self.suffix()).strip().replace(",", ".") or 0)

    @override
    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Digits are accepted one by one; the bounds apply when typing is finished."""
        bare = text.removesuffix(self.suffix()).strip().replace(",", ".")
        if text and text == self.specialValueText():
            return QValidator.State.Acceptable, text, place
        if bare in ("", "-", ".", "-."):
            return QValidator.State.Intermediate, text, place
        try:
            number = float(bare)
        except ValueError:
            return QValidator.State.Invalid, text, place
        if self.whole and "." in bare:
            return QValidator.State.Invalid, text, place
        inside = self.minimum() <= number <= self.maximum()
        return (QValidator.State.Acceptable if inside else QValidator.State.Intermediate), text, place

    @override
    def fixup(self, text: str) -> str:
        """Clamp a number to the bounds."""
        try:
            number = self.valueFromText(text)
        except ValueError:
            return self.textFromValue(self.value()) + self.suffix()
        return self.textFromValue(min(max(number, self.minimum()), self.maximum())) + self.suffix()

    def _room(self) -> int:
        ends = [self.textFromValue(end) + self.suffix() for end in (self.minimum(), self.maximum())]
        ends.append(self.specialValueText())
        return max(self.fontMetrics().horizontalAdvance(f"{end}0") for end in ends) + 8


class Slider(QSlider):
    """A slider that jumps to a click; keys are handed to the number next to it."""

    stepped = Signal(int)
    """By how many of the field's steps the keyboard changed it."""

    def __init__(self, places: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, max(places, 1))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the handle to the mouse at once."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.setSliderDown(True)
            self._follow(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the handle with the mouse."""
        if self.isSliderDown():
            self._follow(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        self.setSliderDown(False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move by one step of the field, Page Up and Down by ten; Home and End go to the ends."""
        steps = _STEPS.get(Qt.Key(event.key())) if not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier else None
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(steps)

    def _follow(self, event: QMouseEvent) -> None:
        handle = 14
        share = (event.position().x() - handle / 2) / max(self.width() - handle, 1)
        self.setValue(round(min(max(share, 0.0), 1.0) * self.maximum()))


_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


class Number(Control):
    """A slider with its number at the right. Over a wide range the slider is finer at its lower end."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        whole = field.type == "int"
        self._step = field.step or field.multiple or (1 if whole else 0.01)
        self._low = field.minimum if field.minimum is not None else 0.0
        self._high = field.maximum if field.maximum is not None else self._low + 100
        steps = round((self._high - self._low) / self._step)
        self._bend = 1 if steps <= PLACES / 2 else 3
        self.box = NumberBox(self._low, self._high, self._step, whole, field.unit, field.zero)
        self.slider = Slider(steps if self._bend == 1 else PLACES)
        self._name(self.slider)
        self._name(self.box, suffix=tr(" (number)"))
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(self.title, "dim"), 1)
        head.addWidget(self.box)
        self._stack(head, self.slider, title=False, gap=0)
        self.slider.valueChanged.connect(self._slid)
        self.slider.stepped.connect(self.box.stepBy)
        self.box.valueChanged.connect(self._typed)
        self.set_value(field.default if field.default is not None else self._low)

    @override
    def value(self) -> int | float:
        """The number."""
        return self.box.number()

    @override
    def set_value(self, value: object) -> None:
        """Show the number, or the nearest one that the field allows."""
        assert isinstance(value, int | float)
        self.box.show_number(self._nearest(value))
        self._show_place()

    def _nearest(self, number: float) -> float:
        multiple = self.field.multiple
        return round(number / multiple) * multiple if multiple else number

    def _show_place(self) -> None:
        share = (self.box.value() - self._low) / max(self._high - self._low, 1e-9)
        self.slider.blockSignals(True)
        self.slider.setValue(round(share ** (1 / self._bend) * self.slider.maximum()))
        self.slider.blockSignals(False)

    def _slid(self, place: int) -> None:
        share: float = (place / self.slider.maximum()) ** self._bend
        steps = round(share * (self._high - self._low) / self._step)
        before = self.value()
        self.box.show_number(min(self._low + steps * self._step, self._high))
        if self.value() != before:
            self.changed.emit()

    def _typed(self) -> None:
        self.box.show_number(self._nearest(self.box.value()))
        self._show_place()
        self.changed.emit()

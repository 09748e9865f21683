"""The size of a picture: width and height, and chips for common aspect ratios."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from studio.core.crop import size_like
from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import ChipChoice
from studio.ui.control import Control, guard_wheel
from studio.ui.layout import label, tool
from studio.ui.number import NumberBox
from studio.ui.plain import plain

SHAPES = (("1:1", 1, 1), ("3:2", 3, 2), ("2:3", 2, 3), ("16:9", 16, 9), ("9:16", 9, 16))


class Size(Control):
    """A chip keeps the pixel count that the model prefers; both sides stay multiples of what it needs."""

    shown = Signal()
    """The size changed, by the person or the program."""

    def __init__(self, width: Field, height: Field) -> None:
        super().__init__(width)
        self._bounds = (width.minimum or 16, width.maximum or 8192)
        self._multiple, self._base = int(width.step or 8), int(width.default or 512)
        shapes = [(name, name) for name, *_ in SHAPES]
        self.chips = ChipChoice(shapes, tr("Shape of the picture"), slim=True)
        self.boxes = []
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(label(tr("Size"), "dim"), 1)
        for field in (width, height):
            box = NumberBox(field.minimum or 16, field.maximum or 8192, self._multiple, whole=True)
            box.setToolTip(plain(tr(field.help)))
            box.setAccessibleName(tr(field.title))
            guard_wheel(box)
            box.valueChanged.connect(self._typed)
            self.boxes.append(box)
        turn = tool("swap", tr("Swap width and height"))
        turn.clicked.connect(self._turn)
        for widget in (self.boxes[0], label("×", "dim"), self.boxes[1], turn):
            row.addWidget(widget)
        self._stack(row, self.chips, title=False)
        self.chips.chosen.connect(self._shaped)
        self.set_value((width.default, height.default))

    def set_base(self, edge: int, multiple: int = 8) -> None:
        """Set the model's native edge, and what both sides must be multiples of."""
        self._base, self._multiple = edge, multiple
        for box in self.boxes:
            box.setSingleStep(multiple)

    @override
    def value(self) -> tuple[int, int]:
        """Width and height."""
        return int(self.boxes[0].number()), int(self.boxes[1].number())

    @override
    def set_value(self, value: object) -> None:
        """Show width and height."""
        assert isinstance(value, tuple)
        for box, number in zip(self.boxes, value, strict=True):
            box.show_number(number)
        self._show_shape()

    def put(self, value: tuple[int, int]) -> None:
        """Set width and height as if the person had done it."""
        self.set_value(value)
        self.changed.emit()

    def like(self, width: int, height: int) -> tuple[int, int]:
        """The size nearest to that aspect ratio with the pixel count that the model prefers."""
        return size_like((width, height), self._base, self._multiple, self._bounds)

    def _shaped(self, name: str) -> None:
        across, down = next((a, d) for other, a, d in SHAPES if other == name)
        scale = (self._base**2 / (across * down)) ** 0.5
        self.set_value((self._fitting(across * scale), self._fitting(down * scale)))
        self.chips.set_value(name)
        self.changed.emit()

    def _turn(self) -> None:
        width, height = self.value()
        self.set_value((height, width))
        self.changed.emit()

    def _typed(self) -> None:
        for box in self.boxes:
            box.show_number(self._fitting(box.value()))
        self._show_shape()
        self.changed.emit()

    def _fitting(self, side: float) -> int:
        return max(self._multiple, round(side / self._multiple) * self._multiple)

    def _show_shape(self) -> None:
        width, height = self.value()
        near = [name for name, a, d in SHAPES if abs(width / height - a / d) < 0.04 * a / d]
        self.chips.set_value(near[0] if near else "")
        self.shown.emit()

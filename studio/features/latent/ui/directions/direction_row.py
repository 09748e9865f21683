"""One direction: its name, its amount, and, expanded, everything that can be done with it."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import DirectionOffset
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.control import guard_wheel
from studio.ui.icons import icon
from studio.ui.layout import Head, label
from studio.ui.number import NumberBox, Slider
from studio.ui.pixels import to_pixmap
from studio.ui.plain import plain

REACH, FARTHEST, STEP = 5.0, 20.0, 0.05
"""Sigma: the slider's range, the range for typing, and the step."""
STRIP = (-3.0, -1.5, 0.0, 1.5, 3.0)
EDGE = 41
LONGEST_NAME = 60


class DirectionRow(QWidget):
    """A collapsible head, a number and a slider. ``moved`` carries sigma, ``settled`` ends a gesture."""

    moved = Signal(float)
    settled = Signal()
    opened = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.head = Head("")
        self.head.setToolTip(tr("Expand it: what it does, in which layers, its name"))
        self.head.setIcon(icon("closed", "dim"))
        self.box = NumberBox(-FARTHEST, FARTHEST, 0.1, whole=False)
        self.slider = Slider(round(2 * REACH / STEP))
        for part in (self.box, self.slider):
            part.setToolTip(tr("How far to go, in standard deviations of the model's pictures"))
            guard_wheel(part)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.head, 1)
        top.addWidget(self.box)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(top)
        self.column.addWidget(self.slider)
        self.head.toggled.connect(self._toggled)
        self.slider.valueChanged.connect(self._slid)
        self.slider.stepped.connect(self.box.stepBy)
        self.slider.sliderReleased.connect(self.settled)
        self.box.valueChanged.connect(lambda _: self.moved.emit(self.box.number()))
        self.show_amount(0.0)

    def show_title(self, title: str) -> None:
        """Set the direction's name."""
        self.head.set_title(title)
        self.slider.setAccessibleName(title)
        self.box.setAccessibleName(title + tr(" (number)"))

    def show_amount(self, amount: float) -> None:
        """Show the amount, without a signal."""
        self.box.show_number(amount)
        self.slider.blockSignals(True)
        self.slider.setValue(round((amount + REACH) / STEP))
        self.slider.blockSignals(False)

    def unfold(self, details: QWidget) -> None:
        """Show ``details`` below the slider."""
        self.column.addWidget(details)
        details.show()

    def _toggled(self, on: bool) -> None:
        self.head.setIcon(icon("open" if on else "closed", "dim"))
        self.opened.emit(on)

    def _slid(self, place: int) -> None:
        amount = round(place * STEP - REACH, 2)
        self.box.show_number(amount)
        self.moved.emit(amount)


class DirectionDetails(QWidget):
    """The details of the open row: a strip of previews, its layers, its name, and its actions.

    ``ranged`` carries the first and the last layer, -1 for the model's last.
    """

    chosen = Signal(float)
    ranged = Signal(int, int)
    named = Signal(str)
    keep_asked = Signal()
    share_asked = Signal()
    drop_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.hide()
        self._bands: tuple[int, ...] = ()
        self.strip = [_strip_button(amount) for amount in STRIP]
        for amount, button in zip(STRIP, self.strip, strict=True):
            button.clicked.connect(partial(self.chosen.emit, amount))
        self.presets = ChipChoice(
            [("all", tr("All")), ("coarse", tr("Coarse")), ("middle", tr("Middle")), ("fine", tr("Fine"))],
            tr("Layers"),
            tr("The layers that the direction applies to"),
            slim=True,
        )
        self.first, self.last = (NumberBox(0, 64, 1, whole=True) for _ in range(2))
        self.first.setAccessibleName(tr("First layer"))
        self.last.setAccessibleName(tr("Last layer"))
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(tr("Name it: smile, hue…"))
        self.name.setAccessibleName(tr("Name of the direction"))
        self.name.setToolTip(tr("Your own name for this direction"))
        self.keep = chip(tr("Keep"), tr("Keep it, with these layers, in your own directions"), self.keep_asked.emit)
        self.share = chip(tr("Share…"), tr("Save it to a file that others can open"), self.share_asked.emit)
        self.drop = chip(tr("Delete"), tr("Remove it from your own directions"), self.drop_asked.emit)
        self._lay_out()
        self.presets.chosen.connect(self._chosen)
        for box in (self.first, self.last):
            box.setToolTip(tr("The first and last layer that the direction applies to, counted from 0"))
            guard_wheel(box)
            box.valueChanged.connect(self._typed)
        self.name.editingFinished.connect(lambda: self.named.emit(self.name.text().strip()))

    def show_move(self, move: DirectionOffset, name: str, bands: tuple[int, ...], own: bool, kept: bool) -> None:
        """Show the layers of ``move`` in a model with these ``bands``, and its name.

        ``own``: it is the person's own; ``kept``: it is in their notes.
        """
        self._bands = bands
        layers = bands[-1] if bands else 1
        for box, number in ((self.first, move.first), (self.last, layers - 1 if move.last < 0 else move.last)):
            box.blockSignals(True)
            box.setRange(0, layers - 1)
            box.setValue(number)
            box.blockSignals(False)
        ends = self._ends()
        self.presets.set_value(next((key for key, range_ in ends.items() if range_ == self._range()), ""))
        for key in ends:
            self.presets.button(key).setEnabled(bool(bands))
        if not self.name.hasFocus():
            self.name.setText(name)
            self.name.setCursorPosition(0)
        self.name.setEnabled(kept or not own)
        self.keep.setVisible(not kept)
        self.share.setVisible(kept)
        self.drop.setVisible(kept)

    def show_picture(self, index: int, asset: Asset) -> None:
        """Show a picture of the strip."""
        self.strip[index].setIcon(QIcon(to_pixmap(asset, EDGE)))

    def forget(self) -> None:
        """Clear the strip: its pictures are of another direction or point."""
        for button in self.strip:
            button.setIcon(QIcon(_blank()))

    def _ends(self) -> dict[str, tuple[int, int]]:
        coarse, middle, layers = (*self._bands, 0, 0, 0)[:3]
        return {
            "all": (0, layers - 1), "coarse": (0, coarse - 1), "middle": (coarse, middle - 1),
            "fine": (middle, layers - 1),
        }  # fmt: skip

    def _range(self) -> tuple[int, int]:
        return int(self.first.number()), int(self.last.number())

    def _chosen(self, key: str) -> None:
        self._tell(*self._ends()[key])

    def _typed(self) -> None:
        first, last = self._range()
        if first > last:  # the bound that was typed moves the other one
            first = last = first if self.sender() is self.first else last
        self._tell(first, last)

    def _tell(self, first: int, last: int) -> None:
        self.ranged.emit(first, -1 if self._bands and last >= self._bands[-1] - 1 else last)

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(2)
        for button in self.strip:
            pictures.addWidget(button)
        range_ = QHBoxLayout()
        range_.setSpacing(4)
        range_.addWidget(label(tr("Layers"), "dim"))
        range_.addWidget(self.first)
        range_.addWidget(label("–", "dim"))
        range_.addWidget(self.last)
        range_.addStretch(1)
        named = QHBoxLayout()
        named.setSpacing(6)
        named.addWidget(self.name, 1)
        named.addWidget(self.keep)
        actions = Flow()
        actions.addWidget(self.share)
        actions.addWidget(self.drop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(6)
        column.addLayout(pictures)
        column.addWidget(self.presets)
        column.addLayout(range_)
        column.addLayout(named)
        column.addLayout(actions)


def _strip_button(amount: float) -> QToolButton:
    button = QToolButton()
    button.setIconSize(QSize(EDGE, EDGE))
    button.setIcon(QIcon(_blank()))
    button.setProperty("strip", True)
    words = tr("Go to {amount} σ", amount=f"{amount:+g}")
    button.setToolTip(plain(words))
    button.setAccessibleName(words)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def _blank() -> QPixmap:
    pixmap = QPixmap(EDGE, EDGE)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap

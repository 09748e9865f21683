"""The controls of a form: which one fits which field, and those for choices."""

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import ChipChoice
from studio.ui.control import Control, Offer
from studio.ui.layout import label
from studio.ui.number import Number
from studio.ui.seed import OptionalSeed, Seed
from studio.ui.size import Size
from studio.ui.text_fields import FolderLine, Numbers, Paragraph, PathLine, TextLine, Texts

__all__ = [
    "CheckBox",
    "ChoiceChips",
    "Control",
    "DropDown",
    "Number",
    "OptionalSeed",
    "Seed",
    "Size",
    "TextLine",
    "make_control",
]

_FORMATS = ("mp4", "webm", "gif", "png", "jpeg", "webp", "tiff", "wgan-gp", "vae", "lora")
"""Formats and other names that are written in capitals."""
_NAMES = {"webm": "WebM", "lora": "LoRA"}
_SYMBOLS = ("z", "w", "w+")
"""Mathematical names: written as they are."""


def title_of_choice(value: str) -> str:
    """What a choice, or the type of a union, is called."""
    if value in _FORMATS:
        return _NAMES.get(value, value.upper())
    return value if value in _SYMBOLS else tr(value.capitalize())


class ChoiceChips(Control):
    """One of a few choices, as chips."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        titles = [(value, title_of_choice(value)) for value in field.choices]
        self.chips = ChipChoice(titles, self.title, self.tip)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.title, "dim"))
        row.addStretch(1)
        row.addWidget(self.chips)
        self._stack(row, title=False)
        self.chips.chosen.connect(lambda _: self.changed.emit())
        self.set_value(field.default)

    @override
    def value(self) -> str:
        """The chosen value."""
        return self.chips.value()

    @override
    def set_value(self, value: object) -> None:
        """Choose."""
        self.chips.set_value(str(value))


class DropDown(Control):
    """One of many choices, as a drop-down list; the choices depend on the model."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._name(self.box)
        self._stack(self.box)
        self.set_choices([])
        self.box.activated.connect(lambda _: self.changed.emit())

    def set_choices(self, choices: Sequence[str | tuple[str, str]]) -> None:
        """Offer these, with or without titles, after the model's own; keeps the current choice if it is among them."""
        chosen = self.value()
        self.box.clear()
        self.box.addItem(tr("The model's own"), "")
        for choice in choices:
            value, title = (choice, choice) if isinstance(choice, str) else choice
            self.box.addItem(title, value)
        self.box.setCurrentIndex(max(self.box.findData(chosen), 0))

    @override
    def offer_models(self, offer: Offer) -> None:
        """Of a part: those that fit."""
        if self.field.part:
            self.set_choices(offer(self.field.part))

    @override
    def value(self) -> str:
        """The chosen one, "" for the model's own."""
        return str(self.box.currentData() or "")

    @override
    def set_value(self, value: object) -> None:
        """Choose; an unknown value is added until other choices are set."""
        if self.box.findData(value) < 0:
            self.box.addItem(str(value), value)
        self.box.setCurrentIndex(self.box.findData(value))


class CheckBox(Control):
    """A checkbox."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QCheckBox(self.title)
        self._name(self.box)
        self._stack(self.box, title=False)
        self.box.clicked.connect(lambda _: self.changed.emit())
        self.set_value(field.default)

    @override
    def value(self) -> bool:
        """Whether it is checked."""
        return self.box.isChecked()

    @override
    def set_value(self, value: object) -> None:
        """Check or uncheck it."""
        self.box.setChecked(bool(value))


def make_control(field: Field) -> Control | None:
    """The control for the field; None for a field that is never on a form."""
    if field.hidden:
        return None
    by_role = (DropDown if field.part else _OF_ROLES.get(field.role)) if field.type == "text" else None
    kind = _OF_LOOKS.get(field.look) or by_role or _OF_TYPES.get(field.type)
    return kind(field) if kind is not None else None


_OF_LOOKS: dict[str, type[Control]] = {"seed": Seed, "slot": OptionalSeed, "scheduler": DropDown}
_OF_ROLES: dict[str, type[Control]] = {"prompt": Paragraph, "input": PathLine, "folder": FolderLine}
_OF_TYPES: dict[str, type[Control]] = {
    "int": Number,
    "float": Number,
    "bool": CheckBox,
    "choice": ChoiceChips,
    "text": TextLine,
    "texts": Texts,
    "ints": Numbers,
}

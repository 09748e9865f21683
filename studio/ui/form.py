"""The form: controls built from the descriptions of a task's fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.fields import Field, fits
from studio.core.text import tr
from studio.ui.control import Offer
from studio.ui.controls import Control, DropDown, Size, make_control
from studio.ui.layout import Section
from studio.ui.nested import make_nested

__all__ = ["Form", "make_control"]


class Form(QWidget):
    """Shows ``fields`` in their order, those with ``more`` collapsed. ``changed``: the person changed one."""

    changed = Signal()

    def __init__(self, fields: Iterable[Field], fold: bool = True) -> None:
        super().__init__()
        self._controls: dict[str, Control] = {}
        self._size: Size | None = None
        main, more = QVBoxLayout(self), QVBoxLayout()
        main.setContentsMargins(0, 0, 0, 0)
        main.setSpacing(8)
        more.setContentsMargins(0, 2, 0, 4)
        more.setSpacing(8)
        listed = list(fields)
        for field in listed:
            control = self._control(field, listed)
            if control is not None:
                (more if fold and field.more else main).addWidget(control)
        if more.count():
            folded = QWidget()
            folded.setLayout(more)
            names = [tr(field.title) for field in listed if field.more and field.name in self._controls]
            self.section = Section(
                " · ".join(names[:3]), tr("More settings: {names}", names=tr(", ").join(names)), folded
            )
            self.section.set_frame(False)
            main.addWidget(self.section)

    def values(self) -> dict[str, Any]:
        """Every field's value by its name."""
        found = {name: control.value() for name, control in self._controls.items()}
        if self._size is not None:
            found["width"], found["height"] = self._size.value()
        return found

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show those of ``values`` that have a control; a value of the wrong type is ignored."""
        for name, control in self._controls.items():
            if name not in values:
                continue
            value = msgspec.to_builtins(values[name]) if control.field.variants else values[name]
            if fits(control.field, value):
                control.set_value(value)
        if self._size is not None:
            sides = zip(("width", "height"), self._size.value(), strict=True)
            fitting = [values[name] if fits(self._size.field, values.get(name)) else side for name, side in sides]
            self._size.set_value(tuple(fitting))

    def control(self, name: str) -> Control:
        """The control of the field ``name``; the size control for "width" and "height"."""
        return self._size if self._size is not None and name in ("width", "height") else self._controls[name]

    def set_choices(self, name: str, choices: Sequence[str | tuple[str, str]]) -> None:
        """Offer other choices for a field whose choices depend on the model."""
        control = self._controls[name]
        assert isinstance(control, DropDown)
        control.set_choices(choices)

    def offer_models(self, offer: Offer) -> None:
        """Offer other models for each field that holds a part, however deep; what fits no longer gives way."""
        for control in self._controls.values():
            control.offer_models(offer)

    def _control(self, field: Field, listed: Sequence[Field]) -> Control | None:
        if field.look == "size":
            if self._size is not None:
                return None
            pair = [other for other in listed if other.look == "size"]
            self._size = Size(pair[0], pair[1])
            self._size.changed.connect(self.changed)
            return self._size
        control = make_nested(field, Form) if field.variants else make_control(field)
        if control is not None:
            control.changed.connect(self.changed)
            self._controls[field.name] = control
        return control

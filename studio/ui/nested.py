"""Controls of fields that hold structs: a group, one of a tagged union, and a list of either."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec
from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.fields import Field, Variant, variant_of
from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.control import Control, Offer
from studio.ui.controls import title_of_choice
from studio.ui.layout import label, tool


class Fields(Protocol):
    """What is needed of a form for the fields inside a struct."""

    @property
    def changed(self) -> SignalInstance:
        """The person changed one."""

    def values(self) -> dict[str, Any]:
        """Every field's value by its name."""

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show those of ``values`` that fit."""

    def offer_models(self, offer: Offer) -> None:
        """Offer other models for each part."""


_UNTAGGED = "own"
"""Names the one type of a group."""
FormOf = Callable[[Iterable[Field]], Fields]
"""The form of some fields. It is a widget."""


def make_nested(field: Field, form_of: FormOf) -> Control | None:
    """The control of a field of structs; None for one that is never on a form."""
    if field.hidden:
        return None
    return Several(field, form_of) if field.several else Struct(field, form_of)


class Struct(Control):
    """One struct: the fields of the chosen type, and above them the choice where there are several types, or none."""

    def __init__(self, field: Field, form_of: FormOf) -> None:
        super().__init__(field)
        self._forms = {_key(variant): form_of(variant.fields) for variant in field.variants}
        choices = [("", tr("None"))] if field.optional else []
        choices += [(_key(variant), _title(variant, field)) for variant in field.variants]
        self.choice = ChipChoice(choices, self.title, self.tip)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.title, "dim"))
        head.addStretch(1)
        head.addWidget(self.choice)
        self.choice.setVisible(len(choices) > 1)
        self._stack(head, *map(_widget, self._forms.values()), title=False)
        for form in self._forms.values():
            form.changed.connect(self.changed)
        self.choice.chosen.connect(lambda _: self._choose())
        self.set_value(field.default)

    def form(self, tag: str = _UNTAGGED) -> Fields:
        """The fields of the type ``tag``."""
        return self._forms[tag]

    @override
    def value(self) -> dict[str, Any] | None:
        """The struct as JSON holds it."""
        key = self.choice.value()
        variant = next((one for one in self.field.variants if _key(one) == key), None)
        return _with_tag(variant, self._forms[key].values()) if variant is not None else None

    @override
    def set_value(self, value: object) -> None:
        """Choose the type of ``value``, a struct or what JSON holds of it, and show its fields; None where none is."""
        data = msgspec.to_builtins(value)
        variant = variant_of(self.field, data)
        fallback = "" if self.field.optional else _key(self.field.variants[0])
        self.choice.set_value(_key(variant) if variant is not None else fallback)
        if variant is not None:
            self._forms[_key(variant)].set_values(data)
        self._show()

    @override
    def offer_models(self, offer: Offer) -> None:
        """See ``Control``."""
        for form in self._forms.values():
            form.offer_models(offer)

    def _choose(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for key, form in self._forms.items():
            _widget(form).setVisible(key == self.choice.value() and bool(form.values()))


class Several(Control):
    """A list of structs: each in a frame, with buttons to move and to remove it; a chip for each type adds one."""

    def __init__(self, field: Field, form_of: FormOf) -> None:
        super().__init__(field)
        self._form_of = form_of
        self.rows: list[Row] = []
        self._offer: Offer | None = None
        """For the rows that come."""
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        adding = QWidget()
        flow = Flow(adding)
        for variant in field.variants:
            name = _title(variant, field)
            words = tr("Add: {title}", title=name)
            flow.addWidget(chip(f"+ {name}", words, partial(self._add, variant)))
        rows = QWidget()
        rows.setLayout(self._list)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._stack(rows, adding)
        self.set_value(field.default)

    @override
    def value(self) -> tuple[dict[str, Any], ...]:
        """The structs as JSON holds them."""
        return tuple(row.value() for row in self.rows)

    @override
    def set_value(self, value: object) -> None:
        """Show these structs, or what JSON holds of them."""
        data = msgspec.to_builtins(value)
        if list(data or ()) == list(self.value()):
            return  # rows that stay keep the keyboard
        known = [(variant_of(self.field, each), each) for each in data or ()]
        self._arrange([self._row(variant, each) for variant, each in known if variant is not None])

    @override
    def offer_models(self, offer: Offer) -> None:
        """See ``Control``."""
        self._offer = offer
        for row in self.rows:
            row.form.offer_models(offer)

    def _row(self, variant: Variant, data: Mapping[str, Any]) -> "Row":
        form = self._form_of(variant.fields)
        form.set_values(data)
        if self._offer is not None:
            form.offer_models(self._offer)
        form.changed.connect(self.changed)
        row = Row(variant, _title(variant, self.field), form)
        row.up.clicked.connect(lambda: self._move(row, -1))
        row.down.clicked.connect(lambda: self._move(row, 1))
        row.remove.clicked.connect(lambda: self._change([other for other in self.rows if other is not row]))
        return row

    def _add(self, variant: Variant) -> None:
        self._change([*self.rows, self._row(variant, {})])

    def _move(self, row: "Row", by: int) -> None:
        rows = [other for other in self.rows if other is not row]
        rows.insert(self.rows.index(row) + by, row)
        self._change(rows)
        (row.up if row.up.isEnabled() else row.down).setFocus()

    def _change(self, rows: Sequence["Row"]) -> None:
        self._arrange(rows)
        self.changed.emit()

    def _arrange(self, rows: Sequence["Row"]) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            if row not in rows:
                row.hide()
                row.deleteLater()
        self.rows = list(rows)
        for number, row in enumerate(self.rows):
            self._list.addWidget(row)
            row.show()
            row.number(number, len(self.rows))


class Row(QFrame):
    """One struct of a list."""

    def __init__(self, variant: Variant, title: str, form: Fields) -> None:
        super().__init__()
        self.setObjectName("card")
        self.variant, self.form, self._title = variant, form, title
        self.up, self.down, self.remove = (
            tool(name, words)
            for name, words in (("up", tr("Move up")), ("down", tr("Move down")), ("close", tr("Remove")))
        )
        head = QHBoxLayout()
        head.addWidget(label(title, "dim"))
        head.addStretch(1)
        for button in (self.up, self.down, self.remove):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 10)
        column.addLayout(head)
        column.addWidget(_widget(form))

    def value(self) -> dict[str, Any]:
        """The struct as JSON holds it."""
        return _with_tag(self.variant, self.form.values())

    def number(self, number: int, count: int) -> None:
        """Say which of ``count`` it is."""
        self.up.setEnabled(number > 0)
        self.down.setEnabled(number + 1 < count)
        for button in (self.up, self.down, self.remove):
            button.setAccessibleName(f"{button.toolTip()}: {self._title} {number + 1}")


def _key(variant: Variant) -> str:
    return variant.tag or _UNTAGGED


def _title(variant: Variant, field: Field) -> str:
    return title_of_choice(variant.tag) if variant.tag else tr(field.title)


def _with_tag(variant: Variant, values: Mapping[str, Any]) -> dict[str, Any]:
    return {**({variant.tag_field: variant.tag} if variant.tag else {}), **values}


def _widget(form: Fields) -> QWidget:
    assert isinstance(form, QWidget)
    return form

"""The controls of a room's request: they show it, and change it as the person changes them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from studio.core.errors import StudioError
from studio.room.request import Request
from studio.ui.form import Form
from studio.ui.prompt_box import PromptBox


class Part(NamedTuple):
    """Some of the controls: ``read`` gives the values that they show by the names of fields, ``show`` takes such."""

    widget: QWidget
    changed: SignalInstance
    read: Callable[[], Mapping[str, Any]]
    show: Callable[[Mapping[str, Any]], object]


def of_form(form: Form) -> Part:
    """The controls of a form."""
    return Part(form, form.changed, form.values, form.set_values)


def of_prompt(name: str, box: PromptBox) -> Part:
    """A prompt, which is the field ``name``."""
    return Part(box, box.edit.textChanged, lambda: {name: box.text()}, lambda values: box.set_text(values[name]))


class Controls(QObject):
    """Keeps ``request`` and what is shown of it the same. What the request can't be is said, and stays shown."""

    refused = Signal(object)
    """The ``StudioError`` of a value that the request can't have."""

    def __init__(self, request: Request[Any], *parts: Part) -> None:
        super().__init__(request)
        self._request, self._parts = request, parts
        self._meant: dict[str, Any] = {}
        """What the controls were to show,"""
        self._shown: dict[str, Any] = {}
        """and what they then showed: a number may be rounded there, and isn't changed by that."""
        self._showing = False
        for part in parts:
            part.changed.connect(partial(self._take, part))
        request.changed.connect(self._show)
        self._show()

    def take_all(self) -> None:
        """Take what the controls show into the request, also what is still being typed. Raises StudioError."""
        self._request.change({name: value for part in self._parts for name, value in self._changed(part).items()})

    def _changed(self, part: Part) -> dict[str, Any]:
        return {name: value for name, value in part.read().items() if value != self._shown[name]}

    def _take(self, part: Part, *_: object) -> None:
        if self._showing or not (values := self._changed(part)):
            return
        field = _field_in(part.widget)
        try:
            if field is None:
                self._request.change(values, " ".join(sorted(values)))
            else:
                self._request.type_text(values, _went_back(field))
        except StudioError as error:
            self.refused.emit(error)

    def _show(self) -> None:
        """Show what the request has become; what the person has changed and it doesn't know yet stays as it is."""
        self._showing = True
        for part in self._parts:
            shown = part.read()
            values = self._request.values(shown)
            new = {
                name: value for name, value in values.items() if name not in self._meant or value != self._meant[name]
            }
            others = {name: value for name, value in new.items() if value != shown[name]}
            if others:
                part.show(others)
                shown = part.read()
            self._meant.update(new)
            self._shown.update({name: shown[name] for name in new})
        self._showing = False


def _field_in(widget: QWidget) -> QLineEdit | QPlainTextEdit | None:
    """The text field in ``widget`` that the person types into."""
    focus = QApplication.focusWidget()
    return focus if isinstance(focus, QLineEdit | QPlainTextEdit) and widget.isAncestorOf(focus) else None


def _went_back(field: QLineEdit | QPlainTextEdit) -> bool:
    """Whether its last change was its own undo: typing leaves nothing to redo."""
    return field.isRedoAvailable() if isinstance(field, QLineEdit) else field.document().isRedoAvailable()

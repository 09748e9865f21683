"""Ctrl+Z in a text field: undoes the field's last change or the window's last step, whichever is newer."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

from studio.app.undo import Undo
from studio.core.override import override

_CHANGED = "changedAt"
"""The property of a field with the times of its own steps, on the clock of the window's steps."""
_KEYS = ((QKeySequence.StandardKey.Undo, False), (QKeySequence.StandardKey.Redo, True))
Field = QLineEdit | QPlainTextEdit | QTextEdit


class UndoKeys(QObject):
    """An event filter on the text field that has the focus.

    A field consumes Ctrl+Z before any shortcut of the window, even if it has nothing to undo. Here it keeps the key
    only while its own last change is newer than the window's last step: what was done last is undone first.
    """

    def __init__(self, undo: Undo, place: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._undo, self._place = undo, place
        self._watched: QWidget | None = None
        self._field: Field | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the key to the window's shortcut if its step is newer."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            redo = _is_redo(event)
            if redo is not None and not self._is_the_fields(redo):
                event.ignore()
                return True
        return False

    def _is_the_fields(self, redo: bool) -> bool:
        field = self._field
        if field is None or not _can(field, redo):
            return False
        step = self._undo.next_redo(self._place()) if redo else self._undo.next_undo(self._place())
        return step is None or field.property(_CHANGED).get(_steps(field), 0.0) > step.when

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):  # not that of a dialog that is gone
            self._watched.removeEventFilter(self)
        self._field = _field_of(now)
        self._watched = now if self._field is not None else None
        if self._watched is None or self._field is None:
            return
        self._watched.installEventFilter(self)
        if self._field.property(_CHANGED) is None:
            self._field.setProperty(_CHANGED, {})
            self._field.textChanged.connect(lambda *_, field=self._field: self._changed(field))

    def _changed(self, field: Field) -> None:
        """Keep the times of earlier steps when a later one is undone."""
        now, before = _steps(field), field.property(_CHANGED)
        times = {count: when for count, when in before.items() if count <= now}
        if not self._undo.running and now >= max(before, default=0):  # else it is part of a step
            times[now] = time.monotonic()
        field.setProperty(_CHANGED, times)


def _is_redo(event: QKeyEvent) -> bool | None:
    """False for the keys of undo, True for those of redo, None for all others."""
    control = Qt.KeyboardModifier.ControlModifier
    if event.key() == Qt.Key.Key_Y and event.modifiers() == control:
        return True
    return next((redo for keys, redo in _KEYS if event.matches(keys)), None)


def _field_of(widget: QWidget | None) -> Field | None:
    """The text field that receives what is typed while ``widget`` has the focus."""
    if isinstance(widget, QComboBox):
        return widget.lineEdit()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return None if widget.isReadOnly() else widget
    return widget.findChild(QLineEdit) if widget is not None and widget.inherits("QAbstractSpinBox") else None


def _steps(field: Field) -> int:
    """How many of its own steps the field can undo; a line edit only says whether there are any."""
    return int(field.isUndoAvailable()) if isinstance(field, QLineEdit) else field.document().availableUndoSteps()


def _can(field: Field, redo: bool) -> bool:
    if isinstance(field, QLineEdit):
        return field.isRedoAvailable() if redo else field.isUndoAvailable()
    document = field.document()
    return document.isRedoAvailable() if redo else document.isUndoAvailable()

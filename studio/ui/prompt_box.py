"""The prompt: a plain-text box with a live count of the model's tokens."""

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QTimer, Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.text import tr
from studio.ui.layout import label

Count = Callable[[str], tuple[int, int] | None]
PAUSE_MS = 150
"""Counting and remembering wait for a pause in the typing."""


class PromptBox(QWidget):
    """Takes a million pasted characters without a stutter. ``changed`` comes after a pause in the typing."""

    changed = Signal()
    dropped = Signal(str)
    """A file that was dropped here."""

    def __init__(self, title: str, tip: str, hint: str, lines: int = 4) -> None:
        super().__init__()
        self.edit = _Edit(self)
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(tip)
        self.edit.setAccessibleName(title)
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * lines + 22)
        self._tokens = label("", "dim")
        self._count: Count | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._settle)
        self.edit.textChanged.connect(self._pause.start)
        self.foot = QHBoxLayout()
        self.foot.addStretch(1)
        self.foot.addWidget(self._tokens)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(title, "dim"))
        column.addWidget(self.edit)
        column.addLayout(self.foot)

    def text(self) -> str:
        """The prompt."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Show another prompt; undo takes it back."""
        if text != self.text():
            cursor = self.edit.textCursor()
            cursor.select(cursor.SelectionType.Document)
            cursor.insertText(text)

    def set_counter(self, count: Count | None) -> None:
        """Count with ``count`` from now on: text -> (tokens, limit), None when it can't."""
        self._count = count
        self._show_count()

    def _settle(self) -> None:
        self._show_count()
        self.changed.emit()

    def _show_count(self) -> None:
        counted = self._count(self.text()) if self._count is not None else None
        if counted is None:
            self._tokens.setText("")
            return
        count, limit = counted
        over = 0 < limit < count
        words = tr("{count} / {limit} tokens", count=count, limit=limit) if limit else tr("{count} tokens", count=count)
        self._tokens.setText(words)
        self._tokens.setToolTip(tr("The model reads the first {limit} tokens only.", limit=limit) if over else "")
        self._tokens.setProperty("role", "danger" if over else "dim")
        self._tokens.style().unpolish(self._tokens)
        self._tokens.style().polish(self._tokens)


class _Edit(QPlainTextEdit):
    """Plain text only; Ctrl+Enter and Esc belong to the window."""

    def __init__(self, box: PromptBox) -> None:
        super().__init__()
        self._box = box

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the window's keys to the window."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Files too: they are handed on."""
        return source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Text is inserted; a file goes to whoever listens."""
        paths = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if paths:
            self._box.dropped.emit(paths[0])
        else:
            super().insertFromMimeData(source)

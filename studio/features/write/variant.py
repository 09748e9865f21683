"""One variant: a text that grows while it is written, can be edited, continued, copied and sent on."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout

from studio.core.text import tr
from studio.ui.chips import chip
from studio.ui.layout import label

SHOW_MS = 33
"""Words are shown thirty times a second at most, however fast they come."""


class Variant(QFrame):
    """A card with a text. ``continued``: go on from the text as it stands now, edits included."""

    continued = Signal()
    sent = Signal(str)

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._number = number
        self._waiting: list[str] = []
        self._facts = label("", "dim")
        self.edit = _Text()
        self.edit.setObjectName("text")
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setAccessibleName(tr("Variant {number}", number=number))
        self.edit.setToolTip(tr("The text can be edited; Continue goes on from the edit"))
        self.edit.setTabChangesFocus(True)
        self.copy = chip(tr("Copy"), tr("Copy the text"), lambda: QGuiApplication.clipboard().setText(self.text()))
        self.go_on = chip(tr("Continue"), tr("Go on from the text as it stands"), self.continued.emit)
        self.send = chip(tr("→ Image"), tr("Make a picture from this text"), lambda: self.sent.emit(self.selected()))
        self._show = QTimer(self)
        self._show.setSingleShot(True)
        self._show.setInterval(SHOW_MS)
        self._show.timeout.connect(self._flush)
        head = QHBoxLayout()
        head.addWidget(self._facts, 1)
        for button in (self.copy, self.go_on, self.send):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 10)
        column.addLayout(head)
        column.addWidget(self.edit)
        self.edit.wrapped.connect(self._fit)
        self.set_writing(False)

    def text(self) -> str:
        """The text as it stands."""
        self._flush()
        return self.edit.toPlainText()

    def selected(self) -> str:
        """What is marked in the text, else all of it."""
        marked = self.edit.textCursor().selectedText().replace("\u2029", "\n")
        return marked or self.text()

    def set_text(self, text: str) -> None:
        """Show ``text`` instead of what was there."""
        self._waiting.clear()
        if text != self.edit.toPlainText():
            self.edit.setPlainText(text)

    def add(self, words: str) -> None:
        """Append what was just written."""
        self._waiting.append(words)
        if not self._show.isActive():
            self._show.start()

    def set_writing(self, on: bool, facts: str = "") -> None:
        """While it is written it can't be edited; ``facts``: tokens and speed, once known."""
        self.edit.setReadOnly(on)
        for button in (self.go_on, self.send, self.copy):
            button.setEnabled(not on)
        name = tr("Variant {number}", number=self._number)
        self._facts.setText(tr("{name} · writing…", name=name) if on else f"{name} · {facts}" if facts else name)

    def _flush(self) -> None:
        if not self._waiting:
            return
        words = "".join(self._waiting)
        self._waiting.clear()
        cursor = QTextCursor(self.edit.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(words)

    def _fit(self) -> None:
        """As high as its text, within reason; longer ones scroll."""
        lines = int(self.edit.document().size().height())
        height = lines * self.edit.fontMetrics().lineSpacing() + 28
        self.edit.setFixedHeight(min(max(height, 56), 420))


class _Text(QPlainTextEdit):
    """Says when its lines were laid out anew: there is more text, or the card became narrower."""

    wrapped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self.wrapped)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.wrapped.emit()

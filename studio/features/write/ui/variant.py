"""One variant: a text that grows while it is written, can be edited, continued, copied and sent on."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QVBoxLayout

from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import Flow, chip
from studio.ui.layout import label
from studio.ui.prompt_box import JOINT, PIECE, PromptEdit, cut
from studio.ui.theme import token

SHOW_MS = 33
"""Words are shown thirty times a second at most, however fast they come."""
HIGHEST = 26
"""Lines of a text that are in sight at once; longer ones scroll."""


class Variant(QFrame):
    """A card with a text. ``continued``: go on from the text as it stands now, edits included."""

    continued = Signal()
    sent = Signal(str)
    entered = Signal()
    """The person went into the text."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self._waiting: list[str] = []
        self._given = 0
        """Where in the text that ends which the model was given."""
        name = tr("Variant {number}", number=number)
        self._facts = label("", "dim")
        self._remarks = label("", "dim", wrap=True)
        self.edit = _Text(name)
        self.copy = chip(tr("Copy"), tr("Copy the text"), lambda: QGuiApplication.clipboard().setText(self.text()))
        self.go_on = chip(tr("Continue"), tr("Continue from the current text"), self.continued.emit)
        self.send = chip(tr("→ Image"), tr("Make a picture from this text"), lambda: self.sent.emit(self.selected()))
        self._show = QTimer(self)
        self._show.setSingleShot(True)
        self._show.setInterval(SHOW_MS)
        self._show.timeout.connect(self._flush)
        head = Flow()
        head.addWidget(label(name, "dim"))
        head.addWidget(self._facts)
        head.go_right()
        for button in (self.copy, self.go_on, self.send):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.edit)
        column.addWidget(self._remarks)
        self.edit.entered.connect(self.entered)
        self.set_writing(False)

    def text(self) -> str:
        """The text as it stands."""
        self._flush()
        return self.edit.text()

    def selected(self) -> str:
        """What is marked in the text, else all of it."""
        marked = self.edit.textCursor().selectedText().replace("\u2029", "\n").replace(JOINT, "")
        return marked or self.text()

    def set_text(self, text: str, opening: str = "") -> None:
        """Show ``text`` instead of what was there; ``opening`` is what of it the model was given: it is paler."""
        self._waiting.clear()
        self.edit.set_text(text)
        self._given = _places(cut(opening)) if text.startswith(opening) else 0
        self._mark_given()

    def add(self, words: str) -> None:
        """Append what was just written."""
        self._waiting.append(words)
        if not self._show.isActive():
            self._show.start()

    def set_writing(self, on: bool, facts: str = "", remarks: str = "") -> None:
        """While it is written it can't be edited; ``facts``: tokens and speed, once known, or what it waits for;
        ``remarks``: what went otherwise than asked.
        """
        self.edit.setReadOnly(on)
        self.edit.follow(on)
        for button in (self.go_on, self.send, self.copy):
            button.setEnabled(not on)
        self._remarks.setText(remarks)
        self._remarks.setVisible(bool(remarks))
        facts = facts or (tr("writing…") if on else "")
        self._facts.setText(f"· {facts}" if facts else "")

    def set_chosen(self, on: bool) -> None:
        """Mark it as the answer that the chat goes on from."""
        self.setProperty("chosen", on)
        self.style().unpolish(self)
        self.style().polish(self)

    @override
    def changeEvent(self, event: QEvent) -> None:
        """Paler in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._mark_given()

    def _flush(self) -> None:
        if not self._waiting:
            return
        self.edit.append("".join(self._waiting))
        self._waiting.clear()

    def _mark_given(self) -> None:
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.edit.document())
        cursor.setPosition(self._given, QTextCursor.MoveMode.KeepAnchor)
        mark.cursor = cursor
        mark.format.setForeground(token("dim"))
        self.edit.setExtraSelections([mark])


class _Text(PromptEdit):
    """As high as its text, within reason."""

    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(lines=1)
        self.setObjectName("text")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setToolTip(
            tr(
                "You can edit this text. Continue goes on from your edit; a chat goes on from the "
                "answer you clicked last"
            )
        )
        self._follows = False
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda _, end: bar.setValue(end) if self._follows else None)
        bar.actionTriggered.connect(lambda _: self.follow(bar.sliderPosition() == bar.maximum()))
        self.textChanged.connect(self._fit)

    def append(self, words: str) -> None:
        """Add words at the end."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        gap = words.find(" ") + 1
        if gap and cursor.positionInBlock() > PIECE:
            words = words[:gap] + JOINT + words[gap:]
        cursor.insertText(words)

    def follow(self, on: bool) -> None:
        """Keep the end in sight, until the person scrolls away from it."""
        self._follows = on
        if on:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so."""
        super().focusInEvent(event)
        self.entered.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew where the card became narrower."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        lines, block = 0, self.document().firstBlock()
        while block.isValid() and lines <= HIGHEST:
            self.blockBoundingRect(block)  # breaks its lines, which Qt does late
            lines += block.layout().lineCount()
            block = block.next()
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > HIGHEST else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(bar)  # else it comes and goes, and breaks the lines anew each time
        self.setFixedHeight(self.height_of(min(lines, HIGHEST)))


def _places(text: str) -> int:
    """How long ``text`` is for Qt, which counts a character beyond the first 65,536 twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

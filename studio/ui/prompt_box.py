"""The prompt: a plain-text box with a live count of the model's tokens."""

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil

from PySide6.QtCore import QMimeData, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.override import override
from studio.core.text import tr, tr_count
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import label
from studio.ui.plain import plain

Counted = tuple[int, int] | None
"""A text's tokens, and how many the model reads (0: unknown)."""
Count = Callable[[str, Callable[[Counted], None]], None]
PAUSE_MS = 150
"""Counting and saving wait for a pause in typing this long."""
COUNTED = 20_000
"""Characters that are counted at most: no prompt is longer, and a pasted book must not freeze the window."""
PIECE = 1000
"""Longest piece of a line: Qt's line breaking is quadratic in its length (minutes for a million characters)."""
FRAME = 11
"""Pixels of frame and padding, above and below together."""
JOINT = "\u2063\u2060\n"
"""Marks where a long line was cut for Qt: two invisible characters tell the break from a real one."""
STEPS = 400
"""Undo steps kept at least when a text is set; older ones are dropped then, since Qt would keep all of them for
ever."""


class PromptBox(QWidget):
    """Handles a million pasted characters without a stutter. ``changed`` is emitted after a pause in typing."""

    changed = Signal()
    dropped = Signal(list)
    """Paths of files that were dropped here."""

    def __init__(self, title: str, tip: str, hint: str, lines: int = 4) -> None:
        super().__init__()
        self.edit = PromptEdit(lines)
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(plain(tip))
        self.edit.setAccessibleName(title)
        self._tokens = label("", "dim")
        self._tokens.hide()
        self._remark = label("", "dim", wrap=True)
        self._remark.hide()
        self._about: Callable[[str], str] | None = None
        self._keeps_room = lines > 1
        """For the count, so that nothing moves at the first letter; below a single line it would be a hole."""
        self._count: Count | None = None
        self._asked = 0
        """How often was counted: only the newest answer is shown."""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._settle)
        self.edit.textChanged.connect(self._pause.start)
        self.edit.dropped.connect(self.dropped)
        self.foot = QHBoxLayout()
        self.foot.addStretch(1)
        self.foot.addWidget(self._tokens)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(title, "dim"))
        column.addWidget(self.edit)
        column.addLayout(self.foot)
        column.addWidget(self._remark)

    def take_drops(self, sentence: Callable[[], str]) -> None:
        """Accept dropped files, and show what dropping does; text is dropped into the prompt."""
        DropTarget(self.edit.viewport(), lambda mime: sentence() if paths_in(mime) else "", around=self.edit)

    def text(self) -> str:
        """The prompt."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Replace the prompt; this can be undone."""
        self.edit.set_text(text)

    def set_counter(self, count: Count | None) -> None:
        """Count with ``count(text, then)`` from now on; it calls ``then`` eventually."""
        self._count = count
        self._asked += 1
        QTimer.singleShot(PAUSE_MS, self, self._ask_count)  # the window is shown before anything is counted

    def set_remarks(self, about: Callable[[str], str]) -> None:
        """Show ``about(text)`` below the prompt after a pause in typing; "" shows nothing."""
        self._about = about
        self._show_remark()

    def _show_remark(self) -> None:
        words = self._about(self.text()[:COUNTED]) if self._about is not None else ""
        self._remark.setText(words)
        self._remark.setVisible(bool(words))

    def _settle(self) -> None:
        self._ask_count()
        self._show_remark()
        self.changed.emit()

    def _ask_count(self) -> None:
        self._asked += 1
        if self._count is None:
            self._show_count(self._asked, self.text(), None)
        else:
            text = self.text()
            self._count(text[:COUNTED], partial(self._show_count, self._asked, text))

    def _show_count(self, asked: int, text: str, counted: Counted) -> None:
        if asked != self._asked:  # the text or the model has changed since
            return
        self._tokens.setVisible(counted is not None and (bool(text) or self._keeps_room))
        if counted is None:
            self._tokens.clear()
            return
        count, limit = counted
        over = 0 < limit < count
        words = tr_count(count, "{count} token", "{count} tokens")
        if limit:
            words = tr("{count} / {limit} tokens", count=f"{count}+" if len(text) > COUNTED else count, limit=limit)
        elif len(text) > COUNTED:
            words = tr("over {words}", words=words)
        self._tokens.setText(words if text else "")
        self._tokens.setToolTip(
            plain(tr("The model reads only the first {limit} tokens.", limit=limit) if over else "")
        )
        self._tokens.setProperty("role", "danger" if over else "dim")
        self._tokens.style().unpolish(self._tokens)
        self._tokens.style().polish(self._tokens)


def cut(text: str) -> str:
    """``text`` with overlong lines cut into pieces, at a space if there is one."""
    if len(text) <= PIECE:
        return text
    return "\n".join(JOINT.join(_pieces(line)) for line in text.split("\n"))


def _pieces(line: str) -> Iterator[str]:
    begin = 0
    while len(line) - begin > PIECE:
        end = line.rfind(" ", begin + PIECE // 2, begin + PIECE) + 1 or begin + PIECE
        yield line[begin:end]
        begin = end
    yield line[begin:]


class PromptEdit(QPlainTextEdit):
    """A plain-text editor for any length; leaves Ctrl+Enter and Esc to the window."""

    dropped = Signal(list)

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.height_of(lines))

    def height_of(self, lines: int) -> int:
        """The height for this many lines. Qt starts to scroll when the room below is smaller than its margin."""
        font = QFontMetricsF(self.font())
        line = ceil(font.ascent()) + ceil(font.descent()) + font.leading()  # rounded as in Qt's layout
        return ceil(line * lines + 3 * self.document().documentMargin()) + FRAME

    def text(self) -> str:
        """All of it."""
        return self.toPlainText().replace(JOINT, "")

    def set_text(self, text: str) -> None:
        """Replace the text; this can be undone."""
        if text != self.text():
            if self.document().availableUndoSteps() > STEPS:
                self._forget()
            cursor = self.textCursor()
            cursor.select(cursor.SelectionType.Document)
            cursor.insertText(cut(text))
            self.document().setModified(False)  # else Qt merges it with what is typed next into one undo step

    def _forget(self) -> None:
        """Drop the undo history, and the text that only it still needs."""
        document, cursor = self.document(), self.textCursor()
        document.setUndoRedoEnabled(False)
        cursor.beginEditBlock()
        cursor.endEditBlock()  # Qt frees text at the end of an edit that can't be undone
        document.setUndoRedoEnabled(True)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the window's keys to the window."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Also accepts files."""
        return source.hasUrls() or super().canInsertFromMimeData(source)

    @override
    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert text; emit ``dropped`` for files."""
        paths = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if paths:
            self.dropped.emit(paths)
        else:
            self.textCursor().insertText(cut(source.text().replace("\r\n", "\n")))
            self.ensureCursorVisible()

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy without joints."""
        mime = QMimeData()
        mime.setText(self.textCursor().selection().toPlainText().replace(JOINT, ""))
        return mime

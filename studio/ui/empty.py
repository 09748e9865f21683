"""The empty state: what a room is for and what to do first."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from studio.core.override import override
from studio.ui.icons import icon
from studio.ui.layout import label
from studio.ui.plain import plain

WIDEST, SIGN = 380, 48


class EmptyState(QWidget):
    """An icon, a title, a sentence and an optional button, centred."""

    def __init__(
        self, picture: str, title: str, sentence: str, button: str = "", do: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(_Sign(picture), 0, Qt.AlignmentFlag.AlignHCenter)
        self._words = label(title, "huge", wrap=True), label(sentence, "dim", wrap=True)
        for words in self._words:
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        self.button: QPushButton | None = None
        if button and do is not None:
            self.button = QPushButton(button)
            self.button.setToolTip(plain(sentence))
            self.button.setAccessibleName(button)
            self.button.clicked.connect(lambda _=False: do())
            column.addSpacing(4)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        around = QGridLayout(self)
        for end in (0, 2):
            around.setRowStretch(end, 1)
            around.setColumnStretch(end, 1)
        around.setColumnStretch(1, 1000)
        around.addWidget(middle, 1, 1)

    def set_words(self, *words: str) -> None:
        """Change title and sentence."""
        for shown, text in zip(self._words, words, strict=True):
            shown.setText(text)


class _Sign(QWidget):
    """Painted every time, so that it follows the theme."""

    def __init__(self, picture: str) -> None:
        super().__init__()
        self._icon = icon(picture, "off")
        self.setFixedSize(SIGN, SIGN)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        self._icon.paint(QPainter(self), self.rect())

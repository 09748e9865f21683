"""The empty state: what a room is for and what to do first."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.icons import icon
from studio.ui.layout import label


class Empty(QWidget):
    """An icon, a title, a sentence, and perhaps a button, in the middle of the place."""

    def __init__(
        self, picture: str, title: str, sentence: str, button: str = "", do: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        sign = QLabel()
        sign.setPixmap(icon(picture).pixmap(QSize(48, 48)))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sign.setEnabled(False)
        head, words = label(title, "huge"), label(sentence, "dim", wrap=True)
        words.setMinimumWidth(min(words.fontMetrics().horizontalAdvance(sentence) + 16, 380))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        for part in (sign, head, words):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        self.button: QPushButton | None = None
        if button and do is not None:
            self.button = QPushButton(button)
            self.button.setToolTip(sentence)
            self.button.setAccessibleName(button)
            self.button.clicked.connect(lambda _=False: do())
            row = QHBoxLayout()
            row.setContentsMargins(0, 8, 0, 0)
            row.addStretch(1)
            row.addWidget(self.button)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)

"""Toasts: short words at the foot of the window, each with at most one thing to do about it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.ui.layout import label
from studio.ui.plain import plain

SECONDS = 7.0
WIDEST = 420
"""Words wider than this, in pixels, go on in a further line."""
MOST = 3
"""So many are shown at once; a further one takes the oldest's place."""


class Toasts(QWidget):
    """Lie over their parent, the newest below, and go by themselves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._shown: list[_Toast] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    @property
    def messages(self) -> list[str]:
        """What they say, the oldest first."""
        return [toast.text for toast in self._shown]

    def show_message(
        self, text: str, action: str = "", do: Callable[[], None] | None = None, about: object = None
    ) -> None:  # fmt: skip
        """Say ``text`` for a while; ``do`` is done when the button ``action`` is pressed.

        What was said ``about`` the same thing before is over with that.
        """
        again = [toast for toast in self._shown if toast.text == text or (about is not None and toast.about is about)]
        for toast in again or self._shown[: max(len(self._shown) - MOST + 1, 0)]:
            self._take(toast)
        toast = _Toast(text, action, do, self._take)
        toast.about = about
        self._shown.append(toast)
        self._column.addWidget(toast, 0, Qt.AlignmentFlag.AlignHCenter)
        toast.show()
        self.place()

    def place(self) -> None:
        """Stand in the middle of the foot."""
        around = self._around.size()
        for toast in self._shown:
            toast.fit(min(max(around.width() - 260, 120), WIDEST))
        self.setVisible(bool(self._shown))
        self.adjustSize()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - 44)
        self.raise_()

    def _take(self, toast: "_Toast") -> None:
        toast.stop()
        self._shown.remove(toast)
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.place()


class _Toast(QFrame):
    """One of them. It stays while the mouse is over it."""

    def __init__(self, text: str, action: str, do: Callable[[], None] | None, gone: Callable[["_Toast"], None]) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.text, self._gone = text, gone
        self.about: object = None
        self._words = label(text, wrap=True)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.addWidget(self._words)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._end)
        self._timer.start(round(SECONDS * 1000))
        if do is not None:
            button = QPushButton(action)
            button.setToolTip(plain(action))
            button.setAccessibleName(action)
            button.clicked.connect(partial(gone, self))
            button.clicked.connect(do)
            row.addWidget(button)

    def stop(self) -> None:
        """Don't go by itself any more. What is deleted later may be due before that."""
        self._timer.stop()

    def fit(self, room: int) -> None:
        """Be as wide as the words, and no wider than ``room``."""
        width = min(self._words.fontMetrics().horizontalAdvance(self.text) + 2, room)
        self._words.setFixedSize(width, self._words.heightForWidth(width))
        self.setFixedSize(self._row.totalSizeHint())

    def _end(self) -> None:
        if not self.underMouse():
            self._gone(self)

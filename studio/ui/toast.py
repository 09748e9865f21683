"""Toasts: short words at the foot of the window, each with at most one thing to do about it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from studio.ui.layout import label
from studio.ui.plain import plain

SECONDS = 7.0
WIDEST = 420
"""Words wider than this, in pixels, go on in a further line."""
MOST = 3
"""So many are shown at once; a further one takes the oldest's place."""
FOOT, STEP = 44, 12
"""Pixels over the window's lower edge where they stand if they can, and by which they are moved up where they can't."""
_BUTTONS = (QAbstractButton, QSlider, QAbstractSpinBox, QComboBox, QLineEdit)
"""What they never cover while there is another place; then not what else can be clicked."""


class Toasts(QWidget):
    """Lie over their parent, the newest below, beside what can be clicked, and go by themselves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._shown: list[_Toast] = []
        self._before: QWidget | None = None
        """Where the keyboard was before it came to a toast."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)
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
        """Stand in the middle of the foot, or higher where that would cover a button."""
        around = self._around.size()
        for toast in self._shown:
            toast.fit(min(max(around.width() - 260, 120), WIDEST))
        self.setVisible(bool(self._shown))
        self.adjustSize()
        if self._shown:
            self.move((around.width() - self.width()) // 2, self._height())
        self.raise_()

    def _height(self) -> int:
        """The lowest place with no control below it; else with no button; else the foot."""
        foot = self._around.height() - self.height() - FOOT
        left = (self._around.width() - self.width()) // 2
        for kinds in ((*_BUTTONS, QAbstractItemView), _BUTTONS):
            taken = self._taken(kinds)
            for top in range(foot, self._around.height() // 3, -STEP):
                place = QRect(QPoint(left, top), self.size())
                if not any(place.intersects(rect) for rect in taken):
                    return top
        return foot

    def _taken(self, kinds: tuple[type[QWidget], ...]) -> list[QRect]:
        found = [
            QRect(part.mapTo(self._around, QPoint()), part.size())
            for part in self._around.findChildren(QWidget)
            if isinstance(part, kinds) and part.isVisible() and not self.isAncestorOf(part)
        ]
        return [rect.adjusted(-4, -4, 4, 4) for rect in found]

    def _take(self, toast: "_Toast") -> None:
        toast.stop()
        self._shown.remove(toast)
        focus = QApplication.focusWidget()
        if focus is not None and toast.isAncestorOf(focus) and self._before is not None and isValid(self._before):
            self._before.setFocus()
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.place()

    def _focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.isAncestorOf(now) and not (old is not None and self.isAncestorOf(old)):
            self._before = old


class _Toast(QFrame):
    """One of them. It stays while the mouse or the keyboard is on it."""

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
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
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
        focus = QApplication.focusWidget()
        if not self.underMouse() and not (focus is not None and self.isAncestorOf(focus)):
            self._gone(self)

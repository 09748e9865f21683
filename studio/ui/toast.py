"""Toasts: short messages at the bottom of the window, each with at most one action."""

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
"""Text wider than this, in pixels, wraps."""
MOST = 3
"""Toasts shown at once; a further one replaces the oldest."""
FOOT, STEP = 44, 12
"""Pixels above the window's lower edge, and the step by which they move up to avoid controls."""
_BUTTONS = (QAbstractButton, QSlider, QAbstractSpinBox, QComboBox, QLineEdit)
"""Never covered while there is another place; after these, other controls are avoided."""


class Toasts(QWidget):
    """Overlay their parent, the newest at the bottom, avoiding controls, and disappear by themselves."""

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
        """The texts shown, the oldest first."""
        return [toast.text for toast in self._shown]

    def show_message(
        self, text: str, action: str = "", do: Callable[[], None] | None = None, about: object = None
    ) -> None:  # fmt: skip
        """Show ``text`` for a while; the button ``action`` calls ``do``.

        Replaces an earlier toast ``about`` the same thing.
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
        """Move to the middle of the bottom, or higher if that would cover a button."""
        around = self._around.size()
        for toast in self._shown:
            toast.fit(min(max(around.width() - 260, 120), WIDEST))
        self.setVisible(bool(self._shown))
        self.adjustSize()
        if self._shown:
            self.move((around.width() - self.width()) // 2, self._height())
        self.raise_()

    def _height(self) -> int:
        """The lowest place that covers no control; else no button; else the bottom."""
        foot = self._around.height() - self.height() - FOOT
        left = (self._around.width() - self.width()) // 2
        for kinds in ((*_BUTTONS, QAbstractItemView), _BUTTONS):
            taken = self._occupied(kinds)
            for top in range(foot, self._around.height() // 3, -STEP):
                place = QRect(QPoint(left, top), self.size())
                if not any(place.intersects(rect) for rect in taken):
                    return top
        return foot

    def _occupied(self, kinds: tuple[type[QWidget], ...]) -> list[QRect]:
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
    """One toast. It stays while it is hovered or focused."""

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
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click doesn't take the focus
            button.setToolTip(plain(action))
            button.setAccessibleName(action)
            button.clicked.connect(partial(gone, self))
            button.clicked.connect(do)
            row.addWidget(button)

    def stop(self) -> None:
        """Stop the timer: it may fire before a deferred delete."""
        self._timer.stop()

    def fit(self, room: int) -> None:
        """Be as wide as the text, and at most ``room``."""
        width = min(self._words.fontMetrics().horizontalAdvance(self.text) + 2, room)
        self._words.setFixedSize(width, self._words.heightForWidth(width))
        self.setFixedSize(self._row.totalSizeHint())

    def _end(self) -> None:
        focus = QApplication.focusWidget()
        if not self.underMouse() and not (focus is not None and self.isAncestorOf(focus)):
            self._gone(self)

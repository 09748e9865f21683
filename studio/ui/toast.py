"""The toast: a short word at the foot of the window, with at most one thing to do about it."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from studio.core.text import tr
from studio.ui.layout import label

SECONDS = 7


class Toast(QFrame):
    """Lies over its parent, and goes by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setObjectName("toast")
        self._words = label("", wrap=True)
        self.button = QPushButton()
        self.button.setToolTip(tr("Take it back"))
        self.button.setAccessibleName(tr("Take it back"))
        self.button.clicked.connect(self._press)
        self._do: Callable[[], None] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.addWidget(self._words)
        row.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def message(self) -> str:
        """What it says; "" while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_message(self, text: str, action: str = "", do: Callable[[], None] | None = None) -> None:
        """Say ``text`` for a while; ``do`` is done when the button ``action`` is pressed."""
        self._words.setText(text)
        self.button.setText(action)
        self.button.setToolTip(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))
        self._do = do
        self.place()
        self.show()
        self.raise_()
        self._timer.start(SECONDS * 1000)

    def place(self) -> None:
        """Stand in the middle of the foot."""
        around = self._around.size()
        room = max(around.width() - 200, 120)
        self._words.setMinimumWidth(min(self._words.fontMetrics().horizontalAdvance(self._words.text()) + 2, room))
        self.adjustSize()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - 44)

    def _press(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

"""Chips: small round buttons, alone or as a choice of one, in rows that wrap and never clip."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLayout, QLayoutItem, QPushButton, QSizePolicy, QWidget
from shiboken6 import delete

from studio.core.override import override
from studio.ui.plain import plain


def _delete(items: Iterable[QLayoutItem]) -> None:
    for item in items:
        delete(item)


class Flow(QLayout):
    """A layout that wraps: from left to right, then on the next line."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._left = 0
        """How many items stand at the left; 0: all."""
        self.setContentsMargins(0, 0, 0, 0)
        self.destroyed.connect(partial(_delete, self._items))  # as Qt's own layouts do

    def go_right(self) -> None:
        """Align what is added from now on to the right; on its own line if one line is too short."""
        self._left = len(self._items)

    @override
    def addItem(self, item: QLayoutItem) -> None:
        """Qt's."""
        self._items.append(item)

    @override
    def count(self) -> int:
        """Qt's."""
        return len(self._items)

    @override
    def itemAt(self, at: int) -> QLayoutItem | None:
        """Qt's; None ends Qt's own loops."""
        return self._items[at] if 0 <= at < len(self._items) else None

    @override
    def takeAt(self, at: int) -> QLayoutItem | None:
        """Qt's."""
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    @override
    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        """The height of all lines at ``width``."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    @override
    def sizeHint(self) -> QSize:
        """All in one line."""
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(hint.width() for hint in hints) + self._gap * max(len(hints) - 1, 0)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    @override
    def minimumSize(self) -> QSize:
        """The width of the widest item."""
        widths = [item.sizeHint().width() for item in self._items if not item.isEmpty()]
        return QSize(max(widths, default=0), self.sizeHint().height())

    @override
    def setGeometry(self, rect: QRect) -> None:
        """Qt's."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, move: bool) -> int:
        """Place the items if ``move``. Returns the height of all lines."""
        y = rect.y()
        rest = rect.width() - self.sizeHint().width()
        for number, line in enumerate(self._lines(rect.width())):
            x, height = rect.x(), max(size.height() for _, size in line)
            y += self._gap if number else 0
            for item, size in line:
                if rest >= 0 and item is self._first_right:
                    x += rest
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
                x += size.width() + self._gap
            y += height
        return y - rect.y()

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """The items of each line, with their sizes."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used, several = 0, self.sizeHint().width() > width
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if size.width() > width:
                size = QSize(width, item.heightForWidth(width) if item.hasHeightForWidth() else size.height())
            if not lines or used + size.width() > width or (several and item is self._first_right):
                lines.append([])
                used = 0
            lines[-1].append((item, size))
            used += size.width() + self._gap
        return lines

    @property
    def _first_right(self) -> QLayoutItem | None:
        """The first visible item among those aligned to the right."""
        right = self._items[self._left :] if self._left else []
        return next((item for item in right if not item.isEmpty()), None)


def chip(text: str, tip: str, do: Callable[[], object] | None = None, checkable: bool = False) -> QPushButton:
    """A chip that calls ``do`` when it is pressed."""
    button = QPushButton(text)
    button.setProperty("role", "chip")
    button.setToolTip(plain(tip))
    button.setAccessibleName(text if len(text) > 2 or text.isalpha() else tip)
    button.setCheckable(checkable)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    if do is not None:
        button.clicked.connect(lambda _=False: do())
    return button


class ChipChoice(QWidget):
    """Radio chips: ``chosen`` carries the value. Tab focuses the chosen one, arrow keys move to the others."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str, tip: str = "", slim: bool = False) -> None:
        super().__init__()
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        flow = Flow(self)
        for value, title in choices:
            button = chip(title, tip or name, checkable=True)
            button.setAccessibleName(f"{name}: {title}")
            button.setProperty("slim", slim)
            button.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))
            self._group.addButton(button)
            self._buttons[value] = button
            flow.addWidget(button)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def value(self) -> str:
        """The chosen value, "" when none is."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), "")

    def button(self, value: str) -> QPushButton:
        """The chip of ``value``."""
        return self._buttons[value]

    def set_value(self, value: str) -> None:
        """Choose without a signal; an unknown value leaves nothing chosen."""
        self._group.setExclusive(value in self._buttons)
        for own, button in self._buttons.items():
            button.setChecked(own == value)
        self._group.setExclusive(True)

    def enable(self, value: str, on: bool, tip: str = "") -> None:
        """Enable or disable a choice; ``tip`` says why it is disabled."""
        self._buttons[value].setEnabled(on)
        if tip:
            self._buttons[value].setToolTip(plain(tip))

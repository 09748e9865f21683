"""The building blocks of rooms: cards, sections, side columns, labels."""

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.override import override
from studio.ui.icons import icon
from studio.ui.plain import plain


def label(text: str, role: str = "", wrap: bool = False) -> QLabel:
    """A label; ``role``: "dim", "title", "huge", "danger" or ""."""
    words = QLabel(text)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setProperty("role", role)
    words.setWordWrap(wrap)
    return words


def empty(layout: QLayout) -> None:
    """Remove and delete every widget of ``layout``, which has nothing else."""
    while (item := layout.itemAt(0)) is not None and (widget := item.widget()) is not None:
        layout.removeWidget(widget)  # takeAt would transfer ownership of the item, and PySide can't delete it
        widget.hide()  # it would be painted until it is really deleted
        widget.deleteLater()


def breakable(text: str) -> str:
    """``text`` with invisible break points inside long words, such as paths."""
    return re.sub(r"\S{24,}", lambda word: re.sub(r"([/\\\\_.\-]+|\S{23})", "\\1\u200b", word.group()), text)


def clearable(edit: QLineEdit) -> None:
    """Give ``edit`` a clear button with our icon."""
    edit.setClearButtonEnabled(True)
    for action in edit.findChildren(QAction, "_q_qlineeditclearaction"):  # Qt's own name for it, and its own icon
        action.setIcon(icon("close", "dim"))


def card(*content: QWidget | QLayout, title: str = "") -> QFrame:
    """A framed group of widgets."""
    frame = QFrame()
    frame.setObjectName("card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(12, 10, 12, 12)
    column.setSpacing(8)
    if title:
        column.addWidget(label(title, "dim"))
    for part in content:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    return frame


def primary(text: str, shortcut: str, tip: str) -> QPushButton:
    """The primary button; the shortcut belongs to the window and is only shown here."""
    button = QPushButton(f"{text}   {shortcut}")
    button.setProperty("role", "primary")
    button.setToolTip(plain(tip))
    button.setAccessibleName(text)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def tool(picture: str, tip: str) -> QToolButton:
    """A button that is only an icon."""
    button = QToolButton()
    button.setIcon(icon(picture))
    button.setToolTip(plain(tip))
    button.setAccessibleName(tip)
    return button


def side(edge: str, width: int) -> tuple[QFrame, QVBoxLayout, QVBoxLayout]:
    """A column at the "left" or "right" edge of a room: the frame, its scrolling content, and its fixed footer.

    ``width`` is the default, in pixels: see ``studio.ui.columns``.
    """
    frame = QFrame()
    frame.setObjectName("side")
    frame.setProperty("edge", edge)
    frame.resize(width, frame.height())
    inner = QWidget()
    content = QVBoxLayout(inner)
    content.setContentsMargins(12, 12, 2, 12)
    content.setSpacing(10)
    scroll = QScrollArea()
    scroll.setWidget(inner)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    _keep_room_for_bar(scroll)
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(scroll, 1)
    foot = QVBoxLayout()
    foot.setContentsMargins(12, 0, 12, 12)
    column.addLayout(foot)
    return frame, content, foot


def _keep_room_for_bar(scroll: QScrollArea) -> None:
    """Keep the content as wide with a vertical scroll bar as without one.

    Content whose height depends on its width, such as a square picture, may fit only with the bar shown: Qt then
    toggles the bar until the stack overflows.
    """
    scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar = scroll.verticalScrollBar()

    def show(lowest: int, highest: int) -> None:
        bar.setProperty("idle", highest <= lowest)
        bar.style().unpolish(bar)
        bar.style().polish(bar)

    bar.rangeChanged.connect(show)
    show(0, 0)


class Section(QFrame):
    """A card whose content is collapsed until its head is pressed."""

    def __init__(self, title: str, tip: str, content: QWidget) -> None:
        super().__init__()
        self.setObjectName("card")
        self.head = Head(title)
        self.head.setToolTip(plain(tip))
        self._content = content
        self._column = QVBoxLayout(self)
        self._column.setSpacing(4)
        self._column.addWidget(self.head)
        self._column.addWidget(content)
        self.set_frame(True)
        self.head.toggled.connect(self.open)
        self.open(False)

    def set_frame(self, on: bool) -> None:
        """Without the frame it can be put inside a card."""
        self.setObjectName("card" if on else "")
        self._column.setContentsMargins(*((8, 4, 8, 4) if on else (0, 0, 0, 0)))

    def open(self, on: bool) -> None:
        """Expand or collapse the content."""
        self.head.setChecked(on)
        self.head.setIcon(icon("open" if on else "closed", "dim"))
        self._content.setVisible(on)


class OneLine(QLabel):
    """Dim text on one line, elided if there is too little room; the tooltip then has all of it."""

    def __init__(self, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole, self._tip, self._cut = "", "", cut
        self.setProperty("role", "dim")

    def whole(self) -> str:
        """The full text."""
        return self._whole

    def set_words(self, words: str, tip: str = "") -> None:
        """Show ``words``; ``tip`` is the tooltip."""
        self._whole, self._tip = words, tip
        self.setAccessibleName(words)
        self.updateGeometry()
        self._fit()

    @override
    def sizeHint(self) -> QSize:
        """Room for all of it."""
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, hint.height())

    @override
    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(min(60, self.sizeHint().width()), super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._cut, self.width())
        self.setText(shown)
        self.setToolTip(plain(self._tip if shown == self._whole else f"{self._whole}\n{self._tip}".strip()))


class Head(QPushButton):
    """The head of a collapsible section: as wide as its parent, its title elided."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.setProperty("role", "section")
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setIconSize(QSize(12, 12))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title = title
        self.setAccessibleName(title)
        self._fit()

    @override
    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(80, super().sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the title as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - self.iconSize().width() - 16
        self.setText(self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room))

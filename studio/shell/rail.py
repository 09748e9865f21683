"""The rail: one button per room, and undo, help and settings at the bottom."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QFrame, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from studio.core.text import tr
from studio.ui.icons import icon
from studio.ui.plain import plain


class Rail(QFrame):
    """The leftmost column. ``chosen`` carries the room that was pressed."""

    chosen = Signal(str)
    settings = Signal()

    def __init__(self, rooms: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 10, 6, 10)
        column.setSpacing(3)
        for number, (room, title, picture) in enumerate(rooms, 1):
            button = _button(tr(title), picture, tr("Go to {room} (Ctrl+{number})", room=tr(title), number=number))
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, room=room: self.chosen.emit(room))
            self._group.addButton(button)
            self._buttons[room] = button
            column.addWidget(button)
        column.addStretch(1)
        self.edit = _button(tr("Undo"), "undo", tr("Recent changes, to undo or redo"))
        self.edit.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.edit.setMenu(QMenu(self.edit))
        column.addWidget(self.edit)
        self.help = _button(tr("Help"), "info", tr("The log, and a report if something went wrong"))
        self.help.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.help.setMenu(QMenu(self.help))
        column.addWidget(self.help)
        foot = _button(tr("Settings"), "settings", tr("Theme, language, device, memory (Ctrl+,)"))
        foot.clicked.connect(self.settings)
        column.addWidget(foot)

    def add_help(self, words: str, keys: str, do: Callable[[], object]) -> None:
        """Add an entry to the help menu. ``keys`` belong to the window and are only shown here."""
        shown = f"{words}\t{keys}" if keys else words
        self.help.menu().addAction(shown, do)

    def add_edit(self, action: QAction) -> None:
        """Add an action of the window to the undo menu, with its label and keys at that time."""
        self.edit.menu().addAction(action)

    def show_room(self, room: str) -> None:
        """Mark ``room`` as open."""
        self._buttons[room].setChecked(True)


def _button(title: str, picture: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(title)
    button.setIcon(icon(picture))
    button.setIconSize(QSize(20, 20))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setToolTip(plain(tip))
    button.setAccessibleName(title)
    button.setMinimumWidth(64)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setMinimumHeight(54)
    return button

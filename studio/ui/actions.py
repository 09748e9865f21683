"""Actions of the window, each declared once as data; and context menus."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


@dataclass(frozen=True)
class Action:
    """An action of the window: its name in tests, its label, its keys, and what it does."""

    name: str
    words: str
    keys: str
    do: Callable[[], object]


def add_actions(widget: QWidget, actions: Iterable[Action]) -> dict[str, QAction]:
    """Make ``actions`` work while ``widget`` is the active window."""
    made = {}
    for action in actions:
        qt = QAction(action.words, widget)
        qt.setObjectName(action.name)
        qt.setShortcut(QKeySequence(action.keys))
        qt.triggered.connect(lambda _=False, do=action.do: do())
        widget.addAction(qt)
        made[action.name] = qt
    return made


def show_menu(parent: QWidget, at: QPoint, *ways: tuple[str, Callable[[], object]]) -> None:
    """Show a menu of ``ways`` (label and callback) at a point of the screen."""
    menu = QMenu(parent)
    for words, do in ways:
        menu.addAction(words, do)
    menu.exec(at)
    menu.deleteLater()

"""Actions of the window, each declared once as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Action:
    """What can be done from everywhere: its name for tests, its words, its keys, and what it does."""

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

"""What the tests of every room ask of its window: controls that say what they are, and words that are not cut off."""

import re

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QTextEdit,
    QToolButton,
    QWidget,
)

CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QTextEdit,
)


def lacking(widget: QWidget) -> list[str]:
    """Each control in ``widget`` that has no tooltip, no accessible name, or can't be reached by the keyboard."""
    found = []
    for control in _controls(widget):
        name = _describe(control)
        if not control.toolTip():
            found.append(f"{name}: no tooltip")
        if not (control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())):
            found.append(f"{name}: no accessible name")
        if control.isEnabled() and not control.focusPolicy().value & 1 and not _in_group(control):
            found.append(f"{name}: not reached by Tab")
    return found


def clipped(widget: QWidget) -> list[str]:
    """Each label and button in the shown ``widget`` that is smaller than its words, or lies outside its parent."""
    for _ in range(3):  # a scroll area settles its size one step a turn
        QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # of words that came in the last turn
    found = []
    for part in widget.findChildren(QWidget):
        if not part.isVisibleTo(widget) or not _words(part):
            continue
        need, room = _needed(part), part.size()
        if need.width() > room.width() + 1 or need.height() > room.height() + 1:
            found.append(f"{_describe(part)}: needs {need.width()}×{need.height()}, has {room.width()}×{room.height()}")
        elif _sticks_out(part, widget):
            found.append(f"{_describe(part)}: lies outside what is around it")
    return found


def _controls(widget: QWidget) -> list[QWidget]:
    every = [widget, *widget.findChildren(QWidget)]
    return [part for part in every if isinstance(part, CONTROLS) and not _inner(part)]


def _inner(part: QWidget) -> bool:
    """The pieces that Qt builds its own widgets from."""
    parent = part.parentWidget()
    return (
        isinstance(part, QScrollBar)
        or isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit)
        or part.objectName().startswith("qt_")
        or (parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer")
    )


def _in_group(control: QWidget) -> bool:
    return isinstance(control, QAbstractButton) and control.group() is not None


def _words(part: QWidget) -> str:
    return part.text().strip() if isinstance(part, QLabel | QPushButton | QToolButton | QCheckBox) else ""


def _needed(part: QWidget) -> QSize:
    if isinstance(part, QLabel) and part.wordWrap():
        longest = max((part.fontMetrics().horizontalAdvance(word) for word in _pieces(part.text())), default=0)
        return QSize(longest, part.heightForWidth(part.width()))
    if isinstance(part, QPushButton | QToolButton | QLabel):
        text = part.fontMetrics().size(0, part.text().replace("&", ""))
        hint = part.sizeHint()
        return QSize(min(hint.width(), text.width()), min(hint.height(), text.height()))
    return part.sizeHint()


def _pieces(text: str) -> list[str]:
    """What can't be broken over two lines: words, and single Chinese or Japanese characters."""
    return re.findall(r"[\u2e80-\U0003ffff]|[^\s\u200b/\u2e80-\U0003ffff-]+", text)


def _sticks_out(part: QWidget, top: QWidget) -> bool:
    """Beyond what is around it. In a scroll area only sideways counts: downwards one scrolls."""
    while part is not top and not part.isWindow():
        around = part.parentWidget()
        place = part.mapTo(around, part.rect().topLeft())
        viewport = isinstance(around.parentWidget(), QAbstractScrollArea)
        if place.x() < -1 or place.x() + part.width() > around.width() + 1:
            return True
        if not viewport and (place.y() < -1 or place.y() + part.height() > around.height() + 1):
            return True
        part = around.parentWidget() if viewport else around
    return False


def _describe(part: QWidget) -> str:
    words = _words(part) or part.accessibleName() or part.objectName()
    return f"{type(part).__name__} “{words[:40]}”"

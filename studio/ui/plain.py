"""Words as they are: Qt takes what looks like HTML for HTML, in tooltips and messages too, and opens what it names.

A model's class, a prompt or a file's name may hold ``<img src=...>``: each tooltip of other words than our own comes
through ``plain``, each label from ``studio.ui.layout``, each message box from here.
"""

import html
import textwrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

_LONG, _LONGEST = 90, 1_200
"""Characters: from here on a line is broken where the tooltip would grow wider than a window; and of all of it."""


def plain(text: object) -> str:
    """``text`` for a tooltip: shown to the letter, within a few lines of a readable width."""
    whole = str(text)
    words = whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"
    if "<" not in words and "&" not in words and all(len(line) <= _LONG for line in words.split("\n")):
        return words
    return f"<p style='white-space: pre-wrap'>{html.escape(_breakable(words))}</p>"


def message(icon: QMessageBox.Icon, text: str, parent: QWidget | None = None) -> QMessageBox:
    """A message box of the program with ``text`` to the letter; its buttons are added by whoever shows it."""
    box = QMessageBox(icon, "Triptych", "", parent=parent)
    box.setIconPixmap(QApplication.windowIcon().pixmap(48, 48))  # for the eye; the kind stays for screen readers
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    return box


def _breakable(words: str) -> str:
    """Words longer than a line, such as a path, with invisible places where they may be broken."""
    return " ".join(
        word if len(word) <= _LONG else "\u200b".join(textwrap.wrap(word, _LONG // 2)) for word in words.split(" ")
    )

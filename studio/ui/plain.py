"""Plain text for Qt, which interprets what looks like HTML in tooltips and messages, and loads what it refers to.

A model's class, a prompt or a file's name may hold ``<img src=...>``: every tooltip with text that isn't ours goes
through ``plain``; every label comes from ``studio.ui.layout``, every message box from here.
"""

import html
import textwrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

_LONG, _LONGEST = 90, 1_200
"""Characters: the length at which a tooltip's line is broken, and the most of a whole tooltip."""


def plain(text: object) -> str:
    """``text`` for a tooltip: shown literally, in a few lines of readable width."""
    whole = str(text)
    words = whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"
    if "<" not in words and "&" not in words and all(len(line) <= _LONG for line in words.split("\n")):
        return words
    return f"<p style='white-space: pre-wrap'>{html.escape(_breakable(words))}</p>"


def message(icon: QMessageBox.Icon, text: str, parent: QWidget | None = None) -> QMessageBox:
    """A message box that shows ``text`` literally; the caller adds the buttons."""
    box = QMessageBox(icon, "Triptych", "", parent=parent)
    box.setIconPixmap(QApplication.windowIcon().pixmap(48, 48))  # for sighted people; screen readers still get the kind
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    return box


def _breakable(words: str) -> str:
    """Words longer than a line, such as a path, with invisible break points."""
    return " ".join(
        word if len(word) <= _LONG else "\u200b".join(textwrap.wrap(word, _LONG // 2)) for word in words.split(" ")
    )

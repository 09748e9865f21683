"""Words of others are words: no tooltip, label or message takes them for HTML."""

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from studio.ui.layout import OneLine, label
from studio.ui.plain import message, plain
from tests import spoken

IMAGE = "<img src='/dev/zero'>"
STUDIO = spoken.ROOT / "studio"


@pytest.mark.parametrize(
    "words",
    [
        IMAGE,
        f"a balloon {IMAGE}",
        "&lt;b&gt;",
        "a < b & c > d",
        "<!doctype html>",
        "two lines\n<b>bold</b>",
        "a long way to go " * 20,
        "word" * 60,
        '<a href="//server/share">',
    ],
)
def test_a_tooltip_shows_the_words_to_the_letter(words: str) -> None:
    document = QTextDocument()
    document.setHtml(plain(words))  # as Qt's tooltip does with what may be rich text
    assert document.toPlainText().replace("\u200b", "") == words
    assert document.characterAt(0) != "\ufffc"


@pytest.mark.parametrize("words", ["Seed", "Make the picture (Ctrl+Enter); Esc stops", "two\nlines", "a > b", ""])
def test_ordinary_words_stay_as_they_are(words: str) -> None:
    assert plain(words) == words


def test_a_tooltip_is_no_wider_than_a_few_words_and_no_longer_than_a_few_lines(qtbot: QtBot) -> None:
    tip = QLabel(plain("a red balloon over the long road to the sea " * 200))
    tip.setWordWrap(True)
    qtbot.addWidget(tip)
    assert tip.sizeHint().width() < 900
    assert len(plain("a" * 100_000)) < 2_000


def test_labels_and_messages_show_words(qtbot: QtBot) -> None:
    line = OneLine()
    for shown in (label(IMAGE), line):
        qtbot.addWidget(shown)
        assert shown.textFormat() == Qt.TextFormat.PlainText
    box = message(QMessageBox.Icon.Warning, IMAGE)
    qtbot.addWidget(box)
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert box.text() == IMAGE


def _own(node: ast.expr) -> bool:
    """Whether the words are ours alone: a sentence without places, or what ``plain`` made."""
    if isinstance(node, ast.IfExp):
        return _own(node.body) and _own(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "plain" or (
            node.func.id == "tr" and not node.keywords and isinstance(node.args[0], ast.Constant)
        )
    return isinstance(node, ast.Constant)


def _strays(path: Path) -> list[str]:
    """Where words could come to a tooltip, label or message in another way."""
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        where = f"{path.relative_to(STUDIO)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and node.attr in ("setToolTip", "showText", "setStatusTip", "setWhatsThis"):
            call = called.get(id(node))
            if call is None or not any(_own(argument) for argument in call.args):
                found.append(f"{where}: {node.attr}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            alone = node.func.id in ("QLabel", "QMessageBox", "QInputDialog", "QErrorMessage", "QProgressDialog")
            if alone and path.name not in ("layout.py", "plain.py"):
                found.append(f"{where}: {node.func.id}")
        if isinstance(node, ast.Attribute) and node.attr in ("setHtml", "insertHtml", "RichText", "AutoText"):
            found.append(f"{where}: {node.attr}")
        stock = ("critical", "warning", "information", "question", "about")
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "QMessageBox" and node.attr in stock:
            found.append(f"{where}: QMessageBox.{node.attr}")
        labels = isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "QLabel" for base in node.bases)
        if labels and "Qt.TextFormat.PlainText" not in ast.unparse(node):
            found.append(f"{where}: {ast.unparse(node)[:40]}")
    return found


def test_there_is_no_other_way_to_show_words() -> None:
    assert [stray for path in sorted(STUDIO.rglob("*.py")) for stray in _strays(path)] == []

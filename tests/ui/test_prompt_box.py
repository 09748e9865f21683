"""The prompt box: plain text of any length, counted after a pause, and the window's keys left to the window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.prompt_box import COUNTED, PIECE, STEPS, PromptBox, cut
from tests.ui.accessible import clipped, lacking


@pytest.fixture
def box(qtbot: QtBot) -> PromptBox:
    box = PromptBox("Prompt", "What the picture shows", "A red balloon…")
    qtbot.addWidget(box)
    box.resize(280, 180)
    box.show()
    return box


def count_shown(box: PromptBox) -> QLabel:
    return next(words for words in box.findChildren(QLabel) if "tokens" in words.text())


def test_typing_is_told_once_after_a_pause(box: PromptBox, qtbot: QtBot) -> None:
    told: list[str] = []
    box.changed.connect(lambda: told.append(box.text()))
    with qtbot.waitSignal(box.changed):
        qtbot.keyClicks(box.edit, "a red balloon")
    assert told == ["a red balloon"]


def test_the_count_follows_and_says_when_it_is_too_much(box: PromptBox, qtbot: QtBot) -> None:
    box.set_counter(lambda text, then: then((len(text.split()), 3)))
    with qtbot.waitSignal(box.changed):
        qtbot.keyClicks(box.edit, "one two")
    assert count_shown(box).text() == "2 / 3 tokens"
    assert count_shown(box).property("role") == "dim"
    with qtbot.waitSignal(box.changed):
        qtbot.keyClicks(box.edit, " three four")
    assert count_shown(box).property("role") == "danger"
    assert "3" in count_shown(box).toolTip()


def test_an_answer_that_comes_late_is_not_shown(box: PromptBox, qtbot: QtBot) -> None:
    answers: list[Callable[[tuple[int, int] | None], None]] = []
    box.set_counter(lambda text, then: answers.append(then))
    with qtbot.waitSignal(box.changed):
        qtbot.keyClicks(box.edit, "one two")
    before, now = answers
    now((2, 77))
    before((0, 77))
    assert count_shown(box).text() == "2 / 77 tokens"


def test_without_a_counter_nothing_is_counted(box: PromptBox) -> None:
    box.set_counter(None)
    assert not [words for words in box.findChildren(QLabel) if "tokens" in words.text()]


@pytest.mark.parametrize("text", ["x" * 1_000_000, "word " * 200_000, "文字" * 500_000], ids=["word", "words", "cjk"])
def test_a_million_pasted_characters_come_out_as_they_went_in(box: PromptBox, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    box.edit.paste()
    assert box.text() == text
    box.edit.selectAll()
    box.edit.copy()
    assert QGuiApplication.clipboard().text() == text
    assert max(len(line) for line in box.edit.toPlainText().split("\n")) <= PIECE + 2


def test_only_the_beginning_of_a_book_is_counted(box: PromptBox, qtbot: QtBot) -> None:
    seen: list[int] = []

    def count(text: str, then: Callable[[tuple[int, int] | None], None]) -> None:
        seen.append(len(text))
        then((len(text), 77))

    box.set_counter(count)
    with qtbot.waitSignal(box.changed):
        box.set_text("word " * 100_000)
    assert max(seen) == COUNTED
    assert count_shown(box).text() == f"{COUNTED}+ / 77 tokens"


def test_short_text_is_left_alone() -> None:
    assert cut("a\nb") == "a\nb"


def test_only_plain_text_is_pasted(box: PromptBox) -> None:
    mime = QMimeData()
    mime.setHtml("<b>bold</b>")
    mime.setText("bold")
    QGuiApplication.clipboard().setMimeData(mime)
    box.edit.paste()
    assert box.text() == "bold"


def test_set_text_can_be_undone(box: PromptBox, qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "mine")
    box.set_text("another")
    box.edit.undo()
    assert box.text() == "mine"


def test_undo_goes_far_back_but_does_not_grow_for_ever(box: PromptBox) -> None:
    document = box.edit.document()
    for number in range(1000):
        box.set_text(f"prompt {number}")
        assert document.availableUndoSteps() <= STEPS + 10
    box.edit.undo()
    assert box.text() == "prompt 998"
    box.edit.redo()
    assert box.text() == "prompt 999"


def test_a_dropped_file_is_handed_on(box: PromptBox, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/a.png")])
    assert box.edit.canInsertFromMimeData(mime)
    with qtbot.waitSignal(box.dropped) as signal:
        box.edit.insertFromMimeData(mime)
    assert signal.args == [["/tmp/a.png"]]
    assert box.text() == ""


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_ctrl_enter_belongs_to_the_window(qtbot: QtBot, key: Qt.Key) -> None:
    window, box = window_with_box(qtbot)
    made: list[int] = []
    action = QAction(window)
    action.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
    action.triggered.connect(lambda: made.append(1))
    window.addAction(action)
    box.edit.setFocus()
    qtbot.keyClick(box.edit, key, Qt.KeyboardModifier.ControlModifier)
    assert made == [1]
    assert box.text() == ""


def test_tab_leaves_the_box(qtbot: QtBot) -> None:
    window, box = window_with_box(qtbot)
    box.edit.setFocus()
    qtbot.keyClick(box.edit, Qt.Key.Key_Tab)
    assert box.text() == ""
    assert window.focusWidget() is not box.edit


def window_with_box(qtbot: QtBot) -> tuple[QWidget, PromptBox]:
    window = QWidget()
    qtbot.addWidget(window)
    box = PromptBox("Prompt", "What the picture shows", "")
    column = QVBoxLayout(window)
    column.addWidget(box)
    column.addWidget(QLineEdit())
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    return window, box


def test_it_says_what_it_is_and_cuts_nothing(box: PromptBox, qtbot: QtBot) -> None:
    box.set_text("a red balloon")
    box.set_counter(lambda text, then: then((17, 77)))
    qtbot.waitUntil(lambda: any(words.text() == "17 / 77 tokens" for words in box.findChildren(QLabel)))
    assert lacking(box) == []
    assert clipped(box) == []

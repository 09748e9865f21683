"""Toasts: they stand inside their window, one above the other, and go by themselves."""

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.toast import Toasts
from tests.ui.accessible import clipped, lacking


@pytest.fixture
def toasts(qtbot: QtBot) -> Toasts:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 400)
    window.show()
    return Toasts(window)


def button(toasts: Toasts, words: str) -> QPushButton:
    return next(found for found in toasts.findChildren(QPushButton) if found.text() == words)


def test_a_toast_undoes(qtbot: QtBot, toasts: Toasts) -> None:
    undone: list[int] = []
    toasts.show_message("3 pictures moved to the trash", "Undo", lambda: undone.append(1))
    assert toasts.messages == ["3 pictures moved to the trash"]
    assert toasts.parentWidget().rect().contains(toasts.geometry())
    assert clipped(toasts) == []
    assert lacking(toasts) == []
    qtbot.mouseClick(button(toasts, "Undo"), Qt.MouseButton.LeftButton)
    assert undone == [1]
    assert toasts.messages == []
    assert not toasts.isVisible()


def test_a_toast_takes_no_other_ones_place(qtbot: QtBot, toasts: Toasts) -> None:
    undone: list[int] = []
    toasts.show_message("Moved to the trash", "Undo", lambda: undone.append(1))
    toasts.show_message("Saved to the Library")
    assert toasts.messages == ["Moved to the trash", "Saved to the Library"]
    qtbot.mouseClick(button(toasts, "Undo"), Qt.MouseButton.LeftButton)
    assert (undone, toasts.messages) == ([1], ["Saved to the Library"])
    for number in range(1, 4):
        toasts.show_message(f"number {number}")
    toasts.show_message("number 2")
    assert toasts.messages == ["number 1", "number 3", "number 2"]
    assert toasts.parentWidget().rect().contains(toasts.geometry())


def test_a_toast_goes_by_itself_once_the_mouse_is_elsewhere(qtbot: QtBot, toasts: Toasts) -> None:
    toasts.show_message("Saved to the Library")
    qtbot.mouseMove(toasts)
    (clock,) = toasts.findChildren(QTimer)
    clock.setInterval(1)
    for _ in range(3):
        with qtbot.waitSignal(clock.timeout):
            pass
    assert toasts.messages == ["Saved to the Library"]
    qtbot.mouseMove(toasts.parentWidget(), QPoint(1, 1))
    qtbot.waitUntil(lambda: toasts.messages == [])


def test_a_long_toast_wraps_inside_its_window(qtbot: QtBot, toasts: Toasts) -> None:
    toasts.parentWidget().resize(500, 300)
    toasts.show_message("A sentence that goes on and on. " * 6, "Show", lambda: None)
    assert toasts.parentWidget().rect().contains(toasts.geometry())
    assert clipped(toasts) == []
    words, show = toasts.findChildren(QLabel)[0], button(toasts, "Show")
    assert not words.geometry().intersects(show.geometry())
    assert toasts.rect().contains(show.parentWidget().geometry())


def test_one_that_is_gone_goes_no_second_time(toasts: Toasts) -> None:
    """Its time may be up between its going and its deletion."""
    toasts.show_message("a word")
    shown = toasts._shown[0]
    toasts._take(shown)
    assert toasts.messages == []
    assert not shown._timer.isActive()


def test_it_covers_no_button(toasts: Toasts) -> None:
    window = toasts.parentWidget()
    below = QPushButton("Generate", window)
    below.setGeometry(300, 320, 200, 30)
    below.show()
    grid = QListView(window)
    grid.setGeometry(0, 240, 800, 70)
    grid.show()
    toasts.show_message("Saved to the Library", "Show", lambda: None)
    assert not toasts.geometry().intersects(below.geometry())
    assert not toasts.geometry().intersects(grid.geometry())
    grid.setGeometry(0, 0, 800, 310)  # nothing else is left: over the grid, but over no button
    toasts.place()
    assert not toasts.geometry().intersects(below.geometry())
    assert window.rect().contains(toasts.geometry())


def test_the_keyboard_stays_where_it_was(qtbot: QtBot, toasts: Toasts) -> None:
    window = toasts.parentWidget()
    line, other = QLineEdit(window), QLineEdit(window)
    for at, edit in enumerate((line, other)):
        edit.setGeometry(10, 10 + 40 * at, 100, 30)
        edit.show()
    window.activateWindow()
    line.setFocus()
    toasts.show_message("Moved to the trash", "Undo", lambda: None)
    qtbot.mouseClick(button(toasts, "Undo"), Qt.MouseButton.LeftButton)
    assert line.hasFocus()
    toasts.show_message("Another one", "Bring it back", lambda: None)
    button(toasts, "Bring it back").setFocus(Qt.FocusReason.TabFocusReason)
    assert not line.hasFocus()
    qtbot.keyClick(button(toasts, "Bring it back"), Qt.Key.Key_Space)
    assert line.hasFocus()

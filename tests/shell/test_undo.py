"""Ctrl+Z in the window: the last thing done is undone first, wherever it was done and wherever the keyboard is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.features.latent.points.point import LatentPoint
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, room

SHIFT = Qt.KeyboardModifier.ShiftModifier


def keys(qtbot: QtBot, letter: str = "Z", shift: bool = False) -> None:
    """Press Ctrl and a letter where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None
    qtbot.keyClick(widget, letter, CONTROL | SHIFT if shift else CONTROL)


def words_of(opened: Opened, name: str) -> str:
    action = opened.window.findChild(QAction, name)
    assert isinstance(action, QAction)
    return action.text()


def test_the_menu_names_what_comes_next(qtbot: QtBot, opened: Opened) -> None:
    room(opened, "library").grid.setFocus()
    done = []
    assert words_of(opened, "undo") == "Nothing to undo"
    opened.services.undo.push("Delete 3 items", lambda: done.append("back"), lambda: done.append("again"))
    assert words_of(opened, "undo") == "Undo: Delete 3 items"
    keys(qtbot)
    assert words_of(opened, "redo") == "Redo: Delete 3 items"
    assert opened.window._toasts.messages == ["Undone: Delete 3 items"]
    keys(qtbot, "Y")
    keys(qtbot)
    keys(qtbot, shift=True)
    assert done == ["back", "again", "back", "again"]


@pytest.mark.parametrize("name", ["image", "library"])
def test_in_a_text_field_what_was_done_last_comes_back_first(qtbot: QtBot, opened: Opened, name: str) -> None:
    panel = room(opened, name)
    edit = panel.prompt.edit if name == "image" else panel.search
    edit.setFocus()
    done = []
    qtbot.keyClicks(edit, "a kite")
    opened.services.undo.push("Clear the queue", lambda: done.append("cleared"))
    keys(qtbot)
    assert (done, edit.text()) == (["cleared"], "a kite")
    keys(qtbot)
    assert edit.text() != "a kite"
    qtbot.keyClicks(edit, "x")
    opened.services.undo.push("Clear the queue", lambda: done.append("cleared"))
    qtbot.keyClicks(edit, "y")
    keys(qtbot)
    assert done == ["cleared"]


def test_a_move_is_taken_back_where_it_is_seen(qtbot: QtBot, opened: Opened) -> None:
    latent = room(opened, "latent")
    done = []
    opened.services.undo.push("Delete 3 items", lambda: done.append("back"))
    latent.request.go(3.0, 1.0)
    latent.request.go(5.0, 2.0)
    room(opened, "library").grid.setFocus()
    keys(qtbot)
    assert (done, latent.request.place) == (["back"], (5.0, 2.0))
    opened.services.undo.push("Star 2 things", lambda: done.append("stars"))
    room(opened, "latent").map.middle.setFocus()
    keys(qtbot)
    assert (done, latent.request.place) == (["back", "stars"], (5.0, 2.0))
    keys(qtbot)
    assert latent.request.place == (3.0, 1.0)


def test_no_point_is_taken_back_where_none_is_shown(qtbot: QtBot, opened: Opened) -> None:
    latent = room(opened, "latent")
    latent.request.go(3.0, 1.0)
    latent.enter_mode("teach")
    assert words_of(opened, "undo") == "Nothing to undo"
    latent.enter_mode("map")
    assert words_of(opened, "undo") == "Undo: Move in the latent space"


def test_stars_and_keyframes_are_taken_back_with_the_moves_between_them(qtbot: QtBot, opened: Opened) -> None:
    latent = room(opened, "latent")
    latent.map.middle.setFocus()
    qtbot.mouseClick(latent.view.star, LEFT)
    latent.request.go(3.0, 1.0)
    qtbot.mouseClick(latent.timeline.add, LEFT)
    qtbot.mouseClick(latent.timeline.add, LEFT)
    point = latent.request.point
    keys(qtbot)
    assert len(latent.timeline.blends()) == 1
    keys(qtbot)
    assert latent.timeline.blends() == ()
    assert latent.request.point == point
    keys(qtbot)
    assert latent.request.point != point
    assert latent.stars.starred(latent.request.point)
    keys(qtbot)
    assert not latent.stars.starred(latent.request.point)
    keys(qtbot, "Y")
    assert latent.stars.starred(latent.request.point)


def test_a_family_that_was_forgotten_comes_back(qtbot: QtBot, opened: Opened) -> None:
    latent = room(opened, "latent")
    mode = latent.enter_mode("breed")
    mode.family = mode.family.breed([LatentPoint((1,)), LatentPoint((2,))], "mix", 0.1, (), 7)
    before = mode.family
    mode._forget()
    assert mode.family != before
    mode.middle.setFocus()
    opened.window._take_back()
    assert mode.family == before

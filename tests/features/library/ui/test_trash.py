"""The Library's trash and its undo, by mouse and keyboard."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from studio.library.index import Query
from tests.opened import in_dialog, in_menu, press
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import CONTROL, LEFT, generate, room

DELETED = Query(deleted=True)
SHIFT = Qt.KeyboardModifier.ShiftModifier


def library_of(qtbot: QtBot, opened: Opened, count: int = 3) -> Any:
    """The Library room with some pictures, the first of which has the keyboard."""
    for number in range(count):
        generate(qtbot, opened, f"picture {number}")
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == count)
    panel.grid.setFocus()
    return panel


def click(qtbot: QtBot, panel: Any, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    spot = panel.grid.visualRect(panel.grid.model().index(row, 0)).center()
    qtbot.mouseClick(panel.grid.viewport(), LEFT, modifier, spot)


def keys(qtbot: QtBot, letter: str, shift: bool = False) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, letter, CONTROL | SHIFT if shift else CONTROL)


def test_control_z_brings_back_what_was_deleted_and_control_y_deletes_it_again(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened)
    before = panel.grid.keys()
    click(qtbot, panel, 0)
    click(qtbot, panel, 1, CONTROL)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.grid.keys() == before[2:])
    keys(qtbot, "Z")
    qtbot.waitUntil(lambda: panel.grid.keys() == before)
    assert all(Path(path).exists() for path in opened.library.index.paths_of(before))
    keys(qtbot, "Y")
    qtbot.waitUntil(lambda: panel.grid.keys() == before[2:])
    assert opened.library.count(DELETED) == 2


def test_what_was_deleted_is_in_the_trash_after_a_restart_and_is_restored(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        panel = library_of(qtbot, opened)
        before = panel.grid.keys()
        click(qtbot, panel, 1)
        qtbot.mouseClick(panel.delete, LEFT)
        qtbot.waitUntil(lambda: len(panel.grid.keys()) == 2)
    with open_window(qtbot) as opened:
        panel = room(opened, "library")
        qtbot.waitUntil(lambda: len(panel.grid.keys()) == 2)
        assert not panel.restore.isVisible()
        qtbot.mouseClick(panel.filters.trash, LEFT)
        qtbot.waitUntil(lambda: panel.grid.keys() == [before[1]])
        assert not panel.delete.isVisible()
        click(qtbot, panel, 0)
        qtbot.mouseClick(panel.restore, LEFT)
        qtbot.waitUntil(lambda: panel.grid.keys() == [])
        assert panel.nothing.isVisible()
        qtbot.mouseClick(panel.filters.trash, LEFT)
        qtbot.waitUntil(lambda: panel.grid.keys() == before)


def test_the_trash_is_emptied_after_a_question_that_says_how_much(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened)
    panel.grid.selectAll()
    qtbot.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    assert not panel.empty.isVisible()
    assert panel.nothing._words[0].text() == "Nothing left here"
    qtbot.mouseClick(panel.filters.trash, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 3)
    places = opened.library.index.paths_of(panel.grid.keys())

    def leave(box: QMessageBox) -> None:
        assert "3 items" in box.text()
        press(qtbot, box, "Cancel")

    in_dialog(lambda: qtbot.mouseClick(panel.empty_trash, LEFT), leave)
    assert opened.library.count(DELETED) == 3
    in_dialog(lambda: qtbot.mouseClick(panel.empty_trash, LEFT), lambda box: press(qtbot, box, "Empty the trash"))
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    assert not any(Path(place).exists() for place in places)
    opened.window.activateWindow()  # without a screen nobody does when a dialog has closed
    panel.search.setFocus()
    qtbot.waitUntil(panel.search.hasFocus)
    keys(qtbot, "Z")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 3)
    assert all(Path(place).exists() for place in places)
    keys(qtbot, "Z")
    qtbot.waitUntil(lambda: opened.library.count() == 3)


def test_one_thing_is_deleted_for_good_and_only_that(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened)
    panel.grid.selectAll()
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    qtbot.mouseClick(panel.filters.trash, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 3)
    click(qtbot, panel, 1)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 2)
    assert opened.window._toasts.messages[-1].startswith("Moved to the system's trash")


def test_a_system_without_a_trash_loses_nothing(qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = library_of(qtbot, opened, 1)

    class NoTrash(QFile):
        def moveToTrash(self) -> bool:
            return False

    monkeypatch.setattr("studio.app.trash.QFile", NoTrash)
    panel.grid.selectAll()
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    qtbot.mouseClick(panel.filters.trash, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    panel.grid.selectAll()
    qtbot.mouseClick(panel.for_good, LEFT)
    qtbot.waitUntil(lambda: "couldn't be moved to the trash" in opened.window._toasts.messages[-1])
    assert opened.library.count(DELETED) == 1
    panel.grid.selectAll()
    qtbot.mouseClick(panel.restore, LEFT)
    qtbot.waitUntil(lambda: opened.library.count() == 1)


def test_what_is_not_in_the_trash_is_never_deleted_for_good(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened)
    panel.grid.selectAll()
    keys = panel.grid.selected()
    panel.filters.trash.setChecked(True)  # as it is until the trash is shown
    panel._delete()
    opened.services.gallery.empty_trash(keys)
    panel.filters.trash.setChecked(False)
    done: list[bool] = []
    opened.services._long.do(lambda: None, lambda _: done.append(True))
    qtbot.waitUntil(lambda: bool(done))
    assert opened.library.count() == 3
    assert all(Path(path).exists() for path in opened.library.index.paths_of(keys))
    assert opened.services.undo.next_undo() is None


def test_stars_of_many_are_taken_back_as_they_were(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened)
    first = panel.grid.keys()[0]
    click(qtbot, panel, 0)
    qtbot.mouseClick(panel.star, LEFT)
    qtbot.waitUntil(lambda: opened.library.index.starred(panel.grid.keys()) == {first})
    panel.grid.selectAll()
    qtbot.keyClick(panel.grid, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: len(opened.library.index.starred(panel.grid.keys())) == 3)
    keys(qtbot, "Z")
    qtbot.waitUntil(lambda: opened.library.index.starred(panel.grid.keys()) == {first})


def test_a_drive_that_is_away_is_said(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = library_of(qtbot, opened, 2)
    opened.library.paths.pictures.rename(tmp_path / "away")
    panel.grid.selectAll()
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: any("Is a drive unplugged?" in text for text in opened.window._toasts.messages))
    assert opened.library.count() == 2
    (tmp_path / "away").rename(opened.library.paths.pictures)


@pytest.mark.qt_log_ignore("does not support")  # menus, without a screen
def test_the_trash_offers_what_can_be_done_there(qtbot: QtBot, opened: Opened) -> None:
    panel = library_of(qtbot, opened, 1)
    panel.grid.selectAll()
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    qtbot.mouseClick(panel.filters.trash, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    panel.grid.selectAll()
    spot = panel.grid.visualRect(panel.grid.model().index(0, 0)).center()
    in_menu(lambda: panel.grid._menu(spot), "Restore")
    qtbot.waitUntil(lambda: opened.library.count() == 1)


@pytest.mark.parametrize(
    ("starred", "kind", "words", "said"),
    [
        (True, "", "", "Nothing is starred yet"),
        (False, "clip", "", "There are no videos yet"),
        (False, "", "zebra", "No prompt contains these words"),
        (True, "", "zebra", "Nothing matches all"),
    ],
)
def test_what_found_nothing_is_said(
    qtbot: QtBot, opened: Opened, starred: bool, kind: str, words: str, said: str
) -> None:
    panel = library_of(qtbot, opened, 1)
    if starred:
        qtbot.mouseClick(panel.filters.starred, LEFT)
    if kind:
        qtbot.mouseClick(panel.filters.kind.button(kind), LEFT)
    qtbot.keyClicks(panel.search, words)
    qtbot.waitUntil(lambda: panel.nothing.isVisible() and panel.nothing._words[1].text().startswith(said))

"""What holds for every room: names, words, keys, and what is found again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.features import FEATURES
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import CONTROL, room
from tests.ui.accessible import clipped, lacking


@pytest.mark.parametrize("name", FEATURES)
def test_every_control_says_what_it_is_and_no_word_is_cut_off(opened: Opened, name: str) -> None:
    panel = room(opened, name)
    assert lacking(opened.window) == []
    assert clipped(panel) == []


def test_control_and_a_number_change_rooms(qtbot: QtBot, opened: Opened) -> None:
    for number, name in enumerate(FEATURES, 1):
        qtbot.keyClick(opened.window, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        assert opened.window.room == name


def test_each_room_finds_its_last_request_again(qtbot: QtBot, qapp: QApplication) -> None:
    with open_window(qtbot) as opened:
        room(opened, "image").prompt.set_text("a blue boat")
        room(opened, "write").prompt.set_text("Once")
        room(opened, "latent")._go(3.0, 1.0)
    with open_window(qtbot) as opened:
        assert opened.window.room == "latent"
        assert room(opened, "image").prompt.text() == "a blue boat"
        assert room(opened, "write").prompt.text() == "Once"
        assert room(opened, "latent")._place == (3.0, 1.0)

"""Chips: a choice by mouse and arrow keys, in lines that wrap and cut nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.chips import ChipChoice, Flow, chip
from tests.ui.accessible import clipped, lacking

SHAPES = [("1:1", "1:1"), ("3:2", "3:2"), ("long", "Image → image with words"), ("up", "Upscale")]


@pytest.fixture
def choice(qtbot: QtBot) -> ChipChoice:
    chips = ChipChoice(SHAPES, "Shape")
    qtbot.addWidget(chips)
    chips.set_value("1:1")
    chips.resize(600, 40)
    chips.show()
    return chips


def test_a_click_chooses(choice: ChipChoice, qtbot: QtBot) -> None:
    with qtbot.waitSignal(choice.chosen) as signal:
        qtbot.mouseClick(choice.button("up"), Qt.MouseButton.LeftButton)
    assert signal.args == ["up"]
    assert choice.value() == "up"


def test_arrow_keys_choose(choice: ChipChoice, qtbot: QtBot) -> None:
    choice.button("1:1").setFocus()
    with qtbot.waitSignal(choice.chosen) as signal:
        qtbot.keyClick(choice.button("1:1"), Qt.Key.Key_Right)
    assert signal.args == ["3:2"]


def test_choosing_by_program_says_nothing(choice: ChipChoice, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(choice.chosen):
        choice.set_value("up")
        choice.set_value("none of them")
    assert choice.value() == ""


def test_a_choice_that_is_off_says_why(choice: ChipChoice, qtbot: QtBot) -> None:
    choice.enable("up", False, "This model can't")
    with qtbot.assertNotEmitted(choice.chosen):
        qtbot.mouseClick(choice.button("up"), Qt.MouseButton.LeftButton)
    assert choice.button("up").toolTip() == "This model can't"


@pytest.mark.parametrize("width", [600, 260, 190])
def test_chips_wrap_instead_of_being_cut(qtbot: QtBot, width: int) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    chips = ChipChoice(SHAPES, "Shape")
    column.addWidget(chips)
    column.addStretch(1)
    around.resize(width, 400)
    around.show()
    assert clipped(around) == []
    assert lacking(around) == []
    for value, _ in SHAPES:
        assert chips.rect().contains(chips.button(value).geometry())


def test_a_chip_does_its_thing(qtbot: QtBot) -> None:
    done: list[int] = []
    button = chip("Vary", "Four variations", lambda: done.append(1))
    qtbot.addWidget(button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert done == [1, 1]


def test_what_goes_right_has_its_own_line_where_one_is_too_short(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    flow = Flow(around)
    name, hidden, copy, send = QLabel("Variant 1"), chip("Hidden", "-"), chip("Copy", "-"), chip("Send", "-")
    flow.addWidget(name)
    flow.go_right()
    for button in (hidden, copy, send):
        flow.addWidget(button)
    hidden.hide()
    around.resize(400, 40)
    around.show()
    assert send.geometry().right() == 399
    assert copy.y() == send.y()
    assert abs(name.geometry().center().y() - copy.geometry().center().y()) <= 1
    around.resize(flow.sizeHint().width() - 1, 100)
    assert (copy.x(), copy.y()) == (0, name.geometry().bottom() + 7)
    assert send.y() == copy.y()

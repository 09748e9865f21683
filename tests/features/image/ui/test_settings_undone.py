"""Every setting of the Image room is taken back, one gesture at a time, and found again after a restart."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.features.image.tasks.image import ImageTask
from tests.opened import CONTROL, LEFT, Opened, drag, open_window, room

SHIFT = Qt.KeyboardModifier.ShiftModifier


def back(qtbot: QtBot, opened: Opened) -> None:
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)


def again(qtbot: QtBot, opened: Opened) -> None:
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL | SHIFT)


def type_number(qtbot: QtBot, panel: Any, name: str, number: str) -> None:
    box = panel.form.control(name).box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, number)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def choose(qtbot: QtBot, panel: Any, name: str) -> None:
    """Choose a scheduler by the keyboard."""
    box = panel.form.control("scheduler").box
    box.setFocus()
    while box.currentText() != name:
        qtbot.keyClick(box, Qt.Key.Key_Down)


def test_each_setting_comes_back_in_its_order_and_is_done_again(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    before = panel.request.task
    tasks = [before]
    square = next(one for one in panel.form.findChildren(QPushButton) if one.text() == "16:9")
    for change in (
        lambda: type_number(qtbot, panel, "steps", "11"),
        lambda: qtbot.mouseClick(square, LEFT),
        lambda: choose(qtbot, panel, "Euler a"),
        lambda: qtbot.keyClick(panel.form.control("guidance").slider, Qt.Key.Key_PageUp),
        lambda: qtbot.mouseClick(panel.form.control("seed").dice, LEFT),
    ):
        change()
        tasks.append(panel.request.task)
    assert (tasks[-1].steps, tasks[-1].scheduler, tasks[-1].guidance) == (11, "Euler a", before.guidance + 5)
    for task in reversed(tasks[:-1]):
        back(qtbot, opened)
        assert panel.request.task == task
        assert panel.task() == task, "what is shown"
    for task in tasks[1:]:
        again(qtbot, opened)
        assert panel.task() == task


def test_a_slider_that_is_dragged_is_one_step(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    slider = panel.form.control("steps").slider
    drag(qtbot, slider, QPoint(10, 5), QPoint(slider.width() // 2, 5))
    assert panel.request.task.steps > 30
    back(qtbot, opened)
    assert panel.task().steps == 20
    assert opened.services.undo.next_undo("image") is None


def test_what_was_typed_is_the_fields_own_there_and_a_step_elsewhere(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    type_number(qtbot, panel, "steps", "11")
    panel.prompt.edit.setFocus()
    qtbot.keyClicks(panel.prompt.edit, "a kite")
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Z, CONTROL)
    assert (panel.prompt.text(), panel.task().steps) == ("", 11)
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Z, CONTROL)
    assert panel.task().steps == 20, "the field has nothing more, and nothing is taken back twice"
    again(qtbot, opened)
    panel.prompt.edit.setFocus()
    qtbot.keyClicks(panel.prompt.edit, "a boat")
    panel.generate.setFocus()
    back(qtbot, opened)
    assert (panel.prompt.text(), panel.task().steps) == ("", 11)
    again(qtbot, opened)
    assert panel.prompt.text() == "a boat"


def test_words_that_are_typed_after_a_setting_stay_when_that_is_taken_back(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    type_number(qtbot, panel, "steps", "11")
    step = opened.services.undo.next_undo("image")
    panel.prompt.edit.setFocus()
    qtbot.keyClicks(panel.prompt.edit, "a kite")
    assert step is not None
    opened.services.undo.take_back(step)
    assert (panel.prompt.text(), panel.task().steps) == ("a kite", 20)


def test_settings_are_taken_back_in_their_own_room_only(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    type_number(qtbot, panel, "steps", "11")
    room(opened, "library").grid.setFocus()
    back(qtbot, opened)
    assert panel.task().steps == 11


def test_another_model_is_a_step_with_the_settings_that_come_with_it(
    qtbot: QtBot, opened: Opened, two_models: str
) -> None:
    panel = room(opened, "image")
    type_number(qtbot, panel, "steps", "11")
    box = panel.models.box.box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert panel.models.address() == panel.request.model == two_models
    assert (panel.task().steps, panel.task().width) == (33, 64)
    back(qtbot, opened)
    assert (panel.models.address(), panel.task().steps, panel.task().width) == ("starter:scenes", 11, 128)
    again(qtbot, opened)
    assert (panel.models.address(), panel.task().steps) == (two_models, 33)


def test_all_of_it_is_there_after_a_restart(qtbot: QtBot, home: Path) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        type_number(qtbot, panel, "steps", "11")
        choose(qtbot, panel, "Euler a")
        panel.negative.edit.setFocus()
        qtbot.keyClicks(panel.negative.edit, "fog")
        before = panel.task()
        opened.close_window(qtbot)
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        assert panel.task() == before
        assert (before.steps, before.scheduler, before.negative) == (11, "Euler a", "fog")
        assert opened.services.undo.next_undo("image") is None


@pytest.fixture
def two_models(opened: Opened) -> str:
    """A second picture model, with settings of its own."""
    import msgspec

    scenes = opened.services.models(ImageTask.needs)[0]
    other = msgspec.structs.replace(
        scenes, address="/models/other", name="Other", defaults={"steps": 33, "guidance": 2.0, "size": 64}
    )
    opened.services._models = [scenes, other]
    opened.services.models_changed.emit()
    return other.address

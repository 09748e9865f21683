"""The form: every field of every task has its control, and values go in and come out as they were."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from studio.core.fields import describe
from studio.core.task import Task
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.train import TrainTask
from studio.features.write.tasks.write import WriteTask
from studio.ui.controls import DropDown, Number, Seed, Size
from studio.ui.form import Form
from studio.ui.layout import card
from studio.ui.text_fields import PathLine, Texts, parse_numbers, show_numbers
from tests.ui.accessible import clipped, lacking

TASKS = (ImageTask, WriteTask, LatentTask, WalkTask)


def form_of(task: type[Task], qtbot: QtBot) -> Form:
    form = Form([field for field in describe(task) if not field.hidden])
    qtbot.addWidget(form)
    form.resize(280, 900)
    form.show()
    return form


def shown_fields(task: type[Task]) -> list[str]:
    return [field.name for field in describe(task) if not field.hidden]


def number(form: Form, name: str) -> Number:
    control = form.control(name)
    assert isinstance(control, Number)
    return control


@pytest.mark.parametrize("task", TASKS)
def test_every_field_has_a_control_that_begins_at_its_default(task: type[Task], qtbot: QtBot) -> None:
    form = form_of(task, qtbot)
    defaults = task().to_data()
    assert form.values() == {name: defaults[name] for name in shown_fields(task)}
    assert task.from_data(form.values()) == task()


@pytest.mark.parametrize("task", TASKS)
def test_every_control_says_what_it_is_and_nothing_is_cut(task: type[Task], qtbot: QtBot) -> None:
    scroll = QScrollArea()
    qtbot.addWidget(scroll)
    form = Form([field for field in describe(task) if not field.hidden])
    scroll.setWidget(card(form))
    scroll.setWidgetResizable(True)
    scroll.resize(286, 700)
    if hasattr(form, "section"):
        form.section.open(True)
    scroll.show()
    assert lacking(form) == []
    assert clipped(scroll) == []


VALUES: dict[type[Task], dict[str, Any]] = {
    ImageTask: {
        "prompt": "a boat\nat sea", "negative": "text", "width": 768, "height": 512, "steps": 33, "guidance": 7.25,
        "scheduler": "Euler", "seed": 4294967295, "count": 4, "image": "/tmp/a b/文.png", "strength": 0.35,
        "parts": ({"type": "vae", "path": "/tmp/a b/文"},),
    },
    WriteTask: {
        "prompt": "x", "mode": "chat", "system": "be brief", "temperature": 1.35, "top_p": 0.5, "length": 20000,
        "variants": 3, "top_k": 77, "min_p": 0.07, "repetition_penalty": 1.11, "stop": ("\n\n", "User: a | b"),
        "seed": 5,
    },
    LatentTask: {
        "seeds": (0, 1, 2, 3, 9), "psi": -0.55, "cutoff": 8, "noise": "random", "strength": 0.35, "turn": -30.0,
        "shift_x": 0.25, "shift_y": -1.5, "coarse": 4294967295, "middle": 3,
        "fine": -1,
    },
    WalkTask: {
        "space": "w+", "path": "linear", "easing": "hold", "even": True,
        "seeds": (7, 3), "psi": 0.5, "cutoff": 2, "noise": "none", "strength": 1.7,
        "turn": 12.5, "shift_x": -0.5, "shift_y": 0.1, "seconds": 12.5, "rate": 24, "size": 1024,
        "loop": False, "format": "gif",
    },
}  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_values_come_out_as_they_went_in_and_say_nothing(task: type[Task], qtbot: QtBot) -> None:
    form = form_of(task, qtbot)
    with qtbot.assertNotEmitted(form.changed):
        form.set_values({**VALUES[task], "unknown": 1})
    assert form.values() == VALUES[task]


def test_a_slider_goes_where_the_mouse_points(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    steps = number(form, "steps")
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(steps.slider, Qt.MouseButton.LeftButton, pos=QPoint(steps.slider.width() - 1, 8))
    assert form.values()["steps"] == 150


@pytest.mark.parametrize(("key", "steps"), [(Qt.Key.Key_Right, 21), (Qt.Key.Key_Left, 19), (Qt.Key.Key_PageUp, 30)])
def test_keys_on_a_slider_are_steps_of_the_field(qtbot: QtBot, key: Qt.Key, steps: int) -> None:
    form = form_of(ImageTask, qtbot)
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(number(form, "steps").slider, key)
    assert form.values()["steps"] == steps


def test_a_wide_range_is_fine_at_its_lower_end(qtbot: QtBot) -> None:
    form = form_of(WriteTask, qtbot)
    length = number(form, "length")
    length.slider.setValue(round(length.slider.maximum() * 0.2))
    assert 100 < length.value() < 600
    qtbot.keyClick(length.slider, Qt.Key.Key_Home)
    assert length.value() == 1
    qtbot.keyClick(length.slider, Qt.Key.Key_End)
    assert length.value() == 32768


def test_a_number_can_be_typed(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    guidance = number(form, "guidance")
    guidance.box.setFocus()
    guidance.box.selectAll()
    qtbot.keyClicks(guidance.box, "7.25")
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(guidance.box, Qt.Key.Key_Return)
    assert form.values()["guidance"] == 7.25
    assert guidance.box.text() == "7.25"


def test_a_number_beyond_its_bounds_becomes_the_bound(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    box = number(form, "steps").box
    box.selectAll()
    qtbot.keyClicks(box, "99999")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.values()["steps"] == 150


def test_letters_are_not_let_into_a_number(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    box = number(form, "steps").box
    box.selectAll()
    qtbot.keyClicks(box, "1x2.5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.number() == 125


def test_a_multiple_is_kept(qtbot: QtBot) -> None:
    form = form_of(WalkTask, qtbot)
    box = number(form, "size").box
    box.selectAll()
    qtbot.keyClicks(box, "513")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.values()["size"] % 2 == 0
    form.set_values({"size": 255})
    assert form.values()["size"] in (254, 256)


@pytest.mark.parametrize("focused", [False, True])
def test_the_wheel_changes_only_what_has_the_focus(qtbot: QtBot, focused: bool) -> None:
    form = form_of(ImageTask, qtbot)
    slider = number(form, "steps").slider
    (slider if focused else form.control("seed").findChildren(QLineEdit)[0]).setFocus()
    qtbot.waitUntil(lambda: slider.hasFocus() is focused)
    spot = QPointF(20, 8)
    wheel = QWheelEvent(
        spot, slider.mapToGlobal(spot), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert (form.values()["steps"] != 20) is focused


def test_a_shape_keeps_the_number_of_pixels(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    size = form.control("height")
    assert isinstance(size, Size)
    size.set_base(512, 64)
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(size.chips.button("16:9"), Qt.MouseButton.LeftButton)
    width, height = size.value()
    assert width % 64 == height % 64 == 0
    assert 0.8 < width * height / 512**2 < 1.2
    assert size.chips.value() == "16:9"
    assert form.values()["width"] == width


def test_a_size_can_be_typed_and_is_brought_to_the_multiple(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    size = form.control("width")
    assert isinstance(size, Size)
    size.boxes[0].selectAll()
    qtbot.keyClicks(size.boxes[0], "301")
    qtbot.keyClick(size.boxes[0], Qt.Key.Key_Return)
    assert size.value() == (304, 128)
    assert size.chips.value() == ""


def test_a_seed_is_new_each_time_until_it_is_locked(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    seed = form.control("seed")
    assert isinstance(seed, Seed)
    seed.show_used(77)
    assert form.values()["seed"] == -1
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(seed.lock, Qt.MouseButton.LeftButton)
    assert form.values()["seed"] == 77
    seed.show_used(78)
    assert form.values()["seed"] == 77
    qtbot.mouseClick(seed.dice, Qt.MouseButton.LeftButton)
    assert form.values()["seed"] not in (-1, 77)
    qtbot.keyClick(seed.lock, Qt.Key.Key_Space)
    assert form.values()["seed"] == -1


def test_a_typed_seed_is_locked(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    seed = form.control("seed")
    assert isinstance(seed, Seed)
    qtbot.keyClicks(seed.edit, "12x3")
    assert form.values()["seed"] == 123
    seed.edit.selectAll()
    qtbot.keyClick(seed.edit, Qt.Key.Key_Delete)
    assert form.values()["seed"] == -1


def test_choices_come_later_and_keep_what_was_chosen(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    form.set_values({"scheduler": "DPM++ 2M"})
    assert form.values()["scheduler"] == "DPM++ 2M"
    form.set_choices("scheduler", [("Euler", "Euler"), ("DPM++ 2M", "DPM++ 2M, fast")])
    assert form.values()["scheduler"] == "DPM++ 2M"
    form.set_choices("scheduler", ["Euler"])
    assert form.values()["scheduler"] == ""
    drop = form.control("scheduler")
    assert isinstance(drop, DropDown)
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(drop.box, Qt.Key.Key_Down)
    assert form.values()["scheduler"] == "Euler"


def test_a_mark_and_a_chip_by_keyboard(qtbot: QtBot) -> None:
    form = form_of(WalkTask, qtbot)
    loop, kind = form.control("loop"), form.control("format")
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(loop.findChildren(type(loop.box))[0], Qt.Key.Key_Space)  # type: ignore[attr-defined]
    assert form.values()["loop"] is False
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(kind.chips.button("gif"), Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert form.values()["format"] == "gif"


def test_stop_strings_are_added_and_taken_away(qtbot: QtBot) -> None:
    form = form_of(WriteTask, qtbot)
    stop = form.control("stop")
    assert isinstance(stop, Texts)
    for text in ("END", "\\n\\n", "END"):
        qtbot.keyClicks(stop.edit, text)
        qtbot.keyClick(stop.edit, Qt.Key.Key_Return)
    assert form.values()["stop"] == ("END", "\n\n")
    qtbot.mouseClick(stop.chips()[0], Qt.MouseButton.LeftButton)
    assert form.values()["stop"] == ("\n\n",)


def test_a_path_is_typed(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    path = form.control("image")
    assert isinstance(path, PathLine)
    with qtbot.waitSignal(form.changed):
        qtbot.keyClicks(path.edit, "/a.png")
    assert form.values()["image"] == "/a.png"


def test_more_is_folded_away_until_it_is_asked_for(qtbot: QtBot) -> None:
    form = form_of(ImageTask, qtbot)
    scheduler = form.control("scheduler")
    assert not scheduler.isVisible()
    qtbot.keyClick(form.section.head, Qt.Key.Key_Space)
    assert scheduler.isVisible()
    qtbot.mouseClick(form.section.head, Qt.MouseButton.LeftButton)
    assert not scheduler.isVisible()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0-3, 7", (0, 1, 2, 3, 7)), ("", ()), ("x, 5", (5,)), ("9-3", ()), ("4-", (4,)), (" 1 - 2 ", (1, 2))],
)
def test_numbers_are_read_as_ranges(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_numbers(text) == numbers


def test_a_range_without_end_is_kept_in_bounds() -> None:
    assert len(parse_numbers("0-99999999999")) == 10_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.integers(0, 2**32 - 1), max_size=30))
def test_numbers_are_shown_so_that_they_are_read_again(numbers: list[int]) -> None:
    assert parse_numbers(show_numbers(numbers)) == tuple(numbers)


def test_a_number_that_stands_for_no_limit_says_so(qtbot: QtBot) -> None:
    limit = {field.name: field for field in describe(TrainTask)}["thousands"]
    form = Form([limit])
    qtbot.addWidget(form)
    form.show()
    box = form.control("thousands").box  # type: ignore[attr-defined]
    assert box.text() == "no limit"
    box.selectAll()
    qtbot.keyClicks(box, "250")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (box.text(), form.values()["thousands"]) == ("250 k", 250)
    box.selectAll()
    qtbot.keyClicks(box, "0")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (box.text(), form.values()["thousands"]) == ("no limit", 0)
    assert clipped(form) == []

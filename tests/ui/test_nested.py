"""Controls of structs, by mouse and keyboard: a group, a choice between types, lists that grow and change order."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from studio.core.fields import describe
from studio.ui.control import Control
from studio.ui.controls import CheckBox, Number, TextLine
from studio.ui.form import Form
from studio.ui.layout import card
from studio.ui.nested import Row, Several, Struct
from studio.ui.text_fields import PathLine
from tests.composed import ComposedTask, FromPicture, Inpaint, Lora, Region, Sampling, Vae
from tests.ui.accessible import clipped, lacking

LEFT = Qt.MouseButton.LeftButton
FULL = ComposedTask(
    prompt="a fox", sampling=Sampling(7, True), start=Inpaint("/x.png", "/m.png", "noise"),
    parts=(Vae("/v"), Lora("/ink", 0.5)), regions=(Region("sky", (1, 2)),), guide=Lora("/g"), style=Sampling(3),
)  # fmt: skip


@pytest.fixture
def scroll(qtbot: QtBot) -> QScrollArea:
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidget(card(Form(describe(ComposedTask))))
    area.setWidgetResizable(True)
    area.resize(300, 1400)
    area.show()
    return area


@pytest.fixture
def form(scroll: QScrollArea) -> Form:
    found: Form = scroll.findChild(Form)
    return found


def task(form: Form) -> ComposedTask:
    return ComposedTask.from_values(form.values())


def struct(form: Form, name: str) -> Struct:
    control = form.control(name)
    assert isinstance(control, Struct)
    return control


def several(form: Form, name: str) -> Several:
    control = form.control(name)
    assert isinstance(control, Several)
    return control


def inner(form: Any, name: str) -> Any:
    assert isinstance(form, Form)
    control: Control = form.control(name)
    return control


def press(qtbot: QtBot, inside: QWidget, words: str) -> None:
    (button,) = (one for one in inside.findChildren(QPushButton) if one.text() == words)
    qtbot.mouseClick(button, LEFT)


def test_values_go_in_and_come_out(form: Form) -> None:
    assert task(form) == ComposedTask()
    form.set_values(FULL.to_data())
    assert task(form) == FULL
    form.set_values({"start": {"type": "nothing"}, "parts": [{"type": "lora", "weight": "much"}], "style": 3})
    assert task(form) == FULL
    form.set_values(ComposedTask().to_data())
    assert task(form) == ComposedTask()


def test_everything_says_what_it_is_and_nothing_is_cut(scroll: QScrollArea, form: Form) -> None:
    form.set_values(FULL.to_data())
    assert lacking(form) == []
    assert clipped(scroll) == []


def test_a_group_is_changed_by_its_own_controls(qtbot: QtBot, form: Form) -> None:
    check = inner(struct(form, "sampling").form(), "ancestral")
    assert isinstance(check, CheckBox)
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(check.box, LEFT, pos=QPoint(8, check.box.height() // 2))
    assert task(form) == ComposedTask(sampling=Sampling(20, True))


def test_the_chosen_type_shows_its_fields_and_keeps_them(qtbot: QtBot, form: Form) -> None:
    start = struct(form, "start")
    file, strength = (inner(start.form("picture"), name) for name in ("path", "strength"))
    assert isinstance(file, PathLine)
    assert isinstance(strength, Number)
    assert not file.isVisible()
    with qtbot.waitSignal(form.changed):
        press(qtbot, start, "Picture")
    assert file.isVisible()
    assert not inner(start.form("inpaint"), "mask").isVisible()
    qtbot.keyClicks(file.edit, "/x.png")
    strength.box.setFocus()
    qtbot.keyClick(strength.box, Qt.Key.Key_Up)
    assert task(form).start == FromPicture("/x.png", 0.65)
    press(qtbot, start, "Inpaint")
    assert task(form).start == Inpaint()
    qtbot.keyClick(start.choice.button("inpaint"), Qt.Key.Key_Left)
    assert task(form).start == FromPicture("/x.png", 0.65)


def test_what_may_be_missing_can_be_none(qtbot: QtBot, form: Form) -> None:
    press(qtbot, struct(form, "guide"), "VAE")
    press(qtbot, struct(form, "style"), "Second pass")
    assert (task(form).guide, task(form).style) == (Vae(), Sampling())
    press(qtbot, struct(form, "guide"), "None")
    press(qtbot, struct(form, "style"), "None")
    assert task(form) == ComposedTask()


def test_a_list_grows_changes_its_order_and_shrinks(qtbot: QtBot, form: Form) -> None:
    parts = several(form, "parts")
    press(qtbot, parts, "+ LoRA")
    press(qtbot, parts, "+ VAE")
    press(qtbot, parts, "+ LoRA")
    line = inner(parts.rows[2].form, "path")
    assert isinstance(line, TextLine)
    with qtbot.waitSignal(form.changed):
        qtbot.keyClicks(line.edit, "/ink")
    assert task(form).parts == (Lora(), Vae(), Lora("/ink"))
    assert states(parts) == [(False, True), (True, True), (True, False)]
    last = parts.rows[2]
    assert last.up.accessibleName() == "Move up: LoRA 3"
    qtbot.mouseClick(last.up, LEFT)
    last.up.setFocus()
    qtbot.keyClick(last.up, Qt.Key.Key_Space)
    assert task(form).parts == (Lora("/ink"), Lora(), Vae())
    assert last.down.hasFocus()
    qtbot.mouseClick(parts.rows[1].remove, LEFT)
    assert task(form).parts == (Lora("/ink"), Vae())
    assert [row.isVisible() for row in parts.findChildren(Row)].count(True) == 2
    press(qtbot, several(form, "regions"), "+ Regions")
    assert task(form).regions == (Region(),)


def states(parts: Several) -> list[tuple[bool, bool]]:
    return [(row.up.isEnabled(), row.down.isEnabled()) for row in parts.rows]

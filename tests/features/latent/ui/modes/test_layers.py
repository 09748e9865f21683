"""The mode of layers, on a scripted engine: looking inside, choosing a channel, scaling it."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.core.values import Asset
from studio.features.latent.points.point import Scale
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.questions import ActivationsTask
from tests.app.scripted import picture
from tests.opened import drag, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, all_frames, answer, frame, room
from tests.ui.accessible import clipped, lacking

INSIDE = [["b4.conv1", 6, 4, 4], ["b8.conv0", 3, 8, 8], ["b8.torgb", 3, 8, 8]]


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened) -> Any:
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.chips.button("layers"), LEFT)
    told(qtbot, opened, panel)
    return panel


def told(qtbot: QtBot, opened: Opened, panel: Any) -> ActivationsTask:
    """Answer the frames on the way, and then the question for activations as a model with such layers would."""
    while not isinstance(opened.engine.jobs[-1].task, ActivationsTask):
        frame(qtbot, opened, panel)
    task = opened.engine.jobs[-1].task
    number = next((row for row, layer in enumerate(INSIDE) if layer[0] == task.layer), 1)
    _, channels, height, width = INSIDE[number]
    notes = {"inside": INSIDE, "layer": number, "tile": height}
    data = bytes(range(channels)) * (3 * height * width)
    tower = Asset(kind="pixels", data=data, width=width, height=channels * height, notes=notes)
    one = [picture(index=1)] if task.channel >= 0 else []
    answer(qtbot, opened, panel, tower, *one)
    return task


def choose(qtbot: QtBot, panel: Any, number: int) -> None:
    """Click the tile of a channel."""
    channels = panel.mode("layers").channels
    spot = channels.visualItemRect(channels.item(number)).center()
    qtbot.mouseClick(channels.viewport(), LEFT, pos=spot)


def layer(qtbot: QtBot, panel: Any, row: int) -> None:
    """Click a layer in the list."""
    rows = panel.mode("layers").list
    qtbot.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.item(row)).center())


def test_the_layers_are_listed_and_one_is_shown(panel: Any) -> None:
    mode = panel.mode("layers")
    rows = [mode.list.item(row).text() for row in range(mode.list.count())]
    assert rows == ["b4.conv1   4 × 4 · 6", "b8.conv0   8 × 8 · 3", "b8.torgb   8 × 8 · 3"]
    assert mode.list.currentRow() == 1
    assert [mode.channels.item(number).text() for number in range(mode.channels.count())] == ["0", "1", "2"]
    assert not mode.channels.item(2).icon().isNull()
    assert not mode.factor.isEnabled()


def test_another_layer_is_asked_for(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    layer(qtbot, panel, 0)
    assert told(qtbot, opened, panel).layer == "b4.conv1"
    assert panel.mode("layers").channels.count() == 6


def test_the_layers_follow_the_point(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    panel.request.go(4.0, 0.0)
    assert isinstance(opened.engine.jobs[-1].task, LatentTask)  # the live frame goes first
    assert told(qtbot, opened, panel).of.points == panel.request.task.points


def test_a_channel_is_scaled_and_a_drag_is_one_step(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    mode = panel.mode("layers")
    choose(qtbot, panel, 2)
    assert told(qtbot, opened, panel).channel == 2
    assert not mode.picture.pixmap().isNull()
    middle = mode.factor.slider.rect().center()
    drag(qtbot, mode.factor.slider, middle, middle + QPoint(40, 0))
    (scale,) = panel.request.task.scales
    assert (scale.layer, scale.channel) == ("b8.conv0", 2)
    assert 1.5 < scale.factor < 3
    assert mode.channels.item(2).text() == f"2 ×{scale.factor:g}"
    frame(qtbot, opened, panel)
    assert opened.engine.jobs[-1].task.scales == (scale,)
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.request.task.scales == ()
    assert mode.factor.value() == 1
    qtbot.mouseClick(panel.view.redo, LEFT)
    assert mode.factor.value() == scale.factor
    while panel.frames._busy is not None:
        asked = isinstance(opened.engine.jobs[-1].task, ActivationsTask)
        (told if asked else frame)(qtbot, opened, panel)
    qtbot.mouseClick(panel.save, LEFT)
    assert opened.engine.jobs[-1].task.scales == (scale,)


def test_scales_are_taken_back(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    panel.request.change({"scales": (Scale("b8.conv0", 0, 0.0), Scale("b8.conv0", 1, 2.0), Scale("b4.conv1", 0, 2.0))})
    told(qtbot, opened, panel)
    mode = panel.mode("layers")
    assert [mode.list.item(row).text().endswith("×") for row in range(3)] == [True, True, False]
    choose(qtbot, panel, 1)
    assert mode.factor.value() == 2
    press(qtbot, mode.left, "Reset channel")
    assert panel.request.task.scales == (Scale("b8.conv0", 0, 0.0), Scale("b4.conv1", 0, 2.0))
    press(qtbot, mode.left, "Reset all")
    assert panel.request.task.scales == ()
    assert not mode.all.isEnabled()


def test_a_scale_of_zero_by_the_keyboard(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    mode = panel.mode("layers")
    mode.channels.setFocus()
    qtbot.keyClick(mode.channels, Qt.Key.Key_Right)
    channel = mode.channels.currentRow()
    mode.factor.box.setFocus()
    mode.factor.box.selectAll()
    qtbot.keyClicks(mode.factor.box, "0")
    qtbot.keyClick(mode.factor.box, Qt.Key.Key_Return)
    assert panel.request.task.scales == (Scale("b8.conv0", channel, 0.0),)


def test_another_mode_asks_no_more(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    qtbot.mouseClick(panel.chips.button("map"), LEFT)
    before = len(opened.engine.jobs)
    panel.request.go(4.0, 0.0)
    all_frames(qtbot, opened, panel)
    assert not any(isinstance(job.task, ActivationsTask) for job in opened.engine.jobs[before:])


def test_all_of_it_has_words_and_nothing_is_cut_off(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    choose(qtbot, panel, 0)
    mode = panel.mode("layers")
    assert not lacking(mode.left)
    assert not lacking(mode.middle)
    assert not clipped(opened.window)

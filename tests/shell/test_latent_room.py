"""The Latent room on a scripted engine: map, wandering, mixing, walking."""

from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.events import Done, Failed, Made, Started
from studio.core.values import Result
from studio.features.latent.task import LatentTask, WalkTask
from tests.app.scripted import picture
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room


def frame(qtbot: QtBot, opened: Opened, panel: Any) -> LatentTask:
    """Answer the newest frame job."""
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, LatentTask)
    assert job.lane == "frames"
    count = len(job.task.points or job.task.seeds)
    busy = panel.frames._busy
    made = [Made(job.id, picture(index=index)) for index in range(count)]
    opened.engine.push(Started(job.id), *made, Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.frames._busy is not busy)
    return job.task


def test_the_live_frame_goes_before_the_map_and_only_the_newest_counts(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for _ in range(5):
        qtbot.keyClick(panel.wander, Qt.Key.Key_Right)
    sent = len(opened.engine.jobs)
    frame(qtbot, opened, panel)
    newest = opened.engine.jobs[-1].task
    assert len(opened.engine.jobs) == sent + 1
    assert isinstance(newest, LatentTask)
    assert newest.points[0].weights == pytest.approx((0.5, 0.5))
    frame(qtbot, opened, panel)
    assert frame(qtbot, opened, panel).points == ()


def test_the_map_fills_and_a_click_goes_there(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    while panel.map.missing(1):
        frame(qtbot, opened, panel)
    spot = panel.map.rect_of_seed(1).center().toPoint()
    qtbot.mouseClick(panel.map, LEFT, pos=spot)
    assert panel.seed.value() == 1
    task = opened.engine.jobs[-1].task
    assert isinstance(task, LatentTask)
    assert task.points[0].seeds == (1,)


def test_the_map_fills_on_every_side_of_its_beginning(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel._go(-3.0, -2.0)
    assert panel.seed.value() == 2**32 - 2 * 1024 - 3
    while panel.map.missing(1):
        frame(qtbot, opened, panel)
    assert panel.map.picture(panel.seed.value()) is not None
    qtbot.mouseClick(panel.timeline.add, LEFT)
    assert [key.seeds for key in panel.timeline.blends()] == [(2**32 - 2 * 1024 - 3,)]


def test_a_keyframe_shows_its_seed_until_its_picture_comes(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel._go(5.0, 1.0)
    qtbot.mouseClick(panel.timeline.add, LEFT)
    item = panel.timeline.keys.item(0)
    assert item.text() == "1029"
    while panel.map.missing(1):
        frame(qtbot, opened, panel)
    assert item.text() == ""
    assert not item.icon().isNull()


def test_slots_mix_styles(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel._go(5.0, 0.0)
    qtbot.mouseClick(panel.slots.slots[0], LEFT)
    assert panel.point().coarse == 5
    qtbot.keyClick(panel.slots.slots[0], Qt.Key.Key_Delete)
    assert panel.point().coarse == -1


def test_the_wheel_zooms_the_map(opened: Opened) -> None:
    panel = room(opened, "latent")
    before = panel.map.rect_of_seed(0).width()
    wheel = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPointF().toPoint(), QPointF(0, 240).toPoint(),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.map, wheel)
    assert panel.map.rect_of_seed(0).width() > before


def test_a_walk_is_exported_as_it_stands(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for place in (0.0, 1.0, 2.0):
        panel._go(place, 0.0)
        qtbot.mouseClick(panel.timeline.add, LEFT)
    qtbot.mouseClick(panel.timeline.export, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WalkTask)
    assert [key.seeds for key in task.keys] == [(0,), (1,), (2,)]


def test_a_frame_that_fails_is_said_once(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for _ in range(5):
        job = opened.engine.jobs[-1]
        opened.engine.push(Failed(job.id, "model_unusable", "generator.safetensors is cut off."))
        qtbot.wait(20)
    assert "cut off" in panel.banner.message
    assert len(opened.engine.jobs) <= 2  # the first wish, and the one that came while it was on its way

"""The Latent room on a scripted engine: map, wandering, mixing, walking."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.events import Failed
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, all_frames, frame, room


def test_the_live_frame_goes_before_the_map_and_only_the_newest_counts(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for _ in range(5):
        qtbot.keyClick(panel.view.wander, Qt.Key.Key_Right)
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
    while panel.map.map.missing(1):
        frame(qtbot, opened, panel)
    spot = panel.map.map.rect_of_seed(1).center().toPoint()
    qtbot.mouseClick(panel.map.map, LEFT, pos=spot)
    assert panel.settings.seed.value() == 1
    task = opened.engine.jobs[-1].task
    assert isinstance(task, LatentTask)
    assert task.points[0].seeds == (1,)


def test_the_map_fills_on_every_side_of_its_beginning(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel.request.go(-3.0, -2.0)
    assert panel.settings.seed.value() == 2**32 - 2 * 1024 - 3
    while panel.map.map.missing(1):
        frame(qtbot, opened, panel)
    assert panel.map.map.picture(panel.settings.seed.value()) is not None
    qtbot.mouseClick(panel.timeline.add, LEFT)
    assert [key.seeds for key in panel.timeline.blends()] == [(2**32 - 2 * 1024 - 3,)]


def test_slots_mix_styles(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel.request.go(5.0, 0.0)
    qtbot.mouseClick(panel.map.slots.slots[0], LEFT)
    assert panel.current.coarse == 5
    qtbot.keyClick(panel.map.slots.slots[0], Qt.Key.Key_Delete)
    assert panel.current.coarse == -1


def test_the_wheel_zooms_the_map(opened: Opened) -> None:
    panel = room(opened, "latent")
    before = panel.map.map.rect_of_seed(0).width()
    wheel = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPointF().toPoint(), QPointF(0, 240).toPoint(),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.map.map, wheel)
    assert panel.map.map.rect_of_seed(0).width() > before


def test_a_walk_is_exported_as_it_stands(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for place in (0.0, 1.0, 2.0):
        panel.request.go(place, 0.0)
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


def test_keys_and_buttons_undo_and_redo_each_move(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for seed in (0, 1):
        qtbot.mouseClick(panel.map.map, LEFT, pos=panel.map.map.rect_of_seed(seed).center().toPoint())
    qtbot.keyClick(panel.map.map, Qt.Key.Key_Z, CONTROL)
    assert panel.current.seeds == (0,)
    assert panel.map.map.nearest() == 0
    qtbot.mouseClick(panel.view.redo, LEFT)
    assert panel.current.seeds == (1,)
    assert not panel.view.redo.isEnabled()
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current.seeds == (0,)


@pytest.mark.parametrize("mode", ["vae", "teach"])
def test_where_no_point_is_shown_none_is_undone_and_no_gan_is_chosen(qtbot: QtBot, opened: Opened, mode: str) -> None:
    panel = room(opened, "latent")
    qtbot.mouseClick(panel.map.map, LEFT, pos=panel.map.map.rect_of_seed(1).center().toPoint())
    qtbot.mouseClick(panel.chips.button(mode), LEFT)
    qtbot.keyClick(panel.chips.button(mode), Qt.Key.Key_Z, CONTROL)
    assert panel.current.seeds == (1,)
    assert not panel.head.isEnabled()
    qtbot.mouseClick(panel.chips.button("map"), LEFT)
    assert panel.head.isEnabled()
    qtbot.keyClick(panel.map.map, Qt.Key.Key_Z, CONTROL)
    assert panel.current.seeds == (0,)


def test_small_pictures_come_after_the_live_frame_and_are_of_today(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    while panel.map.map.missing(1):
        frame(qtbot, opened, panel)
    came: list[int] = []
    points = [LatentPoint((seed,)) for seed in (50, 51)]
    for number, point in enumerate(points):
        panel.frames.picture(point, lambda _, number=number: came.append(number), panel)
    assert frame(qtbot, opened, panel).points == (points[0],)
    panel.request.go(9.0, 0.0)  # the live frame goes before the second one
    frame(qtbot, opened, panel)
    assert came == [0, 1]
    panel.frames.picture(points[0], lambda _: came.append(9), panel)
    panel.frames.use(panel.models.address(), LatentTask(psi=0.1))
    frame(qtbot, opened, panel)
    assert came == [0, 1]


def pan(qtbot: QtBot, map_: Any, start: QPoint, end: QPoint) -> None:
    """Drag with Shift."""
    qtbot.mousePress(map_, LEFT, Qt.KeyboardModifier.ShiftModifier, pos=start)
    qtbot.mouseMove(map_, end)
    qtbot.mouseRelease(map_, LEFT, pos=end)


@pytest.mark.parametrize("how", ["shift", "space", "middle"])
def test_the_map_itself_is_moved(qtbot: QtBot, opened: Opened, how: str) -> None:
    panel = room(opened, "latent")
    map_ = panel.map.map
    before, start = map_.rect_of_seed(0), map_.rect().center()
    if how == "shift":
        pan(qtbot, map_, start, start + QPoint(40, 30))
    else:
        button = Qt.MouseButton.MiddleButton if how == "middle" else LEFT
        if how == "space":
            qtbot.keyPress(map_, Qt.Key.Key_Space)
        qtbot.mousePress(map_, button, pos=start)
        qtbot.mouseMove(map_, start + QPoint(40, 30))
        qtbot.mouseRelease(map_, button, pos=start + QPoint(40, 30))
        qtbot.keyRelease(map_, Qt.Key.Key_Space)
    assert map_.rect_of_seed(0) == before.translated(40, 30)
    assert panel.current == LatentPoint()
    assert map_.cursor().shape() == Qt.CursorShape.CrossCursor


def test_a_drag_over_the_map_wanders_and_the_picture_follows(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    map_ = panel.map.map
    start, end = (map_.rect_of_seed(seed).center().toPoint() for seed in (1, 2))
    qtbot.mousePress(map_, LEFT, pos=start)
    for share in (0.25, 0.5, 0.75):
        qtbot.mouseMove(map_, start + (end - start) * share)
        assert set(panel.current.seeds) >= {1, 2}
        assert opened.engine.jobs[-1].task.points == (panel.current,)
        all_frames(qtbot, opened, panel)
        assert panel.seen.point == panel.current
    qtbot.mouseRelease(map_, LEFT, pos=end)
    assert map_.rect_of_seed(1).center().toPoint() == start  # the map stays
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == LatentPoint()
    assert not panel.view.undo.isEnabled()


def test_a_drag_out_of_the_map_takes_the_seed_along_and_leaves_the_point(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = room(opened, "latent")
    taken: list[int] = []
    map_ = panel.map.map
    monkeypatch.setattr(map_, "_drag", taken.append)
    start = map_.rect_of_seed(1).center().toPoint()
    qtbot.mousePress(map_, LEFT, pos=start)
    qtbot.mouseMove(map_, start + QPoint(0, 20))
    assert panel.current != LatentPoint()
    qtbot.mouseMove(map_, QPoint(start.x(), -30))
    qtbot.mouseRelease(map_, LEFT, pos=QPoint(start.x(), -30))
    assert taken == [1]
    assert panel.current == LatentPoint()
    assert not panel.view.undo.isEnabled()


def test_a_setting_leaves_the_map_where_it_was_panned_to(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    middle = panel.map.map.rect().center()
    pan(qtbot, panel.map.map, middle, middle - QPoint(300, 200))
    before = panel.map.map.rect_of_seed(0)
    panel.settings.change({"psi": 0.3})
    assert panel.map.map.rect_of_seed(0) == before

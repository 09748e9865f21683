"""Drag mode on a scripted engine: pairs set by mouse and keys, a mask, each step seen, stop, undo."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Done, Failed, Made, Preview, Started
from studio.core.values import Asset, Job, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.search import DragTask
from tests.app.scripted import picture
from tests.opened import drag, open_window
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room

SHIFT = Qt.KeyboardModifier.ShiftModifier


def spot(view: Any, x: float, y: float) -> QPoint:
    return view.spot(x, y).toPoint()


def dragging(qtbot: QtBot, opened: Opened) -> Any:
    """The room in Drag, every frame answered."""
    panel = room(opened, "latent")
    qtbot.mouseClick(panel.chips.button("drag"), LEFT)
    return panel.mode("drag")


def step(point: LatentPoint, *handles: tuple[float, float], **notes: Any) -> Asset:
    return picture(point=msgspec.to_builtins(point), handles=[list(place) for place in handles], **notes)


def started(qtbot: QtBot, opened: Opened, mode: Any) -> Job:
    qtbot.mouseClick(mode.start, LEFT)
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, DragTask)
    opened.engine.push(Started(job.id))
    return job


def test_a_drag_on_the_picture_is_a_pull_whose_steps_are_seen(qtbot: QtBot, opened: Opened) -> None:
    mode = dragging(qtbot, opened)
    state, before = mode.context.state, mode.context.state.point
    assert not mode.start.isEnabled()
    drag(qtbot, mode.view, spot(mode.view, 0.25, 0.5), spot(mode.view, 0.75, 0.5))
    (pull,) = mode.view.drags()
    assert pull == pytest.approx((0.25, 0.5, 0.75, 0.5), abs=0.01)
    job = started(qtbot, opened, mode)
    assert job.task.pulls == (pull,)
    assert job.task.point == before
    assert not mode.start.isEnabled()
    opened.engine.push(Preview(job.id, step(LatentPoint(styles=b"1"), (0.5, 0.5), distance=16.0, arrived=False)))
    qtbot.waitUntil(lambda: mode.view.drags()[0][0] == 0.5)
    assert mode.view.drags()[0][2:] == pull[2:]
    assert "16.0 px" in mode.status.text()
    assert state.point == before  # one step to undo, not one for each that is seen
    result = step(LatentPoint(styles=b"2"), (0.75, 0.5), distance=0.2, arrived=True)
    opened.engine.push(Made(job.id, result), Done(job.id, Result()))
    qtbot.waitUntil(lambda: state.point == LatentPoint(styles=b"2"))
    assert "Target reached" in mode.status.text()
    opened.services.undo.undo("latent")
    assert state.point == before
    assert mode.view.drags() == (pull,)
    opened.services.undo.redo("latent")
    assert mode.view.drags()[0] == pytest.approx((0.75, 0.5, 0.75, 0.5), abs=0.01)


def test_who_stops_keeps_what_is_seen(qtbot: QtBot, opened: Opened) -> None:
    mode = dragging(qtbot, opened)
    drag(qtbot, mode.view, spot(mode.view, 0.2, 0.2), spot(mode.view, 0.6, 0.2))
    job = started(qtbot, opened, mode)
    opened.engine.push(Preview(job.id, step(LatentPoint(styles=b"7"), (0.3, 0.2), distance=9.0, arrived=False)))
    qtbot.waitUntil(lambda: mode.view.drags()[0][0] == 0.3)
    drag(qtbot, mode.view, spot(mode.view, 0.8, 0.8), spot(mode.view, 0.9, 0.9))  # nothing changes meanwhile
    assert len(mode.view.drags()) == 1
    qtbot.mouseClick(mode.halt, LEFT)
    assert opened.engine.cancels == [job.id]
    opened.engine.push(Cancelled(job.id))
    qtbot.waitUntil(lambda: mode.context.state.point == LatentPoint(styles=b"7"))
    assert mode.start.isEnabled()  # and it can go on from there
    assert not mode.halt.isEnabled()


def test_a_drag_that_fails_leaves_the_point(qtbot: QtBot, opened: Opened) -> None:
    mode = dragging(qtbot, opened)
    before = mode.context.state.point
    drag(qtbot, mode.view, spot(mode.view, 0.2, 0.2), spot(mode.view, 0.6, 0.2))
    job = started(qtbot, opened, mode)
    opened.engine.push(Failed(job.id, "out_of_memory", "There is not enough memory."))
    qtbot.waitUntil(mode.start.isEnabled)
    assert mode.context.state.point == before
    assert "memory" in room(opened, "latent").banner.message


def test_targets_and_handles_are_moved_selected_and_removed(qtbot: QtBot, opened: Opened) -> None:
    view = dragging(qtbot, opened).view
    drag(qtbot, view, spot(view, 0.2, 0.2), spot(view, 0.6, 0.2))
    drag(qtbot, view, spot(view, 0.6, 0.2), spot(view, 0.6, 0.6))  # the target
    drag(qtbot, view, spot(view, 0.2, 0.2), spot(view, 0.3, 0.2))  # the handle
    assert view.drags()[0] == pytest.approx((0.3, 0.2, 0.6, 0.6), abs=0.01)
    qtbot.mouseClick(view, LEFT, pos=spot(view, 0.9, 0.9))  # a mere click sets nothing
    assert len(view.drags()) == 1
    qtbot.keyClick(view, Qt.Key.Key_Insert)
    assert view.drags()[1] == (0.5, 0.5, 0.5625, 0.5)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Left, SHIFT)
    assert view.drags()[1] == (0.484375, 0.5, 0.5625, 0.515625)
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.drags() == ((0.484375, 0.5, 0.5625, 0.515625),)
    for _ in range(60):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.drags()[0][2] == 1.0


def test_a_mask_is_painted_and_taken_back(qtbot: QtBot, opened: Opened) -> None:
    mode = dragging(qtbot, opened)
    drag(qtbot, mode.view, spot(mode.view, 0.2, 0.2), spot(mode.view, 0.6, 0.2))
    qtbot.mouseClick(mode.tool.button("free"), LEFT)
    assert mode.brush.isVisible()
    drag(qtbot, mode.view, spot(mode.view, 0.1, 0.25), spot(mode.view, 0.9, 0.25))
    bits = started(qtbot, opened, mode).task.mask
    assert len(bits) == 128 * 128 // 8
    rows = [int.from_bytes(bits[row * 16 : row * 16 + 16], "big").bit_count() for row in range(128)]
    assert rows[32] > 90
    assert sum(rows[64:]) == 0
    opened.engine.push(Cancelled(opened.engine.jobs[-1].id))
    qtbot.waitUntil(mode.start.isEnabled)
    qtbot.mouseClick(mode.tool.button("fixed"), LEFT)
    drag(qtbot, mode.view, spot(mode.view, 0.0, 0.25), spot(mode.view, 1.0, 0.25))
    assert mode.view.free() == b""
    qtbot.mouseClick(mode.tool.button("free"), LEFT)
    qtbot.keyClick(mode.view, Qt.Key.Key_Space)
    assert mode.view.free() != b""
    qtbot.mouseClick(mode.clear, LEFT)
    assert mode.view.free() == b""
    assert mode.view.drags() == ()
    assert not mode.clear.isEnabled()


def test_points_and_mask_are_there_after_a_restart(qtbot: QtBot, home: Path) -> None:
    with open_window(qtbot) as opened:
        mode = dragging(qtbot, opened)
        drag(qtbot, mode.view, spot(mode.view, 0.2, 0.2), spot(mode.view, 0.6, 0.2))
        qtbot.mouseClick(mode.tool.button("free"), LEFT)
        qtbot.keyClick(mode.view, Qt.Key.Key_Space)
        pulls, bits = mode.view.drags(), mode.view.free()
    with open_window(qtbot) as opened:
        found = room(opened, "latent").mode("drag")
        assert found.view.drags() == pulls
        assert found.view.free() == bits
        for strange in ({"pulls": [[2, 0, 0, 0]]}, {"pulls": 3, "mask": []}, {"mask": "?"}, {"layers": "x"}):
            found.restore({"pulls": pulls, **strange})
        assert found.view.drags() == pulls


def test_the_request_of_a_kept_drag_is_taken_over(qtbot: QtBot, opened: Opened) -> None:
    mode = dragging(qtbot, opened)
    drag(qtbot, mode.view, spot(mode.view, 0.2, 0.2), spot(mode.view, 0.6, 0.2))
    begun, pulls = mode.context.state.point, mode.view.drags()
    started(qtbot, opened, mode)
    end = step(LatentPoint(styles=b"ab"), (0.6, 0.2), distance=0.1, arrived=True)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(end)
    qtbot.waitUntil(lambda: mode.context.state.point == LatentPoint(styles=b"ab"))
    panel = room(opened, "latent")
    qtbot.mouseClick(mode.clear, LEFT)
    qtbot.mouseClick(panel.settings.reset, LEFT)
    qtbot.mouseClick(panel.chips.button("map"), LEFT)
    library = room(opened, "library")
    qtbot.waitUntil(lambda: len(library.grid.keys()) == 1)
    library.grid.select(library.grid.keys())
    library._chosen(library.grid.selected())
    qtbot.mouseClick(library.settings, LEFT)
    assert opened.window.room == "latent"
    assert mode.context.state.point == LatentPoint(styles=b"ab")
    qtbot.mouseClick(panel.view.undo, LEFT)  # before it lies where the drag began
    assert mode.context.state.point == begun
    assert mode.view.drags() == pulls

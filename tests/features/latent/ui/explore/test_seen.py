"""What is seen in the Latent room is what is kept, starred, sent and added to a walk, whatever the controls say."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from studio.core.events import Done, Made, Preview, Started
from studio.core.values import Job, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.vae import VaeTask
from tests.app.scripted import picture
from tests.opened import drop, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, all_frames, room

BETWEEN = LatentPoint((1, 2), (0.4, 0.8))
"""Where the frames of the walk say that they are."""


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened) -> Any:
    """The room with the picture of its point, and a walk."""
    panel = room(opened, "latent")
    for seed in (1, 2, 3, 4):
        panel.timeline.add_key(LatentPoint((seed,)))
    all_frames(qtbot, opened, panel)
    return panel


def play_a_frame(qtbot: QtBot, opened: Opened, panel: Any, point: LatentPoint = BETWEEN) -> Job:
    """Press Play where it doesn't play yet, and answer the first frame of the walk that is asked for."""
    if not panel.timeline.playing:
        qtbot.mouseClick(panel.timeline.play, LEFT)
    qtbot.waitUntil(lambda: isinstance(opened.engine.jobs[-1].task, WalkTask))
    job = opened.engine.jobs[-1]
    opened.engine.push(
        Started(job.id), Made(job.id, picture((9, 9, 9), point=msgspec.to_builtins(point))), Done(job.id, Result())
    )
    qtbot.waitUntil(lambda: panel.seen.point == point)
    return job


def saved(qtbot: QtBot, opened: Opened, panel: Any) -> LatentTask:
    """What Save asks for."""
    qtbot.mouseClick(panel.save, LEFT)
    task = opened.tracker.line[-1].job.task
    assert isinstance(task, LatentTask)
    return task


def test_the_frame_at_which_a_walk_was_stopped_is_kept(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    play_a_frame(qtbot, opened, panel)
    qtbot.mouseClick(panel.timeline.play, LEFT)
    assert panel.current == BETWEEN
    assert saved(qtbot, opened, panel).points == (BETWEEN,)
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == LatentPoint()


@pytest.mark.parametrize("how", ["save", "star", "add", "send", "mix", "breed", "export", "escape"])
def test_while_it_plays_the_frame_that_is_seen_is_used(qtbot: QtBot, opened: Opened, panel: Any, how: str) -> None:
    play_a_frame(qtbot, opened, panel)
    if how == "save":
        assert saved(qtbot, opened, panel).points == (BETWEEN,)
    elif how == "star":
        qtbot.mouseClick(panel.view.star, LEFT)
        assert panel.stars.starred(BETWEEN)
    elif how == "add":
        qtbot.mouseClick(panel.timeline.add, LEFT)
        assert panel.timeline.blends()[-1] == BETWEEN
    elif how == "send":
        press(qtbot, panel, "Library")
        assert opened.engine.jobs[-1].task.points == (BETWEEN,)
    elif how in ("mix", "breed"):
        qtbot.mouseClick(panel.chips.button(how), LEFT)
        mode = panel.mode(how)
        assert (mode.sources if how == "mix" else mode.parents).points() == (BETWEEN,)
    else:
        press(qtbot, panel, "Export MP4") if how == "export" else panel.stop()
        assert panel.current == BETWEEN


def test_a_frame_that_comes_after_the_stop_doesn_t_stay(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    play_a_frame(qtbot, opened, panel)
    qtbot.waitUntil(lambda: panel.frames._busy is not None)
    late = opened.engine.jobs[-1]
    qtbot.mouseClick(panel.timeline.play, LEFT)
    there = msgspec.to_builtins(LatentPoint((3,)))
    opened.engine.push(Started(late.id), Made(late.id, picture(point=there)), Done(late.id, Result()))
    qtbot.waitUntil(lambda: opened.engine.jobs[-1].id != late.id)
    all_frames(qtbot, opened, panel)
    assert (panel.current, panel.seen.point) == (BETWEEN, BETWEEN)


def test_the_playhead_takes_one_along(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    track = panel.timeline.track
    qtbot.mouseClick(track, LEFT, pos=QPoint(round(track.x_of(3.0)), 4))
    job = opened.engine.jobs[-1]
    asset = picture(point=msgspec.to_builtins(BETWEEN))
    opened.engine.push(Started(job.id), Made(job.id, asset), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.current == BETWEEN)
    assert saved(qtbot, opened, panel).points == (BETWEEN,)


def test_a_film_on_its_way_leaves_the_picture_alone(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    seen = panel.seen.asset
    press(qtbot, panel, "Export MP4")
    job = opened.engine.jobs[-1]
    with qtbot.waitSignal(panel.handle.preview):
        opened.engine.push(Started(job.id), Preview(job.id, picture((1, 2, 3))))
    assert panel.seen.asset is seen
    assert saved(qtbot, opened, panel).points == (LatentPoint(),)


@pytest.mark.parametrize("how", ["map", "slider"])
def test_where_the_frame_has_not_come_yet_the_one_that_is_seen_is_kept(
    qtbot: QtBot, opened: Opened, panel: Any, how: str
) -> None:
    if how == "map":
        qtbot.mouseClick(panel.map.map, LEFT, pos=panel.map.map.rect_of_seed(1).center().toPoint())
    else:
        panel.map.directions.rows[0][1].slider.setValue(150)
    assert panel.current != LatentPoint()
    assert panel.seen.point == LatentPoint()
    qtbot.mouseClick(panel.view.star, LEFT)
    qtbot.mouseClick(panel.timeline.add, LEFT)
    assert panel.stars.starred(LatentPoint())
    assert panel.timeline.blends()[-1] == LatentPoint()
    assert saved(qtbot, opened, panel).points == (LatentPoint(),)


def test_another_model_s_picture_is_not_seen_any_more(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    busy = opened.engine.jobs[-1] if panel.frames._busy else None
    panel.request.go(5.0, 0.0)
    late = opened.engine.jobs[-1]
    assert late is not busy
    panel.frames.use("elsewhere", panel.request.task)
    panel.seen.forget()
    with qtbot.waitSignal(panel.frames._busy.done):
        opened.engine.push(Started(late.id), Made(late.id, picture((1, 2, 3))), Done(late.id, Result()))
    assert panel.seen.asset is None


def test_random_grain_is_kept_as_it_is_seen(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    panel.request.change({"noise": "random"})
    asked = opened.engine.jobs[-1].task
    all_frames(qtbot, opened, panel)
    assert asked.noise_seed >= 0
    assert saved(qtbot, opened, panel).noise_seed == asked.noise_seed
    panel.request.go(1.0, 0.0)
    assert opened.engine.jobs[-1].task.noise_seed not in (-1, asked.noise_seed)


def test_a_step_of_a_drag_can_be_kept(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    qtbot.mouseClick(panel.chips.button("drag"), LEFT)
    all_frames(qtbot, opened, panel)
    mode = panel.mode("drag")
    mode.view.set_drags(((0.2, 0.2, 0.7, 0.7),))
    mode._changed()
    press(qtbot, mode.left, "▶ Start")
    job = opened.engine.jobs[-1]
    step = picture((5, 5, 5), point=msgspec.to_builtins(BETWEEN), handles=[[0.3, 0.3]], distance=3.0)
    opened.engine.push(Started(job.id), Preview(job.id, step))
    qtbot.waitUntil(lambda: panel.seen.point == BETWEEN)
    panel.request.change({"psi": 0.5})  # its frame would be of the point that is being dragged from
    all_frames(qtbot, opened, panel)
    assert saved(qtbot, opened, panel).points == (BETWEEN,)
    qtbot.mouseClick(panel.chips.button("map"), LEFT)
    all_frames(qtbot, opened, panel)
    assert panel.seen.point == LatentPoint()
    panel.request.go(9.0, 0.0)
    opened.engine.push(Made(job.id, step), Done(job.id, Result()))
    qtbot.waitUntil(lambda: mode._run is None)
    assert panel.current == LatentPoint((9,))  # nobody is taken away from where they went meanwhile


def test_the_vae_s_picture_is_kept_as_it_is_seen(qtbot: QtBot, opened: Opened, panel: Any, tmp_path: Path) -> None:
    qtbot.mouseClick(panel.chips.button("vae"), LEFT)
    mode = panel.mode("vae")
    for name in ("first", "second"):
        file = tmp_path / f"{name}.png"
        Image.new("RGB", (8, 8)).save(file)
        drop(mode.sets[name], file)
    for _ in range(2):
        job, busy = opened.engine.jobs[-1], mode._busy
        opened.engine.push(Started(job.id), Made(job.id, picture((7, 7, 7))), Done(job.id, Result()))
        qtbot.waitUntil(lambda busy=busy: mode._busy is not busy)
    shown = job.task
    assert isinstance(shown, VaeTask)
    mode.form.control("share").set_value(0.9)
    mode.form.changed.emit()
    mode.attribute.set_values({"amount": 1.0})
    qtbot.mouseClick(mode.save, LEFT)
    assert next(job for job in opened.engine.jobs if job.lane == "work").task == shown

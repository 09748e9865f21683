"""The walk's timeline on a scripted engine: keyframes, their times, the playhead, playing, exporting, going on."""

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel
from studio.core.events import Cancelled, Done, Made, Started
from studio.core.task import Task
from studio.core.values import Job, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.ui.walk.track import EDGE, RULER
from studio.features.latent.ui.widgets.point_list import pack
from studio.ui.layout import Section
from tests.app.scripted import picture
from tests.opened import drag, drop, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room
from tests.ui.accessible import clipped, lacking


@pytest.fixture
def panel(opened: Opened) -> Any:
    """The room with a walk through four seeds, 8 seconds long."""
    panel = room(opened, "latent")
    for seed in (1, 2, 3, 4):
        panel.timeline.add_key(LatentPoint((seed,)))
    return panel


def answer(qtbot: QtBot, opened: Opened, panel: Any) -> Task:
    """Answer the newest frame job; what else is asked in that lane is answered with nothing."""
    job, busy = opened.engine.jobs[-1], panel.frames._busy
    task = job.task
    count = len(task.points or task.seeds) if isinstance(task, LatentTask) else int(isinstance(task, WalkTask))
    made = [Made(job.id, picture(index=index)) for index in range(count)]
    opened.engine.push(Started(job.id), *made, Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.frames._busy is not busy)
    return task


def last_walk(qtbot: QtBot, opened: Opened, panel: Any) -> WalkTask:
    """Answer frame jobs until one is for a frame of the walk, and answer that."""
    while not isinstance(task := answer(qtbot, opened, panel), WalkTask):
        pass
    return task


def seeds(panel: Any) -> list[int]:
    return [point.seeds[0] for point in panel.timeline.blends()]


def middle(panel: Any, row: int) -> QPoint:
    return panel.timeline.track.tile(row).center().toPoint()


def test_keyframes_share_the_time_of_the_walk(panel: Any) -> None:
    assert panel.timeline.track.seconds() == [2.0] * 4
    panel.timeline.form.control("seconds").box.setValue(12)
    assert panel.timeline.track.seconds() == [3.0] * 4
    assert "4 keyframes · 12 s loop · 30 fps" in panel.timeline._facts.whole()
    task = panel.timeline.walk()
    assert (task.seconds, task.durations) == (12, ())


def test_dragging_a_border_gives_time_from_one_leg_to_the_next(qtbot: QtBot, panel: Any) -> None:
    track = panel.timeline.track
    border = round(track.starts()[2]) - 2
    drag(qtbot, track, QPoint(border, RULER + 20), QPoint(border + 30, RULER + 20))
    first, second, third, fourth = track.seconds()
    assert second > 2.1
    assert second + third == pytest.approx(4.0, abs=0.01)
    assert (first, fourth) == (2.0, 2.0)
    assert seeds(panel) == [1, 2, 3, 4]
    assert panel.timeline.walk().durations == (first, second, third, fourth)


def test_the_last_border_makes_the_walk_longer(qtbot: QtBot, panel: Any) -> None:
    track = panel.timeline.track
    end = round(track.starts()[-1]) - 2
    drag(qtbot, track, QPoint(end, RULER + 20), QPoint(end + 20, RULER + 20))
    assert track.seconds()[:3] == [2.0] * 3
    assert track.seconds()[3] > 2.1
    assert panel.timeline.form.values()["seconds"] == pytest.approx(track.total())


def test_a_time_is_typed(qtbot: QtBot, panel: Any) -> None:
    track = panel.timeline.track
    qtbot.mouseDClick(track, LEFT, pos=middle(panel, 1))
    assert track.box.isVisible()
    qtbot.keyClicks(track.box, "4.5")
    qtbot.keyClick(track.box, Qt.Key.Key_Return)
    assert not track.box.isVisible()
    assert track.seconds() == [2.0, 4.5, 2.0, 2.0]
    assert panel.timeline.form.values()["seconds"] == 10.5


def test_the_keyboard_does_it_all(qtbot: QtBot, panel: Any) -> None:
    track = panel.timeline.track
    qtbot.mouseClick(track, LEFT, pos=middle(panel, 0))
    qtbot.keyClick(track, Qt.Key.Key_Plus)
    assert track.seconds()[0] == pytest.approx(2.1)
    qtbot.keyClick(track, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert seeds(panel) == [2, 1, 3, 4]
    qtbot.keyClick(track, Qt.Key.Key_Right)
    qtbot.keyClick(track, Qt.Key.Key_Delete)
    assert seeds(panel) == [2, 1, 4]
    assert track.total() == pytest.approx(8.1, abs=0.01)
    qtbot.keyClick(track, Qt.Key.Key_F2)
    assert track.box.isVisible()


def test_a_keyframe_is_dragged_to_another_place(qtbot: QtBot, panel: Any) -> None:
    drag(qtbot, panel.timeline.track, middle(panel, 0), middle(panel, 2))
    assert seeds(panel) == [2, 3, 1, 4]


def test_points_are_dropped(panel: Any) -> None:
    mime: QMimeData = pack((LatentPoint((9,)), LatentPoint((1, 2), (0.5, 0.5))))
    drop(panel.timeline.track, mime=mime)
    assert panel.timeline.blends()[-2:] == (LatentPoint((9,)), LatentPoint((1, 2), (0.5, 0.5)))


def test_keyframes_get_their_pictures(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    assert all(key.picture is None for key in panel.timeline.track.keys)
    while any(key.picture is None for key in panel.timeline.track.keys):
        answer(qtbot, opened, panel)


def test_scrubbing_asks_for_the_very_frame_of_the_export(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    track = panel.timeline.track
    x = round((track.starts()[1] + track.starts()[2]) / 2)
    qtbot.mouseClick(track, LEFT, pos=QPoint(x, 4))
    assert track.time == pytest.approx(3.0, abs=0.05)
    shown = last_walk(qtbot, opened, panel)
    (frame,) = shown.at
    assert frame == pytest.approx(90, abs=2)
    qtbot.keyClick(track, Qt.Key.Key_Period)
    assert last_walk(qtbot, opened, panel).at == (frame + 1,)
    qtbot.keyClick(track, Qt.Key.Key_Comma)
    assert last_walk(qtbot, opened, panel).at == (frame,)
    qtbot.mouseClick(panel.timeline.export, LEFT)
    film = opened.engine.jobs[-1]
    assert film.lane == "work"
    assert film.task == msgspec.structs.replace(shown, at=())


def test_it_plays_in_its_own_time_and_ends_where_it_does_not_loop(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    timeline = panel.timeline
    timeline.form.control("seconds").box.setValue(0.4)
    qtbot.mouseClick(timeline.loop, LEFT)
    frames: list[int] = []
    timeline.at.connect(frames.append)
    with qtbot.waitSignal(timeline._timer.timeout):
        qtbot.mouseClick(timeline.play, LEFT)
    assert timeline.playing
    qtbot.waitUntil(lambda: not timeline.playing)
    assert frames == sorted(frames)
    assert frames[-1] == 11
    assert timeline.track.time == pytest.approx(0.4, abs=0.01)


def test_a_loop_plays_on_until_it_is_stopped(qtbot: QtBot, panel: Any) -> None:
    timeline = panel.timeline
    timeline.form.control("seconds").box.setValue(0.4)
    frames: list[int] = []
    timeline.at.connect(frames.append)
    qtbot.mouseClick(timeline.play, LEFT)
    qtbot.waitUntil(lambda: len(frames) > 3 and frames[-1] < max(frames))
    qtbot.mouseClick(timeline.play, LEFT)
    assert not timeline.playing


def test_an_even_walk_shows_the_times_that_were_measured(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    timeline = panel.timeline
    qtbot.mouseClick(timeline.findChild(Section).head, LEFT)
    timeline.form.control("even").box.click()
    timeline._scrub(1.0)
    while not isinstance((job := opened.engine.jobs[-1]).task, WalkTask):
        answer(qtbot, opened, panel)
    assert job.task.even
    opened.engine.push(Started(job.id), Made(job.id, picture(index=0, durations=[1.0, 5.0, 1.0, 1.0])))
    qtbot.waitUntil(lambda: timeline.track.measured == [1.0, 5.0, 1.0, 1.0])
    widths = [
        after - before for before, after in zip(timeline.track.starts(), timeline.track.starts()[1:], strict=False)
    ]
    assert widths[1] == max(widths)
    timeline.track.set_seconds(0, 3.0)
    assert timeline.track.measured == []


def test_the_export_says_its_format_and_takes_all_that_is_set(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    timeline = panel.timeline
    qtbot.mouseClick(timeline.findChild(Section).head, LEFT)
    for name, value in (("format", "webm"), ("space", "w"), ("path", "linear"), ("easing", "hold")):
        qtbot.mouseClick(timeline.way.control(name).chips.button(value), LEFT)
    qtbot.mouseClick(timeline.loop, LEFT)
    assert timeline.export.text() == "Export WebM"
    qtbot.mouseClick(timeline.export, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WalkTask)
    assert (task.format, task.space, task.path, task.easing, task.loop) == ("webm", "w", "linear", "hold", False)


def test_a_stopped_film_is_offered_to_go_on(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    qtbot.mouseClick(panel.timeline.export, LEFT)
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), Cancelled(job.id))
    toasts = opened.window._toasts
    qtbot.waitUntil(lambda: any("kept" in words for words in toasts.messages))
    press(qtbot, toasts, "Continue")
    qtbot.waitUntil(lambda: opened.engine.jobs[-1].id != job.id and isinstance(opened.engine.jobs[-1].task, WalkTask))
    assert opened.engine.jobs[-1].task == job.task


def test_a_walk_comes_back_with_its_times(opened: Opened) -> None:
    panel = room(opened, "latent")
    task = WalkTask(seeds=(5, 6, 7), durations=(1.0, 2.5, 0.5), easing="ease", space="w+", rate=24, loop=False)
    panel.receive(Parcel(room="latent", job=Job(task=task, model=panel.models.address())))
    found = panel.timeline.walk(panel.request.task)
    assert found.durations == (1.0, 2.5)
    assert (found.easing, found.space, found.rate, found.loop, found.seconds) == ("ease", "w+", 24, False, 3.5)
    assert seeds(panel) == [5, 6, 7]
    kept = panel.timeline.to_data()
    panel.timeline.set_keys(())
    panel.timeline.from_data(kept)
    assert panel.timeline.walk(panel.request.task) == found


def test_many_keyframes_scroll_and_nothing_is_cut(panel: Any) -> None:
    for seed in range(5, 25):
        panel.timeline.add_key(LatentPoint((seed,)))
    assert panel.timeline.track.width() >= 24 * EDGE
    panel.timeline.findChild(Section).open(True)
    assert lacking(panel.timeline) == []
    assert clipped(panel.timeline) == []

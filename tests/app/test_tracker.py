"""The tracker: order, keeping before telling, a line that survives, and every way a job ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.app.background_tasks import BackgroundTasks
from studio.app.job_handle import JobHandle
from studio.app.line_file import SavedRun, read_line
from studio.app.tracker import Keep, Tracker
from studio.app.worker import Worker
from studio.core.errors import StudioError
from studio.core.events import Done, EngineState, Failed, Made, Preview, Progress, Started, TextDelta
from studio.core.values import Asset, Job, Result
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.library.inputs import Inputs
from tests.app.scripted import ScriptedEngine, picture

Open = Callable[..., tuple[Tracker, ScriptedEngine]]


def job(prompt: str = "a red balloon", **fields: Any) -> Job:
    return Job(task=ImageTask(prompt=prompt), model="starter:scenes", **fields)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    trackers: list[Tracker] = []

    def keep(job: Job, asset: Asset, folder: Path | None) -> str:
        return f"item of {job.task.prompt}"  # type: ignore[attr-defined]

    def open_tracker(keep: Keep = keep, capacity: int = 1) -> tuple[Tracker, ScriptedEngine]:
        engine = ScriptedEngine(capacity)
        worker = Worker(engine)
        tracker = Tracker(
            worker, BackgroundTasks(), keep, Inputs(tmp_path / "inputs"), tmp_path / "queue.json", task_types()
        )
        worker.start()
        trackers.append(tracker)
        return tracker, engine

    yield open_tracker
    for tracker in trackers:
        tracker.close()


def told(run: JobHandle) -> list[str]:
    """The signals of ``run`` as they come."""
    heard: list[str] = []
    for name in ("started", "progress", "preview", "words", "made", "unsaved", "done", "failed", "cancelled"):
        getattr(run, name).connect(lambda *_, name=name: heard.append(name))
    return heard


def test_a_job_reaches_the_panel_as_signals_in_order(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    heard = told(run)
    with qtbot.waitSignal(run.done):
        name = engine.start().id
        engine.push(Progress(name, 1, 2, "Step"), Preview(name, picture()), TextDelta(name, "x"))
        engine.finish(picture())
    assert heard == ["started", "progress", "preview", "words", "started", "made", "done"]
    assert tracker.line == ()


def test_one_job_runs_and_the_others_wait_in_order(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    first, second, third = tracker.submit(job("1")), tracker.submit(job("2")), tracker.submit(job("3"))
    assert [j.id for j in engine.jobs] == [first.job.id]
    assert [run.job.id for run in tracker.line] == [first.job.id, second.job.id, third.job.id]
    with qtbot.waitSignal(first.done):
        engine.finish()
    assert engine.jobs[-1].id == second.job.id


def test_as_many_run_as_the_engine_has_room_for(qtbot: QtBot, opened: Open, tmp_path: Path) -> None:
    tracker, engine = opened(capacity=2)
    runs = [tracker.submit(job(str(number))) for number in range(4)]
    assert engine.jobs == [run.job for run in runs[:2]]
    assert (tracker.running, tracker.active, tracker.waiting_runs) == (tuple(runs[:2]), runs[0], tuple(runs[2:]))
    for run in runs[:2]:
        with qtbot.waitSignal(run.started):
            engine.push(Started(run.job.id))
    tracker.move(runs[3].job.id, 0)
    assert tracker.line == (runs[0], runs[1], runs[3], runs[2])
    with qtbot.waitSignal(runs[1].done):
        engine.push(Done(runs[1].job.id, Result()))
    assert (tracker.running, tracker.waiting) == ((runs[0], runs[3]), 1)
    tracker.pause(True)
    tracker.cancel(runs[0].job.id)
    with qtbot.waitSignal(runs[0].cancelled):
        engine.stopped()
    assert (tracker.running, tracker.waiting_runs) == ((runs[3],), (runs[2],)), "a paused queue began another"
    tracker.pause(False)
    assert tracker.running == (runs[3], runs[2])
    with qtbot.waitSignals([runs[3].started, runs[2].started]):
        engine.push(Started(runs[3].job.id), Started(runs[2].job.id))
    tracker.close()
    saved, _ = read_line(tmp_path / "queue.json", task_types())
    assert [(row.job, row.begun) for row in saved] == [(runs[3].job, True), (runs[2].job, True)]


def test_what_is_put_back_comes_behind_all_that_run(qtbot: QtBot, opened: Open) -> None:
    tracker, _ = opened(capacity=2)
    runs = [tracker.submit(job(str(number))) for number in range(4)]
    tracker.remove(runs[2].job.id)
    tracker.put_back(SavedRun(runs[2].job), 0)
    assert [run.job.id for run in tracker.line] == [run.job.id for run in runs]


def test_the_end_is_told_only_after_everything_is_on_disk(qtbot: QtBot, opened: Open) -> None:
    written: list[Asset] = []
    tracker, engine = opened(lambda _, asset, __: written.append(asset))
    run = tracker.submit(job())
    seen: list[int] = []
    run.done.connect(lambda _: seen.append(len(written)))
    with qtbot.waitSignal(run.done):
        engine.finish(picture(), picture(), picture())
    assert seen == [3]


def test_what_cannot_be_written_stays_in_memory_and_can_be_saved_again(qtbot: QtBot, opened: Open) -> None:
    full, folders = [True], []

    def keep(job: Job, asset: Asset, folder: Path | None) -> str:
        folders.append(folder)
        if full[0]:
            raise StudioError("The disk is full.")
        return "item"

    tracker, engine = opened(keep)
    run = tracker.submit(job())
    with qtbot.waitSignals([run.unsaved, run.done]):
        engine.finish(picture())
    assert [(thing.run, thing.error.message) for thing in tracker.unsaved] == [(run, "The disk is full.")]
    left: list[int] = []
    tracker.save_again(left.append)
    qtbot.waitUntil(lambda: left == [1])
    full[0] = False
    with qtbot.waitSignal(tracker.kept):
        tracker.save_again(left.append, Path("elsewhere"))
    qtbot.waitUntil(lambda: left == [1, 0])
    assert folders == [None, None, Path("elsewhere")]


def test_a_waiting_job_can_be_moved_edited_and_removed(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    running, a, b = (tracker.submit(job(name)) for name in "rab")
    tracker.move(b.job.id, 0)
    assert [run.job.id for run in tracker.line] == [run.job.id for run in (running, b, a)]
    tracker.edit(a.job.id, ImageTask(prompt="edited"))
    with qtbot.waitSignal(b.cancelled):
        tracker.remove(b.job.id)
    with qtbot.waitSignal(running.done):
        engine.finish()
    assert engine.jobs[-1].task == ImageTask(prompt="edited")


def test_pausing_lets_the_running_job_end_and_starts_no_other(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    first, second = tracker.submit(job("1")), tracker.submit(job("2"))
    tracker.pause(True)
    with qtbot.waitSignal(first.done):
        engine.finish()
    assert len(engine.jobs) == 1
    tracker.pause(False)
    assert engine.jobs[-1].id == second.job.id


def test_stop_is_acknowledged_at_once_and_asked_of_the_engine_once(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    with qtbot.waitSignal(run.started):
        engine.start()
    tracker.cancel(run.job.id)
    tracker.cancel(run.job.id)
    assert (run.state, engine.cancels) == ("stopping", [run.job.id])
    with qtbot.waitSignal(run.cancelled):
        engine.stopped()


def test_a_second_stop_reaches_an_engine_that_is_stuck(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    tracker.cancel(run.job.id)
    with qtbot.waitSignal(tracker.engine_state, check_params_cb=lambda state: state.state == "stuck"):
        engine.push(EngineState("stuck"))
    tracker.cancel(run.job.id)
    assert engine.cancels == [run.job.id] * 2


def test_a_job_whose_engine_died_can_be_tried_again_once(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    for state in ("interrupted", "failed"):
        with qtbot.waitSignal(run.failed):
            engine.push(Failed(run.job.id, "engine_died", "The engine stopped.", "last words"))
        assert run.state == state
        again = tracker.retry(run.job.id)
        run = again or run
    assert again is None
    assert len(engine.jobs) == 2


def test_a_request_that_has_begun_cannot_be_changed(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    with pytest.raises(StudioError, match="has already started"):
        tracker.edit(run.job.id, ImageTask(prompt="edited"))
    with qtbot.waitSignal(run.done):
        engine.finish()
    with pytest.raises(StudioError, match="has already started"):
        tracker.edit(run.job.id, ImageTask(prompt="edited"))


def test_a_run_that_nobody_follows_is_offered_when_it_begins(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    followed, run = tracker.submit(job("1")), tracker.submit(job("2"))
    followed.followed = True
    offered: list[JobHandle] = []
    tracker.unfollowed.connect(offered.append)
    with qtbot.waitSignal(followed.done):
        engine.finish()
    assert offered == []
    with qtbot.waitSignal(run.started):
        engine.start()
    assert offered == [run]


def test_an_engine_that_is_gone_is_not_fed_the_rest_of_the_line(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run, waiting = tracker.submit(job("kills it")), tracker.submit(job("waits"))
    with qtbot.waitSignal(run.failed):
        engine.push(EngineState("gone", "The engine stopped 3 times."), Failed(run.job.id, "engine_died", "It died."))
    assert (tracker.paused, waiting.state, len(engine.jobs)) == (True, "waiting", 1)
    tracker.pause(False)
    assert engine.jobs[-1].id == waiting.job.id


def test_an_engine_that_is_gone_leaves_an_empty_line_open(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    run = tracker.submit(job())
    with qtbot.waitSignal(run.failed):
        engine.push(EngineState("gone", "The engine stopped 3 times."), Failed(run.job.id, "engine_died", "It died."))
    assert not tracker.paused
    tracker.retry(run.job.id)
    assert len(engine.jobs) == 2


def test_the_line_survives_a_quit(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened()
    first, second = tracker.submit(job("running")), tracker.submit(job("waiting"))
    with qtbot.waitSignal(first.started):
        engine.start()
    tracker.close()
    again, engine = opened()
    assert [(run.job.id, run.state) for run in again.line] == [
        (first.job.id, "interrupted"),
        (second.job.id, "waiting"),
    ]
    assert again.paused
    assert engine.jobs == []
    again.pause(False)
    assert engine.jobs[-1].id == second.job.id


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99, "line": []}', b"\xff\xfe"])
def test_a_saved_line_that_cannot_be_read_is_set_aside(tmp_path: Path, opened: Open, content: bytes) -> None:
    (tmp_path / "queue.json").write_bytes(content)
    tracker, _ = opened()
    assert "set aside" in tracker.notice
    assert (tmp_path / "queue.unreadable.json").read_bytes() == content


def test_frames_are_neither_kept_nor_in_the_line(qtbot: QtBot, opened: Open) -> None:
    tracker, engine = opened(lambda *_: pytest.fail("kept a frame"))
    run = tracker.submit(job(lane="frames"))
    assert tracker.line == ()
    with qtbot.waitSignal(run.made) as made:
        engine.push(Made(run.job.id, picture()))
    assert made.args is not None
    assert made.args[1] is None


def test_a_value_out_of_bounds_never_reaches_the_engine(opened: Open) -> None:
    tracker, engine = opened()
    with pytest.raises(StudioError, match="Steps"):
        tracker.submit(Job(task=ImageTask(steps=0)))
    assert engine.jobs == []

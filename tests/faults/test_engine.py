"""An engine that freezes, eats all memory, floods or dies while it loads is said or replaced; the next job runs."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.app.background_tasks import BackgroundTasks
from studio.app.tracker import Tracker
from studio.app.worker import Worker
from studio.core.events import Cancelled, Done, EngineState, Failed
from studio.core.values import Job
from studio.engine.remote import RemoteEngine
from studio.library.inputs import Inputs
from tests.engine.runners import HERE, Echo
from tests.engine.serving import Serving
from tests.faults.harm import TASKS, Harm
from tests.opened import LEFT, Opened, press
from tests.shell.rooms import room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stops and limits processes as Linux does")


@pytest.fixture
def impatient() -> Iterator[Serving]:
    """An engine that asks at once, and waits a tenth of a second for the answer."""
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, pulse=0.02, silence=0.1)) as serving:
        yield serving


@pytest.mark.parametrize("how", ["freeze", "hold_the_lock"])
def test_a_child_that_does_not_answer_is_said_and_replaced_when_the_person_says_so(
    impatient: Serving, how: str
) -> None:
    name = impatient.begin(Harm(how=how))
    impatient.until(lambda: "stuck" in impatient.states())
    assert "Cancelled" not in impatient.kinds(name), "nobody has asked for that"
    impatient.engine.cancel(name)
    assert isinstance(impatient.final(name), Cancelled)
    assert isinstance(impatient.final(impatient.submit(Echo())), Done)
    assert impatient.states() == ["starting", "ready", "stuck", "starting", "ready"]


def test_a_child_that_answers_again_is_ready_again_and_its_job_ends_well(impatient: Serving) -> None:
    name = impatient.begin(Harm(how="freeze"))
    impatient.until(lambda: "stuck" in impatient.states())
    os.kill(impatient.of(name)[1].done, signal.SIGCONT)  # type: ignore[union-attr]  # it told its number there
    assert isinstance(impatient.final(name), Done)
    impatient.until(lambda: impatient.states() == ["starting", "ready", "stuck", "ready"])


def test_a_job_that_says_nothing_for_long_is_not_taken_for_a_dead_one() -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS, pulse=0.05, silence=20.0)) as serving:
        assert isinstance(serving.final(serving.submit(Harm(how="be_quiet", much=500))), Done)
    assert "stuck" not in serving.states()


def test_the_person_is_asked_and_may_replace_it(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.prompt.set_text("a boat")
    panel.make()
    qtbot.waitUntil(lambda: bool(opened.engine.jobs))
    opened.engine.start()
    qtbot.waitUntil(lambda: opened.tracker.line[0].state == "running")
    opened.engine.push(EngineState("stuck", "The engine isn't responding."))
    qtbot.waitUntil(lambda: bool(opened.window._toasts.messages))
    assert opened.window._bar.stop.text() == "Stop now"
    assert opened.engine.cancels == []
    press(qtbot, opened.window._toasts, "Replace it")
    assert opened.engine.cancels == [opened.engine.jobs[0].id]
    opened.engine.stopped()
    qtbot.waitUntil(lambda: not opened.tracker.line)


def test_stop_now_replaces_it_as_well(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.prompt.set_text("a boat")
    panel.make()
    qtbot.waitUntil(lambda: bool(opened.engine.jobs))
    opened.engine.start()
    opened.engine.push(EngineState("stuck", "The engine isn't responding."))
    qtbot.waitUntil(lambda: opened.window._bar.stop.text() == "Stop now")
    qtbot.mouseClick(opened.window._bar.stop, LEFT)
    assert opened.engine.cancels == [opened.engine.jobs[0].id]


@pytest.mark.parametrize("how", ["allocate", "allocate_arrays", "allocate_tensors"])
def test_a_job_that_takes_all_memory_ends_alone(how: str) -> None:
    """Of the whole process no more than the job: the next one runs in the same child."""
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS)) as serving:
        final = serving.final(serving.submit(Harm(how=how)))
        assert isinstance(final, Failed)
        assert final.trouble == "out_of_memory"
        assert "memory" in final.message
        assert isinstance(serving.final(serving.submit(Echo())), Done)
    assert serving.states() == ["starting", "ready", "gone"]


@pytest.mark.parametrize("how", ["die_while_loading", "kill_while_loading"])
def test_a_model_that_takes_the_child_down_while_it_loads_fails_its_job_only(how: str) -> None:
    with Serving(RemoteEngine(f"{HERE}:Models", TASKS)) as serving:
        final, after = serving.submit(Harm(how=how), model="m"), serving.submit(Echo())
        failed = serving.final(final)
        assert isinstance(failed, Failed)
        assert failed.trouble == "engine_died"
        assert isinstance(serving.final(after), Done)


def test_a_flood_of_events_comes_whole_and_in_order_and_the_window_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    """Its loop takes other work meanwhile; the words of one job are never more than the loop can paint."""
    worker, background_tasks = Worker(RemoteEngine(f"{HERE}:Models", TASKS)), BackgroundTasks()
    tracker = Tracker(worker, background_tasks, lambda *_: None, Inputs(tmp_path), tmp_path / "queue.json", {})
    heard: list[str] = []
    gaps: list[float] = [time.monotonic()]
    worst = 0.0

    def tick() -> None:
        nonlocal worst
        worst, gaps[0] = max(worst, time.monotonic() - gaps[0]), time.monotonic()

    clock = QTimer()
    clock.timeout.connect(tick)
    worker.start()
    run = tracker.submit(Job(task=Harm(how="flood", much=50_000)))
    run.words.connect(lambda text, _: heard.append(text))
    clock.start(5)
    with qtbot.waitSignal(run.done, timeout=100_000):
        pass
    tracker.close()
    assert heard == [f"{number} " for number in range(50_000)]
    print(f"longest gap of the loop: {worst * 1000:.0f} ms")
    assert worst < 2.0

"""The background engine: what is on its list, its progress, its stop, and who is told of the end."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.app.background import BackgroundEngine, BackgroundJob
from studio.app.background_tasks import close_all
from studio.core.errors import StudioError


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[BackgroundEngine]:
    engine = BackgroundEngine()
    yield engine
    assert close_all(engine.drop(), 20)


class Work:
    """Says that it is half done, and goes on until it is stopped or let go."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def __call__(self, job: BackgroundJob) -> str:
        job.tell(1, 2)
        while not job.stopped() and not self.goes_on.wait(0.01):
            pass
        return "stopped" if job.stopped() else "done"


def begin(background: BackgroundEngine, work: Any, told: list[object], lane: str = "a") -> BackgroundJob:
    return background.do(lane, "Work", work, told.append, told.append, background)


def test_what_says_how_far_it_is_is_on_the_list_until_it_ends(qtbot: QtBot, background: BackgroundEngine) -> None:
    work, told = Work(), list[object]()
    job = begin(background, work, told)
    assert background.jobs == ()
    qtbot.waitUntil(lambda: background.jobs == (job,))
    assert (job.title, job.at) == ("Work", (1, 2))
    with qtbot.waitSignal(background.changed):
        work.goes_on.set()
    assert (background.jobs, told) == ((), ["done"])


def test_who_listens_from_when_it_is_listed_misses_nothing(qtbot: QtBot, background: BackgroundEngine) -> None:
    said, goes_on, told, seen = threading.Event(), threading.Event(), list[object](), list[object]()

    def work(job: BackgroundJob) -> None:
        job.tell(1, 3)
        job.tell(2, 3)
        said.set()
        goes_on.wait()

    def listen() -> None:
        for job in background.jobs:
            seen.append(job.at)
            job.progress.connect(lambda *at: seen.append(at))

    background.changed.connect(listen)
    begin(background, work, told)
    assert said.wait(20)  # both are on their way before the first one comes
    try:
        qtbot.waitUntil(lambda: len(seen) == 2)
    finally:
        goes_on.set()
    assert seen == [(1, 3), (2, 3)]


def test_what_takes_a_moment_is_never_on_the_list(qtbot: QtBot, background: BackgroundEngine) -> None:
    told, changes = list[object](), list[object]()
    background.changed.connect(lambda: changes.append(background.jobs))
    begin(background, lambda _: "done", told)
    qtbot.waitUntil(lambda: told == ["done"])
    assert changes == []


def test_a_stop_is_heard_by_the_one_that_it_is_for(qtbot: QtBot, background: BackgroundEngine) -> None:
    first, second, told, others = Work(), Work(), list[object](), list[object]()
    stopped, _ = begin(background, first, told), begin(background, second, others)
    qtbot.waitUntil(lambda: background.jobs == (stopped,))
    stopped.stop()
    qtbot.waitUntil(lambda: told == ["stopped"])
    second.goes_on.set()
    qtbot.waitUntil(lambda: others == ["done"])


def test_one_lane_does_not_wait_for_another(qtbot: QtBot, background: BackgroundEngine) -> None:
    held, told = Work(), list[object]()
    begin(background, held, [], "look")
    begin(background, lambda _: "done", told, "export")
    qtbot.waitUntil(lambda: told == ["done"])


def test_an_error_is_told_and_ends_the_work(qtbot: QtBot, background: BackgroundEngine) -> None:
    def fail(job: BackgroundJob) -> None:
        job.tell(1, 2)
        raise StudioError("The disk is full.")

    told = list[object]()
    begin(background, fail, told)
    qtbot.waitUntil(lambda: [str(error) for error in told] == ["The disk is full."])
    assert background.jobs == ()


def test_nobody_is_told_whose_window_is_gone(qtbot: QtBot, background: BackgroundEngine) -> None:
    owner, work, told = QObject(), Work(), list[object]()
    job = background.do("a", "Work", work, told.append, told.append, owner)
    qtbot.waitUntil(lambda: background.jobs == (job,))
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    with qtbot.waitSignal(background.changed):
        work.goes_on.set()
    assert told == []

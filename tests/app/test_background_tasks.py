"""BackgroundTasks: one after the other beside the window, with their outcome back in the window's thread."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from studio.app.background_tasks import BackgroundTasks
from studio.core.errors import StudioError


@pytest.fixture
def background_tasks(qtbot: QtBot) -> Iterator[BackgroundTasks]:
    made = BackgroundTasks()
    yield made
    made.close()


def refuse() -> None:
    raise StudioError("The disk is full.")


def test_work_is_done_beside_the_window_and_its_outcome_comes_back(
    qtbot: QtBot, background_tasks: BackgroundTasks
) -> None:
    where: list[threading.Thread] = []

    def work() -> int:
        where.append(threading.current_thread())
        return 7

    outcomes: list[tuple[int, threading.Thread]] = []
    background_tasks.do(work, lambda outcome: outcomes.append((outcome, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes == [(7, threading.main_thread())]
    assert where[0] is not threading.main_thread()


def test_errands_keep_their_order(qtbot: QtBot, background_tasks: BackgroundTasks) -> None:
    done: list[int] = []
    for number in range(20):
        background_tasks.do(lambda number=number: number, done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))


def test_an_error_for_people_comes_as_it_is(qtbot: QtBot, background_tasks: BackgroundTasks) -> None:
    errors: list[StudioError] = []
    background_tasks.do(refuse, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].message == "The disk is full."


def test_what_the_system_forbids_is_no_bug(
    qtbot: QtBot, background_tasks: BackgroundTasks, tmp_path: Path, forbid: Callable[[Path], None]
) -> None:
    forbid(tmp_path)
    errors: list[StudioError] = []
    background_tasks.do((tmp_path / "a.png").exists, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].message == f"{tmp_path / 'a.png'} can't be used: Permission denied."


def test_a_bug_is_told_as_one_and_logged(
    qtbot: QtBot, background_tasks: BackgroundTasks, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[StudioError] = []
    with caplog.at_level(logging.CRITICAL, "studio.app.background_tasks"):
        background_tasks.do(lambda: 1 / 0, failed=errors.append)
        qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].trouble == "internal"
    assert "ZeroDivisionError" in errors[0].message


def test_a_failure_that_nobody_waits_for_is_logged(
    qtbot: QtBot, background_tasks: BackgroundTasks, caplog: pytest.LogCaptureFixture
) -> None:
    background_tasks.do(refuse)
    qtbot.waitUntil(lambda: "The disk is full." in caplog.text)


def test_nothing_is_told_to_an_owner_that_is_gone(qtbot: QtBot, background_tasks: BackgroundTasks) -> None:
    owner, told = QObject(), []
    background_tasks.do(lambda: 1, told.append, owner=owner)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete.value)
    later: list[int] = []
    background_tasks.do(lambda: 2, later.append)
    qtbot.waitUntil(lambda: later == [2])
    assert told == []


def test_closing_finishes_what_waits_and_takes_nothing_more(qtbot: QtBot) -> None:
    background_tasks, done = BackgroundTasks(), []
    background_tasks.do(lambda: done.append(1))
    background_tasks.close()
    background_tasks.do(lambda: done.append(2))
    assert done == [1]


def test_an_end_is_waited_for_within_bounds(qtbot: QtBot) -> None:
    background_tasks, goes_on = BackgroundTasks(), threading.Event()
    told: list[object] = []
    background_tasks.do(goes_on.wait, told.append)
    assert not background_tasks.finish(0.01)
    assert not background_tasks.close(0.01)
    goes_on.set()
    assert background_tasks.close()
    qtbot.waitUntil(lambda: told == [True])


def test_what_is_dropped_is_neither_done_nor_told(qtbot: QtBot) -> None:
    background_tasks, begun, goes_on = BackgroundTasks(), threading.Event(), threading.Event()
    done: list[object] = []
    background_tasks.do(lambda: (begun.set(), goes_on.wait()), done.append)
    background_tasks.do(lambda: done.append("waited"))
    assert begun.wait(20)
    background_tasks.drop()
    background_tasks.do(lambda: done.append("came after"))
    assert not background_tasks.close(0.01)
    goes_on.set()
    assert background_tasks.close()
    QCoreApplication.sendPostedEvents(background_tasks, QEvent.Type.MetaCall)
    assert done == []


def test_a_thread_that_never_comes_back_keeps_no_program_from_its_end() -> None:
    background_tasks, goes_on = BackgroundTasks(), threading.Event()
    background_tasks.do(goes_on.wait)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "background")
    goes_on.set()
    background_tasks.close()

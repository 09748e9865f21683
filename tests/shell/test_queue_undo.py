"""What was done to the queue is taken back, in its order and with its settings."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Failed, Started
from tests.opened import in_dialog, press
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, room


def ask(opened: Opened, *prompts: str) -> Any:
    """Ask for a picture of each prompt; the first one runs, the others wait."""
    panel = room(opened, "image")
    for prompt in prompts:
        panel.prompt.set_text(prompt)
        panel.make()
    return panel


def line(opened: Opened) -> list[str]:
    return [run.job.task.prompt for run in opened.tracker.line]  # type: ignore[attr-defined]


def card(opened: Opened, place: int) -> Any:
    """The card at ``place`` in the queue, which is shown."""
    if not opened.window._queue.isVisible():
        opened.window._queue.open()
    return opened.window._queue._rows[opened.tracker.line[place].job.id]


def undo(qtbot: QtBot, letter: str = "Z") -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, letter, CONTROL)


def test_a_cleared_queue_comes_back_in_its_order(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second", "third")
    opened.window._queue.open()
    qtbot.mouseClick(opened.window._queue._clear, LEFT)
    assert line(opened) == ["running"]
    undo(qtbot)
    assert line(opened) == ["running", "second", "third"]
    undo(qtbot, "Y")
    assert line(opened) == ["running"]
    press(qtbot, opened.window._toasts, "Undo")
    assert line(opened) == ["running", "second", "third"]


def test_a_request_that_waited_comes_back_with_its_name_and_the_steps_before_it(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second", "third")
    names = [run.job.id for run in opened.tracker.line]
    qtbot.mouseClick(card(opened, 2)._up, LEFT)
    assert line(opened) == ["running", "third", "second"]
    qtbot.mouseClick(card(opened, 1)._remove, LEFT)
    assert line(opened) == ["running", "second"]
    undo(qtbot)
    assert line(opened) == ["running", "third", "second"]
    undo(qtbot)
    assert [run.job.id for run in opened.tracker.line] == names


def test_changed_settings_of_a_request_are_taken_back(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second")
    before = opened.tracker.line[1].job.task

    def use(dialog: Any) -> None:
        steps = dialog.form.control("steps").box
        steps.setFocus()
        steps.selectAll()
        qtbot.keyClicks(steps, "11")
        press(qtbot, dialog, "OK")

    in_dialog(lambda: qtbot.mouseClick(card(opened, 1)._edit, LEFT), use)
    assert opened.tracker.line[1].job.task != before
    opened.window._take_back()
    assert opened.tracker.line[1].job.task == before


def test_a_change_of_what_has_begun_meanwhile_is_said(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second")
    second = opened.tracker.line[1].job
    opened.services.queue.edit(second.id, type(second.task).from_data({**second.task.to_data(), "prompt": "other"}))
    first = opened.tracker.line[0].job.id
    opened.engine.push(Started(first), Cancelled(first), Started(second.id))
    qtbot.waitUntil(lambda: opened.tracker.line[0].state == "running")
    opened.window._take_back()
    assert "has already started" in opened.window._toasts.messages[0]
    assert line(opened) == ["other"]


def test_a_request_that_failed_and_was_removed_comes_back_with_its_trouble(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second")
    first = opened.tracker.line[0].job.id
    opened.engine.push(Started(first), Failed(first, "engine_died", "It stopped.", ""))
    qtbot.waitUntil(lambda: opened.tracker.line[0].state == "interrupted")
    qtbot.mouseClick(card(opened, 0)._remove, LEFT)
    assert line(opened) == ["second"]
    undo(qtbot)
    assert line(opened) == ["running", "second"]
    assert (opened.tracker.line[0].state, opened.tracker.line[0].message) == ("interrupted", "It stopped.")
    assert not card(opened, 0)._retry.isHidden()


def test_what_was_running_waits_again_once_its_removal_is_taken_back(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running")
    first = opened.tracker.line[0].job.id
    opened.engine.push(Started(first))
    qtbot.waitUntil(lambda: opened.tracker.line[0].state == "running")
    qtbot.mouseClick(card(opened, 0)._remove, LEFT)
    undo(qtbot)  # before the engine has stopped
    opened.engine.push(Cancelled(first))
    qtbot.waitUntil(lambda: len(opened.engine.jobs) == 2)
    assert opened.engine.jobs[1].task == opened.engine.jobs[0].task
    assert opened.engine.jobs[1].id != first


def test_a_waiting_request_that_esc_took_off_comes_back(qtbot: QtBot, opened: Opened) -> None:
    panel = ask(opened, "running")
    room(opened, "write").prompt.set_text("Once")
    opened.window.panel().make()
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    assert len(opened.tracker.line) == 1
    opened.window.panel().earlier.setFocus()
    undo(qtbot)
    assert len(opened.tracker.line) == 2
    assert panel.handle.state == "waiting"

"""The queue: what waits is shown, moved and let go."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, room


def test_the_queue_shows_what_waits_and_lets_it_go(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    for prompt in ("running", "second", "third"):
        panel.prompt.set_text(prompt)
        panel.make()
    assert opened.window._bar.queue.text() == "2 queued"
    qtbot.keyClick(opened.window, Qt.Key.Key_J, CONTROL)
    popup = opened.window._queue
    assert popup.isVisible()
    third = popup._rows[opened.tracker.line[2].job.id]
    qtbot.mouseClick(third._up, LEFT)
    assert [run.job.task.prompt for run in opened.tracker.line] == ["running", "third", "second"]  # type: ignore[attr-defined]
    qtbot.mouseClick(third._remove, LEFT)
    assert opened.tracker.waiting == 1
    qtbot.mouseClick(popup._pause, LEFT)
    assert opened.tracker.paused
    qtbot.mouseClick(popup._clear, LEFT)
    assert opened.tracker.waiting == 0
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    assert not popup.isVisible()

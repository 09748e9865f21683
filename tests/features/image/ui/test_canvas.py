"""What is seen in the Image room is what Details, Export and the buttons mean, whatever happens to the requests."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.core.events import Cancelled, Done, Failed, Made, Preview, Started
from studio.core.values import Job, Result
from tests.app.scripted import picture
from tests.opened import press
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import LEFT, generate, room

BLUR = (10, 200, 30)


def ask(qtbot: QtBot, opened: Opened, panel: Any, prompt: str) -> Job:
    panel.prompt.set_text(prompt)
    qtbot.mouseClick(panel.generate, LEFT)
    return panel.handle.job


def seen(panel: Any) -> tuple[int, int, int] | None:
    """The colour in the middle of the stage."""
    if not panel.viewer.stage.has_picture():
        return None
    colour = QColor(panel.viewer.stage.grab().toImage().pixel(panel.viewer.stage.rect().center()))
    return colour.red(), colour.green(), colour.blue()


def shown_prompt(panel: Any) -> str:
    """What Details say is seen."""
    return panel.viewer.canvas.item.prompt if panel.viewer.canvas.item is not None else ""


def form(qtbot: QtBot, opened: Opened, panel: Any, job: Job) -> None:
    """Let a picture of ``job`` begin to form."""
    opened.engine.push(Started(job.id), Preview(job.id, picture(BLUR)))
    qtbot.waitUntil(lambda: seen(panel) == BLUR)


def test_clear_and_stop_leave_no_unfinished_picture(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "the first")
    qtbot.waitUntil(lambda: seen(panel) == (200, 80, 40))
    running = ask(qtbot, opened, panel, "the second")
    ask(qtbot, opened, panel, "the third")
    form(qtbot, opened, panel, running)
    assert not panel.viewer.export.isEnabled()
    assert panel.viewer.canvas.item is None

    opened.window._queue.toggle()
    press(qtbot, opened.window._queue, "Clear")
    opened.engine.push(Preview(running.id, picture((12, 34, 56))))
    qtbot.waitUntil(lambda: seen(panel) == (12, 34, 56))
    opened.window._queue.toggle()
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    opened.engine.push(Cancelled(running.id))

    qtbot.waitUntil(lambda: seen(panel) == (200, 80, 40))
    assert shown_prompt(panel) == "the first"
    assert panel.viewer.export.isEnabled()


@pytest.mark.parametrize("trouble", ["internal", "engine_died", "out_of_memory"])
def test_a_failure_leaves_no_unfinished_picture(qtbot: QtBot, opened: Opened, trouble: Any) -> None:
    panel = generate(qtbot, opened, "the first")
    job = ask(qtbot, opened, panel, "the second")
    form(qtbot, opened, panel, job)
    opened.engine.push(Failed(job.id, trouble, "It broke."))
    qtbot.waitUntil(lambda: seen(panel) == (200, 80, 40))
    assert shown_prompt(panel) == "the first"


def test_a_picture_that_is_chosen_while_another_forms_stays(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "the first")
    job = ask(qtbot, opened, panel, "the second")
    form(qtbot, opened, panel, job)
    spot = panel.viewer.strip.visualRect(panel.viewer.strip.model().index(0, 0)).center()
    qtbot.mouseClick(panel.viewer.strip.viewport(), LEFT, pos=spot)
    qtbot.waitUntil(lambda: seen(panel) == (200, 80, 40))
    assert panel.viewer.export.isEnabled()
    with qtbot.waitSignal(panel.handle.preview):
        opened.engine.push(Preview(job.id, picture((1, 2, 3))))
    assert seen(panel) == (200, 80, 40)
    opened.engine.push(Made(job.id, picture((60, 60, 60))))
    qtbot.waitUntil(lambda: shown_prompt(panel) == "the second")
    qtbot.waitUntil(lambda: seen(panel) == (60, 60, 60))
    opened.engine.push(Preview(job.id, picture(BLUR)))
    qtbot.waitUntil(lambda: seen(panel) == BLUR)
    assert panel.viewer.canvas.item is None
    opened.engine.push(Done(job.id, Result()))
    qtbot.waitUntil(lambda: seen(panel) == (60, 60, 60))
    assert shown_prompt(panel) == "the second"


def test_what_could_not_be_saved_is_no_other_picture(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "the first")
    opened.refusal = StudioError("The disk is full.")
    panel.prompt.set_text("the second")
    panel.make()
    with qtbot.waitSignal(panel.handle.unsaved):
        opened.engine.finish(picture((9, 9, 90)))
    qtbot.waitUntil(lambda: seen(panel) == (9, 9, 90))
    assert not panel.viewer.export.isEnabled()
    assert panel.viewer.stage._file == ""


def test_after_a_delete_the_picture_beside_it_is_shown(qtbot: QtBot, opened: Opened) -> None:
    for prompt in ("the first", "the second", "the third"):
        panel = generate(qtbot, opened, prompt)
    panel.viewer.pick([panel.viewer.strip.keys()[1]])
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: len(panel.viewer.strip.keys()) == 2)
    assert shown_prompt(panel) == "the first"
    qtbot.waitUntil(panel.viewer.stage.has_picture)
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: shown_prompt(panel) == "the third")
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: not panel.viewer.stage.has_picture())
    assert panel.viewer.stage._empty.isVisible()


def test_after_a_restart_the_newest_picture_is_shown(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        generate(qtbot, opened, "the first")
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        qtbot.waitUntil(panel.viewer.stage.has_picture)
        assert shown_prompt(panel) == "the first"
        assert not panel.viewer.stage._empty.isVisible()
        assert panel.viewer.strip.selected() == [panel.viewer.canvas.item.id]


def test_a_picture_that_is_gone_is_said_and_no_newcomer_is_greeted(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        path = generate(qtbot, opened, "the first").viewer.canvas.item.path
    Path(path).write_bytes(b"broken")
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        qtbot.waitUntil(lambda: "can't be shown" in panel.viewer.stage._words)
        assert not panel.viewer.stage._empty.isVisible()


def test_where_nothing_is_nothing_can_be_done_with_it(opened: Opened) -> None:
    panel = room(opened, "image")
    assert panel.viewer.stage._empty.isVisible()
    assert not any(button.isEnabled() for button in (*panel.viewer.of_item, panel.viewer.compare))

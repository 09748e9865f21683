"""The queue: what waits is shown, moved and let go."""

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.core.events import EngineState, Failed, Preview, Started, TextDelta
from studio.library import export
from studio.library.export import ExportOptions
from studio.library.metadata.making import read_making
from studio.shell.queue import BackgroundRow
from studio.ui.layout import OneLine
from tests.app.scripted import picture
from tests.library import things
from tests.opened import in_dialog, press
from tests.shell.conftest import Opened, open_window
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
    second, third = (popup._rows[run.job.id] for run in opened.tracker.line[1:])
    assert [second._up.isEnabled(), second._down.isEnabled()] == [False, True]
    assert [third._up.isEnabled(), third._down.isEnabled()] == [True, False]
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
    assert panel.prompt.edit.hasFocus()


def ask(opened: Opened, *prompts: str, of: str = "image") -> Any:
    """Ask for a thing of each prompt; the first one runs, the others wait."""
    panel = room(opened, of)
    for prompt in prompts:
        panel.prompt.set_text(prompt)
        panel.make()
    return panel


def fail(qtbot: QtBot, opened: Opened, sentence: str = "The engine stopped.") -> None:
    """Let the running job take the engine down."""
    run = opened.tracker.active
    assert run is not None
    with qtbot.waitSignal(run.failed):
        opened.engine.push(Failed(run.job.id, "engine_died", sentence, "last words"))


def card(opened: Opened, place: int) -> Any:
    """The card at ``place`` in the queue, which is shown."""
    if not opened.window._queue.isVisible():
        opened.window._queue.open()
    return opened.window._queue._rows[opened.tracker.line[place].job.id]


def test_clear_takes_what_failed_as_well(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "first", "second", "third")
    run = opened.tracker.active
    assert run is not None
    with qtbot.waitSignal(run.failed):
        opened.engine.push(Failed(run.job.id, "bad_request", "The model ended at once."))
    opened.window._queue.open()
    clear = opened.window._queue._clear
    qtbot.mouseClick(clear, LEFT)
    assert [run.job.task.prompt for run in opened.tracker.line] == ["second"], "what runs goes on"  # type: ignore[attr-defined]
    assert not clear.isEnabled()
    fail(qtbot, opened)
    assert opened.tracker.unfinished == 1
    qtbot.mouseClick(clear, LEFT)
    assert (opened.tracker.line, opened.tracker.unfinished) == ((), 0)


def test_a_waiting_request_is_changed_in_its_card(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "running", "second")

    def use(dialog: Any) -> None:
        steps = dialog.form.control("steps").box
        steps.setFocus()
        steps.selectAll()
        qtbot.keyClicks(steps, "11")
        press(qtbot, dialog, "OK")

    in_dialog(lambda: qtbot.mouseClick(card(opened, 1)._edit, LEFT), use)
    changed = opened.tracker.line[1].job.task
    assert (changed.prompt, changed.steps) == ("second", 11)  # type: ignore[attr-defined]


def test_a_request_that_begins_while_it_is_changed_says_so(qtbot: QtBot, opened: Opened) -> None:
    panel = ask(opened, "running", "second")

    def use(dialog: Any) -> None:
        with qtbot.waitSignal(opened.tracker.line[0].done):
            opened.engine.finish()
        press(qtbot, dialog, "OK")
        assert dialog.isVisible()
        assert dialog._trouble.text() == "This request has already started and can't be changed."
        dialog.reject()

    in_dialog(lambda: qtbot.mouseClick(card(opened, 1)._edit, LEFT), use)
    assert panel.banner.message == ""


def test_what_failed_is_counted_and_tried_again_from_its_card_in_its_room(qtbot: QtBot, opened: Opened) -> None:
    panel = ask(opened, "a kite")
    fail(qtbot, opened)
    assert opened.window._bar.queue.text() == "1 unfinished"
    assert "The engine stopped." in card(opened, 0)._state.text()
    qtbot.mouseClick(card(opened, 0)._retry, LEFT)
    job = opened.engine.jobs[-1]
    assert len(opened.engine.jobs) == 2
    opened.engine.push(Started(job.id), Preview(job.id, picture()))
    qtbot.waitUntil(panel.viewer.stage.has_picture)
    fail(qtbot, opened, "It died again.")
    assert "It died again." in panel.banner.message
    assert not card(opened, 0)._retry.isVisible()
    qtbot.mouseClick(card(opened, 0)._remove, LEFT)
    assert opened.window._bar.queue.text() == "Queue"


def test_a_text_is_tried_again_from_its_card_into_the_same_place(qtbot: QtBot, opened: Opened) -> None:
    panel = ask(opened, "the cat", of="write")
    opened.engine.push(Started(opened.engine.jobs[-1].id), TextDelta(opened.engine.jobs[-1].id, " sat"))
    fail(qtbot, opened)
    qtbot.mouseClick(card(opened, 0)._retry, LEFT)
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), TextDelta(job.id, " ran"))
    qtbot.waitUntil(lambda: [variant.text() for variant in panel.conversation.variants] == ["the cat ran"])


def test_requests_of_last_time_are_shown_in_their_room(qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    with open_window(qtbot) as opened:
        ask(opened, "running", "waiting")
        ask(opened, "a text", of="write")
        opened.tracker.remove(opened.tracker.line[0].job.id)
        room(opened, "image")
    with open_window(qtbot) as opened:
        panel = opened.window.panel()
        qtbot.mouseClick(card(opened, 0)._remove, LEFT) if opened.tracker.line[0].over else None
        qtbot.mouseClick(opened.window._queue._pause, LEFT)
        job = opened.engine.jobs[-1]
        assert job.task.prompt == "waiting"  # type: ignore[attr-defined]
        opened.engine.push(Started(job.id), Preview(job.id, picture()))
        qtbot.waitUntil(panel.viewer.stage.has_picture)
        with qtbot.waitSignal(opened.tracker.kept):
            opened.engine.finish(picture())
        job = opened.engine.jobs[-1]
        assert job.task.prompt == "a text"  # type: ignore[attr-defined]
        opened.engine.push(Started(job.id))
        qtbot.waitUntil(lambda: opened.tracker.active is not None and opened.tracker.active.state == "running")
        writing = room(opened, "write")  # built only now
        opened.engine.push(TextDelta(job.id, " that grows"))
        qtbot.waitUntil(lambda: [variant.text() for variant in writing.conversation.variants] == ["a text that grows"])


def test_trouble_in_another_room_is_said_here_and_leads_there(qtbot: QtBot, opened: Opened) -> None:
    panel = ask(opened, "a kite")
    room(opened, "library")
    fail(qtbot, opened)
    assert opened.window._toasts.messages == ["a kite: The engine stopped."]
    press(qtbot, opened.window._toasts, "Show")
    assert opened.window._queue.isVisible()
    assert "The engine stopped." in card(opened, 0)._state.text()
    room(opened, "image")
    assert "The engine stopped." in panel.banner.message


def test_an_engine_that_dies_of_every_request_pauses_the_queue(qtbot: QtBot, opened: Opened) -> None:
    ask(opened, "kills it", "waits")
    opened.engine.push(EngineState("gone", "The engine stopped 3 times within a minute."))
    fail(qtbot, opened)
    assert opened.window._bar.queue.text() == "1 queued · 1 unfinished · paused"
    assert len(opened.engine.jobs) == 1
    press(qtbot, opened.window._toasts, "Resume")
    assert len(opened.engine.jobs) == 2


# -- closing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def unsaved(qtbot: QtBot, opened: Opened) -> Opened:
    """A picture is in memory only: the disk is full."""
    opened.refusal = StudioError("The disk is full.")
    panel = ask(opened, "a kite")
    with qtbot.waitSignal(panel.handle.unsaved):
        opened.engine.finish(picture(seed=7))
    return opened


def closing(qtbot: QtBot, opened: Opened, words: str) -> None:
    """Close the window and answer its question with the button ``words``."""

    def answer(dialog: Any) -> None:
        press(qtbot, dialog, words)
        qtbot.waitUntil(lambda: not dialog.isVisible())

    in_dialog(opened.window.close, answer)


def test_closing_asks_about_what_is_in_memory_only(qtbot: QtBot, unsaved: Opened) -> None:
    def use(dialog: Any) -> None:
        assert (dialog._words.text(), dialog._why.text()) == (
            "Items not yet on the disk: 1",
            "The disk is full.",
        )
        press(qtbot, dialog, "Save again")
        qtbot.waitUntil(dialog.again.isEnabled)
        assert dialog.isVisible()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    in_dialog(unsaved.window.close, use)
    assert unsaved.window.isVisible()
    assert len(unsaved.tracker.unsaved) == 1


def test_it_is_saved_again_and_the_window_closes(qtbot: QtBot, unsaved: Opened) -> None:
    unsaved.refusal = None
    with qtbot.waitSignal(unsaved.tracker.kept) as kept:
        closing(qtbot, unsaved, "Save again")
    assert Path(kept.args[0].path).exists()  # type: ignore[index]
    assert not unsaved.window.isVisible()


def test_it_is_saved_elsewhere_with_its_settings(
    qtbot: QtBot, unsaved: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsaved.refusal = None
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    closing(qtbot, unsaved, "Save in another folder…")
    (file,) = (tmp_path / "stick").iterdir()
    making = read_making(file)
    assert making is not None
    assert making.info.prompt == "a kite"
    assert not unsaved.window.isVisible()


def test_it_is_let_go_when_the_person_says_so(qtbot: QtBot, unsaved: Opened) -> None:
    closing(qtbot, unsaved, "Close and discard them")
    assert not unsaved.window.isVisible()


def test_an_export_is_in_the_queue_and_can_be_stopped_there(
    qtbot: QtBot, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [opened.library.keep(things.image_job(), things.pixels(n), "m") for n in range(20)]
    goes_on, encode, count = threading.Event(), export._encode, itertools.count(1)

    def held(*rest: Any) -> None:
        if next(count) == 3:
            goes_on.wait()
        encode(*rest)

    monkeypatch.setattr(export, "_encode", held)
    opened.window._queue.open()
    assert not opened.window._queue.findChildren(BackgroundRow)
    files: list[Path] = []
    opened.services.export(items, ExportOptions(folder=str(tmp_path / "out")), files.extend, pytest.fail)
    qtbot.waitUntil(lambda: shown(opened) == ["Export 20 items", "2 / 20"])
    (row,) = opened.window._queue.findChildren(BackgroundRow)
    qtbot.mouseClick(row.stop, LEFT)
    assert shown(opened) == ["Export 20 items", "Stopping…"]
    goes_on.set()
    qtbot.waitUntil(lambda: len(files) == 3)
    assert len(things.contents(tmp_path / "out")) == 3
    qtbot.waitUntil(lambda: not opened.window._queue.findChildren(BackgroundRow))


def shown(opened: Opened) -> list[str]:
    """What the rows of the work beside the line say."""
    labels = [each for row in opened.window._queue.findChildren(BackgroundRow) for each in row.findChildren(QLabel)]
    return [each.whole() if isinstance(each, OneLine) else each.text() for each in labels]

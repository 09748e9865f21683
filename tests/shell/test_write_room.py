"""The Write room on a scripted engine: streaming, continuing, chatting."""

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Done, Made, Started, Words
from studio.core.values import Result, words
from studio.features.write.task import Turn, WriteTask
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, room


def write(qtbot: QtBot, opened: Opened, prompt: str, *texts: str) -> Any:
    """Write ``texts`` as variants; returns the panel."""
    panel = room(opened, "write")
    panel.form.set_values({"variants": len(texts)})
    panel.prompt.set_text(prompt)
    qtbot.mouseClick(panel.go, LEFT)
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id))
    for index, text in enumerate(texts):
        opened.engine.push(*(Words(job.id, part, index) for part in text))
    made = [
        Made(job.id, words(text, index=index, tokens=3, tokens_per_second=40.0)) for index, text in enumerate(texts)
    ]
    with qtbot.waitSignal(panel._run.done):
        opened.engine.push(*made, Done(job.id, Result()))
    return panel


def test_variants_stream_side_by_side(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon", " 猫🐈", " c", " d")
    assert [variant.text() for variant in panel.variants] == [" a moon", " 猫🐈", " c", " d"]
    assert "40 tokens/s" in panel.variants[0]._facts.text()


def test_continue_goes_on_from_the_edit(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon")
    variant = panel.variants[0]
    qtbot.keyClick(variant.edit, Qt.Key.Key_End, CONTROL)
    qtbot.keyClicks(variant.edit, " rose")
    qtbot.mouseClick(variant.go_on, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert (task.begin, task.prompt, task.variants) == (" a moon rose", "Once", 1)


def test_an_answered_question_becomes_history(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    write(qtbot, opened, "Who are you?", "A writer.")
    write(qtbot, opened, "And I?", "A reader.")
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert task.history == (Turn("user", "Who are you?"), Turn("assistant", "A writer."))


def test_a_text_goes_on_to_image(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", "a pink\nmoon")
    qtbot.mouseClick(panel.variants[0].send, LEFT)
    assert opened.window.room == "image"
    assert opened.window.panel().prompt.text() == "a pink moon"


def test_a_stop_keeps_the_words(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), Words(job.id, "half a "))
    qtbot.waitUntil(lambda: panel.variants[0].text() == "half a ")
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    with qtbot.waitSignal(panel._run.cancelled):
        opened.engine.push(Cancelled(job.id))
    assert panel.variants[0].text() == "half a "
    assert not panel.variants[0].edit.isReadOnly()

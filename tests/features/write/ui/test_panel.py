"""The Write room where runs cross: a second request, a second try, a chat with an answer missing."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel
from studio.core.events import Done, Failed, Made, Started, TextDelta
from studio.core.values import Job, Result, words
from studio.features.write.tasks.write import Turn, WriteFacts, WriteTask
from tests.opened import LEFT, Opened, open_window, press, room


def ask(opened: Opened, panel: Any, prompt: str) -> Job:
    """Ask for ``prompt``; the newest job in the queue."""
    panel.prompt.set_text(prompt)
    panel.make()
    job: Job = opened.tracker.line[-1].job
    return job


def written(qtbot: QtBot, opened: Opened, panel: Any, job: Job, *texts: str) -> None:
    """Write ``texts`` to the job's end."""
    opening = job.task.opening  # type: ignore[attr-defined]  # a WriteTask
    made = [Made(job.id, words(opening + text, WriteFacts(index=index))) for index, text in enumerate(texts)]
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.push(Started(job.id), *made, Done(job.id, Result()))


def chatting(qtbot: QtBot, opened: Opened) -> Any:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    return panel


def test_a_run_whose_cards_are_gone_writes_on(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    first = ask(opened, panel, "one")
    run = panel.handle
    opened.engine.push(Started(first.id), TextDelta(first.id, "a"))
    qtbot.waitUntil(lambda: panel.conversation.variants[0].text() == "onea")
    second = ask(opened, panel, "two")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    with qtbot.waitSignal(run.done):
        opened.engine.push(
            TextDelta(first.id, "b"), Made(first.id, words("oneab", WriteFacts(index=0))), Done(first.id, Result())
        )
    written(qtbot, opened, panel, second, "c")
    assert [variant.text() for variant in panel.conversation.variants] == ["twoc"]
    assert opened.library.count() == 2


def test_a_second_try_writes_into_the_same_card_from_where_it_began(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.form.set_values({"variants": 2})
    written(qtbot, opened, panel, ask(opened, panel, "P"), "one", "two")
    panel.conversation.variants[1].continued.emit()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), TextDelta(job.id, " lost"), Failed(job.id, "engine_died", "It died."))
    qtbot.waitUntil(lambda: panel.banner.message == "It died.")
    press(qtbot, panel.banner, "Try again")
    again = opened.engine.jobs[-1]
    opened.engine.push(Started(again.id), TextDelta(again.id, " more"))
    qtbot.waitUntil(lambda: panel.conversation.variants[1].text() == "Ptwo more")
    assert panel.conversation.variants[0].text() == "Pone"


def test_a_question_without_an_answer_is_no_history(qtbot: QtBot, opened: Opened) -> None:
    panel = chatting(qtbot, opened)
    job = ask(opened, panel, "Who?")
    opened.engine.push(Started(job.id), Failed(job.id, "internal", "No."))
    qtbot.waitUntil(lambda: panel.banner.message == "No.")
    task = ask(opened, panel, "Who then?").task
    assert isinstance(task, WriteTask)
    assert task.history == ()


def test_an_answer_becomes_history_once(qtbot: QtBot, opened: Opened) -> None:
    panel = chatting(qtbot, opened)
    written(qtbot, opened, panel, ask(opened, panel, "Who?"), "I.")
    panel.models.current = lambda: None
    panel.make()
    del panel.models.current
    task = ask(opened, panel, "Where?").task
    assert isinstance(task, WriteTask)
    assert task.history == (Turn("user", "Who?"), Turn("assistant", "I."))


def test_a_draft_that_stands_is_no_question_of_the_chat(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    written(qtbot, opened, panel, ask(opened, panel, "Once"), " upon a time")
    press(qtbot, panel, "Chat")
    task = ask(opened, panel, "Who?").task
    assert isinstance(task, WriteTask)
    assert (task.mode, task.history) == ("chat", ())


def test_a_draft_is_continued_as_a_draft(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    written(qtbot, opened, panel, ask(opened, panel, "Once"), " upon a time")
    press(qtbot, panel, "Chat")
    panel.conversation.variants[0].continued.emit()
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert (task.mode, task.prompt, task.begin) == ("draft", "Once", " upon a time")


def test_an_earlier_chat_comes_back_with_its_messages(opened: Opened) -> None:
    panel = room(opened, "write")
    before = (Turn("user", "Who?"), Turn("assistant", "I."))
    job = Job(task=WriteTask(prompt="Where?", mode="chat", history=before), model=panel.models.address())
    panel.receive(Parcel(room="write", job=job))
    panel.make()
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert (task.prompt, task.history) == ("Where?", before)


def test_a_chat_goes_on_after_a_restart(qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    with open_window(qtbot) as opened:
        panel = chatting(qtbot, opened)
        written(qtbot, opened, panel, ask(opened, panel, "Who?"), "I.")
        written(qtbot, opened, panel, ask(opened, panel, "Where?"), "Here.")
        panel.prompt.set_text("And w")
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        qtbot.waitUntil(lambda: [variant.text() for variant in panel.conversation.variants] == ["Here."])
        assert panel.prompt.text() == "And w"
        task = ask(opened, panel, "And why?").task
        assert isinstance(task, WriteTask)
        assert [turn.text for turn in task.history] == ["Who?", "I.", "Where?", "Here."]


def test_a_chat_that_was_ended_stays_ended(qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    with open_window(qtbot) as opened:
        panel = chatting(qtbot, opened)
        written(qtbot, opened, panel, ask(opened, panel, "Who?"), "I.")
        press(qtbot, panel, "New chat")
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        qtbot.waitUntil(lambda: panel.earlier.count() == 1)
        assert panel.conversation.variants == []
        assert panel.conversation.history == ()


def test_a_model_that_is_gone_is_said(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    with qtbot.waitSignal(opened.services.noticed):
        panel.receive(Parcel(room="write", job=Job(task=WriteTask(prompt="x"), model="/gone")))

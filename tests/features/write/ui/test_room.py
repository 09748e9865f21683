"""The Write room on a scripted engine: streaming, continuing, chatting."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Done, Made, Started, TextDelta
from studio.core.values import Result, words
from studio.features.write.tasks.write import Turn, WriteFacts, WriteTask
from studio.features.write.ui.about import facts_in_words
from studio.ui.theme import apply_theme, token
from tests.shell.conftest import Opened, open_window
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
        opened.engine.push(*(TextDelta(job.id, part, index) for part in text))
    opening = job.task.opening
    made = [
        Made(job.id, words(opening + text, WriteFacts(index=index, tokens=3, tokens_per_second=40.0)))
        for index, text in enumerate(texts)
    ]
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.push(*made, Done(job.id, Result()))
    return panel


def test_variants_stream_side_by_side(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon", " 猫🐈", " c", " d")
    assert [variant.text() for variant in panel.conversation.variants] == [
        "Once a moon",
        "Once 猫🐈",
        "Once c",
        "Once d",
    ]
    assert "40 tokens/s" in panel.conversation.variants[0]._facts.text()


def test_a_text_whose_turn_has_not_come_says_that_it_waits(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    opened.tracker.pause(True)
    panel.prompt.set_text("Once")
    qtbot.mouseClick(panel.go, LEFT)
    facts = panel.conversation.variants[0]._facts
    assert facts.text() == "· waiting in the queue…"
    opened.tracker.pause(False)
    qtbot.waitUntil(lambda: bool(opened.engine.jobs))
    opened.engine.push(Started(opened.engine.jobs[-1].id))
    qtbot.waitUntil(lambda: facts.text() == "· writing…")


def test_what_went_otherwise_than_asked_stands_below_the_text(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.prompt.set_text("Once")
    qtbot.mouseClick(panel.go, LEFT)
    job = opened.engine.jobs[-1]
    made = Made(job.id, words("Once a moon", WriteFacts(index=0, tokens=91, context=96, truncated=3)))
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.push(Started(job.id), made, Done(job.id, Result()))
    said = [label.text() for label in panel.conversation.variants[0].findChildren(QLabel) if label.isVisible()]
    assert said[-1] == (
        "3 tokens of the prompt were past the model's limit and ignored. The text ends here: the model can't take "
        "more than 96 tokens."
    )
    qtbot.mouseClick(panel.conversation.variants[0].go_on, LEFT)
    assert said[-1] not in [label.text() for label in panel.conversation.variants[0].findChildren(QLabel)]


def test_continue_goes_on_from_the_edit(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon")
    variant = panel.conversation.variants[0]
    qtbot.keyClick(variant.edit, Qt.Key.Key_End, CONTROL)
    qtbot.keyClicks(variant.edit, " rose")
    qtbot.mouseClick(variant.go_on, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert (task.begin, task.prompt, task.variants) == (" a moon rose", "Once", 1)


def test_an_edit_of_the_beginning_is_gone_on_from_as_well(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon")
    variant = panel.conversation.variants[0]
    qtbot.keyClick(variant.edit, Qt.Key.Key_Home, CONTROL)
    qtbot.keyClicks(variant.edit, "Not ")
    qtbot.mouseClick(variant.go_on, LEFT)
    task = opened.engine.jobs[-1].task
    assert (task.begin, task.prompt) == ("", "Not Once a moon")


def test_an_answered_question_becomes_history(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    write(qtbot, opened, "Who are you?", "A writer.")
    write(qtbot, opened, "And I?", "A reader.")
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert task.history == (Turn("user", "Who are you?"), Turn("assistant", "A writer."))
    said = [words.text() for words in panel.conversation.talk.findChildren(QLabel) if words.isVisible()]
    assert [words for words in said if words.endswith((".", "?"))] == ["Who are you?", "A writer.", "And I?"]
    assert panel.prompt.text() == ""


def test_a_chat_goes_on_from_the_answer_that_was_clicked(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    write(qtbot, opened, "Who?", "I.", "You.")
    assert [variant.property("chosen") for variant in panel.conversation.variants] == [True, False]
    qtbot.mouseClick(panel.conversation.variants[1].edit.viewport(), LEFT)
    assert [variant.property("chosen") for variant in panel.conversation.variants] == [False, True]
    panel.prompt.set_text("Where?")
    qtbot.keyClick(panel.conversation.variants[1].edit, Qt.Key.Key_Return, CONTROL)
    assert opened.engine.jobs[-1].task.history == (Turn("user", "Who?"), Turn("assistant", "You."))
    assert panel.prompt.edit.hasFocus(), "the card that was clicked is gone"


def test_the_last_question_is_answered_again(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    assert not panel.anew.isEnabled()
    write(qtbot, opened, "Who?", "I.")
    write(qtbot, opened, "Where?", "Here.")
    before = opened.engine.jobs[-1].task
    panel.prompt.set_text("And wh")
    qtbot.mouseClick(panel.anew, LEFT)
    again = opened.engine.jobs[-1].task
    assert (again.prompt, again.history) == (before.prompt, before.history)
    assert panel.prompt.text() == "And wh"
    panel.prompt.set_text("")
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Return, CONTROL)
    assert (opened.engine.jobs[-1].task.prompt, len(opened.tracker.line)) == ("Where?", 2)


def test_a_question_that_nobody_answered_comes_back(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    panel.prompt.set_text("Who?")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id))
    assert panel.prompt.text() == ""
    panel.stop()
    with qtbot.waitSignal(panel.handle.cancelled):
        opened.engine.push(Cancelled(job.id))
    assert panel.prompt.text() == "Who?"


def test_what_the_model_was_given_is_paler(qtbot: QtBot, qapp: QApplication, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once 🐈", " a moon")
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)
        (given,) = panel.conversation.variants[0].edit.extraSelections()
        assert given.cursor.selectedText() == "Once 🐈"
        assert given.format.foreground().color() == token("dim")


def test_what_is_written_stays_in_sight_until_one_scrolls_away(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.prompt.set_text("once upon a time " * 300)
    panel.make()
    job = opened.engine.jobs[-1]
    edit = panel.conversation.variants[0].edit
    bar = edit.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    opened.engine.push(Started(job.id), TextDelta(job.id, "a\nb\nc\n" * 9))
    end = bar.maximum()
    qtbot.waitUntil(lambda: bar.maximum() > end and bar.value() == bar.maximum())
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    opened.engine.push(TextDelta(job.id, "d"))
    qtbot.waitUntil(lambda: edit.text().endswith("d"))
    assert bar.value() == 0


def test_short_texts_are_shown_whole(qtbot: QtBot, opened: Opened) -> None:
    for width in (1280, 960):
        opened.window.resize(width, 540)
        panel = write(qtbot, opened, "Once", *(" upon a time" * count for count in (5, 16, 17, 40)))
        bars = [variant.edit.verticalScrollBar() for variant in panel.conversation.variants]
        qtbot.waitUntil(lambda bars=bars: not any(bar.maximum() for bar in bars))
        assert panel.conversation.variants[3].edit.height() > panel.conversation.variants[0].edit.height()


def test_a_text_goes_on_to_image(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a pink\nmoon")
    qtbot.mouseClick(panel.conversation.variants[0].send, LEFT)
    assert opened.window.room == "image"
    assert opened.window.panel().prompt.text() == "Once a pink moon"


def test_a_stop_keeps_the_words(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), TextDelta(job.id, "half a "))
    qtbot.waitUntil(lambda: panel.conversation.variants[0].text() == "half a ")
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    with qtbot.waitSignal(panel.handle.cancelled):
        opened.engine.push(Cancelled(job.id))
    assert panel.conversation.variants[0].text() == "half a "
    assert not panel.conversation.variants[0].edit.isReadOnly()


def test_only_a_newcomer_is_told_how_to_begin(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        assert panel.conversation.talk.empty.isVisible()
        write(qtbot, opened, "Once", " a moon")
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        qtbot.waitUntil(lambda: panel.earlier.count() == 1)
        assert panel.conversation.talk.quiet.isVisible()
        assert not panel.conversation.talk.empty.isVisible()


def test_variants_stand_side_by_side_where_there_is_room(qtbot: QtBot, opened: Opened) -> None:
    opened.window.resize(1920, 1080)
    panel = write(qtbot, opened, "Once", " a moon", " a cat", " c", " d")
    QApplication.processEvents()
    places = [variant.geometry() for variant in panel.conversation.variants]
    assert places[0].top() == places[1].top() < places[2].top() == places[3].top()
    assert places[0].right() < places[1].left()
    opened.window.resize(900, 700)
    QApplication.processEvents()
    places = [variant.geometry() for variant in panel.conversation.variants]
    assert len({place.left() for place in places}) == 1
    assert [place.top() for place in places] == sorted({place.top() for place in places})


def test_one_token_is_said_as_one() -> None:
    assert facts_in_words(WriteFacts(tokens=1)) == "1 token"
    assert facts_in_words(WriteFacts(tokens=1200)) == "1,200 tokens"


def test_a_chat_that_was_forgotten_comes_back_with_its_answers(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    write(qtbot, opened, "Who are you?", "A writer.")
    write(qtbot, opened, "And I?", "A reader.", "A guest.")
    qtbot.mouseClick(panel.fresh, LEFT)
    assert panel.conversation.variants == []
    panel.earlier.setFocus()
    qtbot.keyClick(panel.earlier, "Z", CONTROL)
    assert [variant.text() for variant in panel.conversation.variants] == ["A reader.", "A guest."]
    panel.prompt.set_text("Why?")
    panel.make()
    history = opened.engine.jobs[-1].task.history
    assert [turn.text for turn in history] == ["Who are you?", "A writer.", "And I?", "A reader."]


def test_a_chat_that_goes_on_after_a_restart_is_no_step_to_undo(qtbot: QtBot) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        qtbot.mouseClick(panel.mode.button("chat"), LEFT)
        write(qtbot, opened, "Who are you?", "A writer.")
    with open_window(qtbot) as opened:
        panel = room(opened, "write")
        qtbot.waitUntil(lambda: len(panel.conversation.variants) == 1)
        assert opened.services.undo.next_undo("write") is None


def test_settings_are_taken_back_one_by_one(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    before = panel.task()
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    qtbot.keyClick(panel.form.control("temperature").slider, Qt.Key.Key_PageUp)
    panel.prompt.edit.setFocus()
    qtbot.keyClicks(panel.prompt.edit, "Who?")
    stop = panel.form.control("stop").edit
    panel.form.section.open(True)
    stop.setFocus()
    qtbot.keyClicks(stop, "END")
    qtbot.keyClick(stop, Qt.Key.Key_Return)
    task = panel.task()
    assert (task.mode, task.temperature, task.prompt, task.stop) == ("chat", 1.3, "Who?", ("END",))
    panel.go.setFocus()
    for _ in range(4):
        assert panel.task() != before
        qtbot.keyClick(panel.go, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before
    assert not panel.fresh.isVisible()
    for _ in range(4):
        qtbot.keyClick(panel.go, Qt.Key.Key_Y, CONTROL)
    assert panel.task() == task


def test_a_preset_holds_the_sampling_and_the_instructions_and_no_model(
    qtbot: QtBot, opened: Opened, home: Path
) -> None:
    panel = room(opened, "write")
    own = {"system": "You are a pirate.", "mode": "chat", "temperature": 1.5, "stop": ("END",)}
    panel.request.change({**own, "prompt": "Who?", "seed": 7})
    panel.presets.save("Pirate", with_prompts=False)
    qtbot.waitUntil(lambda: panel.presets.names == ["Pirate"])
    data = json.loads((home / "data" / "write" / "presets" / "Pirate.json").read_text())
    assert "model" not in data
    assert not data["task"].keys() & {"prompt", "seed", "history", "begin"}
    panel.request.change({"system": "", "mode": "draft", "temperature": 0.2, "stop": (), "prompt": "Once"})
    panel.presets.apply("Pirate")
    qtbot.waitUntil(lambda: panel.task().system == "You are a pirate.")
    task = panel.task()
    assert (task.mode, task.temperature, task.stop, task.prompt, task.seed) == ("chat", 1.5, ("END",), "Once", 7)


def test_an_earlier_text_that_was_opened_is_put_back_and_opened_again(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon")
    qtbot.waitUntil(lambda: panel.earlier.count() == 1)
    write(qtbot, opened, "Twice", " a cat")
    qtbot.waitUntil(lambda: panel.earlier.count() == 2)
    panel.earlier.opened.emit(list(panel.history.items.values())[1])
    texts = lambda: [variant.text() for variant in panel.conversation.variants]  # noqa: E731  asked again and again
    qtbot.waitUntil(lambda: texts() == ["Once a moon"])
    panel.go.setFocus()
    qtbot.keyClick(panel.go, Qt.Key.Key_Z, CONTROL)
    assert (texts(), panel.prompt.text()) == (["Twice a cat"], "Twice")
    qtbot.keyClick(panel.go, Qt.Key.Key_Y, CONTROL)
    assert (texts(), panel.prompt.text()) == (["Once a moon"], "Once")

"""The counter: tokens are counted beside the window, and a tokenizer that breaks breaks nothing else."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from studio.app.counter import TokenCounter
from studio.core.resources import starters
from studio.models.catalogue import Model, inspect_model
from studio.models.tokens import count_tokens
from tests.models.folders import language_model

Counted = tuple[int, int] | None


@pytest.fixture
def counter(qtbot: QtBot) -> Iterator[TokenCounter]:
    made = TokenCounter()
    yield made
    made.close()


@pytest.fixture
def scenes() -> Model:
    return inspect_model(starters() / "scenes", bundled=True)


def asked(qtbot: QtBot, counter: TokenCounter, model: Model, *texts: str) -> list[Counted]:
    answers: list[Counted] = []
    for text in texts:
        counter.count(model, text, answers.append)
    qtbot.waitUntil(lambda: len(answers) == len(texts), timeout=30_000)
    return answers


def test_it_counts_as_the_model_does_in_the_order_of_the_questions(
    qtbot: QtBot, counter: TokenCounter, scenes: Model
) -> None:
    texts = ["", "a red balloon over the sea", "文字 🎈\nof two lines", "\ud83c"]
    assert asked(qtbot, counter, scenes, *texts) == [count_tokens(scenes, text) for text in texts]


def test_a_model_without_a_tokenizer_is_not_counted(qtbot: QtBot, counter: TokenCounter, tmp_path: Path) -> None:
    assert asked(qtbot, counter, inspect_model(language_model(tmp_path / "b")), "x") == [None]


def test_what_the_process_died_of_is_answered_and_the_next_question_starts_another(
    qtbot: QtBot, counter: TokenCounter, scenes: Model
) -> None:
    assert asked(qtbot, counter, scenes, "x") != [None]
    process = counter._process.processId()
    os.kill(process, signal.SIGSTOP)
    answers: list[Counted] = []
    counter.count(scenes, "x", answers.append)
    os.kill(process, signal.SIGKILL)
    qtbot.waitUntil(lambda: answers == [None])
    assert asked(qtbot, counter, scenes, "x") != [None]
    assert counter._process.processId() != process


def test_a_tokenizer_that_never_ends_is_given_up(qtbot: QtBot, counter: TokenCounter, scenes: Model) -> None:
    asked(qtbot, counter, scenes, "x")
    counter._patience.setInterval(50)
    os.kill(counter._process.processId(), signal.SIGSTOP)
    assert asked(qtbot, counter, scenes, "x", "y") == [None, None]


def test_closing_ends_the_process_and_answers_nothing(qtbot: QtBot, counter: TokenCounter, scenes: Model) -> None:
    asked(qtbot, counter, scenes, "x")
    process = counter._process.processId()
    counter.count(scenes, "y", lambda _: pytest.fail("answered after the end"))
    counter.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_program_that_cannot_be_started_is_no_count(
    qtbot: QtBot, counter: TokenCounter, scenes: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/there/is/no/python")
    assert asked(qtbot, counter, scenes, "x") == [None]


def test_what_ends_a_session_is_left_to_the_window(qtbot: QtBot, counter: TokenCounter, scenes: Model) -> None:
    """Ctrl+C and a logout send their signal to this process as well."""
    asked(qtbot, counter, scenes, "x")
    process = counter._process.processId()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process, number)
    assert asked(qtbot, counter, scenes, "y") != [None]
    assert counter._process.processId() == process


def test_after_the_end_nothing_is_counted(
    counter: TokenCounter, scenes: Model, caplog: pytest.LogCaptureFixture
) -> None:
    """What is kept at the end changes what rooms show, and they ask."""
    counter.count(scenes, "x", lambda _: pytest.fail("answered after the end"))
    counter.close()
    counter.count(scenes, "y", lambda _: pytest.fail("answered after the end"))
    assert counter._process.state() == QProcess.ProcessState.NotRunning
    assert caplog.text == ""

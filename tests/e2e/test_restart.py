"""A trip over a restart: what waited is there again and can go on; every room knows its last request."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.e2e.driving import Hands, made, opened

pytestmark = pytest.mark.timeout(300)


def test_a_quit_with_a_full_queue_loses_nothing(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qapp, tmp_path) as studio:
        hands = Hands(qtbot, studio)
        words = hands.enter("write")
        hands.type(words.prompt.edit, "Once more")
        hands.number(words.form, "length", 33)
        latent = hands.enter("latent")
        hands.type(latent.settings.seed, "5")
        room = hands.enter("image")
        hands.number(room.form, "steps", 150)
        for prompt in ("the running one", "a first boat", "a second boat"):
            hands.type(room.prompt.edit, prompt)
            hands.make(room.prompt.edit)
            hands.number(room.form, "steps", 6)
        running = studio.tracker.line[0]
        hands.until(lambda: running.at[0] >= 2)
    assert not made(tmp_path, ".png")

    with opened(qapp, tmp_path) as studio:
        hands = Hands(qtbot, studio)
        assert hands.window.room == "image"
        room = hands.window.panel()
        assert (room.prompt.text(), room.task().steps) == ("a second boat", 6)
        states = [(run.job.task.prompt, run.state) for run in studio.tracker.line]  # type: ignore[attr-defined]
        waiting = [("a first boat", "waiting"), ("a second boat", "waiting")]
        assert states == [("the running one", "interrupted"), *waiting]

        runs = studio.tracker.line[1:]
        hands.press(hands.window, "Resume")
        for run in runs:
            hands.finish(run)
        assert len(made(tmp_path, ".png")) == 2

        words = hands.enter("write")
        assert words.prompt.text() == "Once more"
        assert words.task().length == 33
        assert hands.enter("latent").settings.seed.value() == 5

"""What the Latent room says while its pictures are late, and how it goes on after the engine was lost."""

from functools import partial
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, EngineState, Failed, Progress, Started
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.train import TrainTask
from studio.features.latent.ui.explore import waiting
from tests.opened import press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, all_frames, frame, room


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The room, with all its pictures."""
    monkeypatch.setattr(waiting, "TICK_MS", 1)
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    monkeypatch.setattr(waiting, "LATE_MS", 0)
    return panel


def says(qtbot: QtBot, panel: Any, words: str, button: str = "") -> None:
    qtbot.waitUntil(lambda: words in panel.waits.message)
    if button:
        find = partial(panel.waits.findChildren, QPushButton)
        qtbot.waitUntil(lambda: any(one.text() == button and one.isVisible() for one in find()))


def test_it_says_for_what_a_picture_waits_and_stops_that(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    assert "frames/s" in panel.view.speed.text()
    opened.services.make(ImageTask(prompt="a red balloon", count=3), "starter:scenes")
    host = opened.engine.start()
    opened.engine.push(Progress(host.id, 0, 0, "Loading"))
    panel.request.go(5.0, 0.0)
    says(qtbot, panel, "a red balloon ×3 (Loading)", "Cancel it")
    assert "s so far" in panel.waits.message
    assert panel.view.speed.text() == ""
    press(qtbot, panel.waits, "Cancel it")
    assert opened.engine.cancels == [host.id]
    live = next(job for job in opened.engine.jobs if job.id == panel.frames._busy.job.id)
    says(qtbot, panel, "for this to stop")
    opened.engine.push(Cancelled(host.id), Started(live.id))
    says(qtbot, panel, "Making the picture")
    frame(qtbot, opened, panel)
    all_frames(qtbot, opened, panel)
    assert panel.waits.message == ""


def test_a_training_is_paused(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    opened.services.make(TrainTask(folder="/pictures"), "")
    host = opened.engine.start()
    panel.request.go(5.0, 0.0)
    says(qtbot, panel, "Train", "Pause it")
    press(qtbot, panel.waits, "Pause it")
    assert opened.engine.cancels == [host.id]


def test_who_has_put_it_away_is_not_told_again(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    opened.services.make(ImageTask(prompt="a red balloon"), "starter:scenes")
    opened.engine.start()
    panel.request.go(5.0, 0.0)
    says(qtbot, panel, "a red balloon")
    panel.waits.hide()
    with qtbot.waitSignal(panel.waiting.late):
        pass
    assert panel.waits.message == ""


def test_it_waits_for_the_engine_s_start(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    opened.engine.push(EngineState("starting"))
    panel.request.go(5.0, 0.0)
    says(qtbot, panel, "The engine is starting")


def test_the_autoencoder_s_pictures_wait_too(qtbot: QtBot, opened: Opened, panel: Any, tmp_path: Any) -> None:
    qtbot.mouseClick(panel.chips.button("vae"), LEFT)
    mode = panel.mode("vae")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    mode.sets["first"].set_paths([str(tmp_path / "a.png")])
    says(qtbot, panel, "The picture is waiting")


@pytest.mark.parametrize("trouble", ["engine_died", "out_of_memory"])
def test_what_was_lost_is_asked_for_again(qtbot: QtBot, opened: Opened, panel: Any, trouble: Any) -> None:
    opened.services.make(ImageTask(prompt="a red balloon"), "starter:scenes")
    host = opened.engine.start()
    panel.request.go(5.0, 0.0)
    lost = opened.engine.jobs[-1]
    opened.engine.push(Started(lost.id), Failed(lost.id, trouble, "Lost."))
    qtbot.waitUntil(lambda: panel.banner.message == "Lost.")
    opened.engine.push(EngineState("ready") if trouble == "engine_died" else Cancelled(host.id))
    if panel.frames._busy is not None:  # seeds that came into view with the banner
        frame(qtbot, opened, panel)
    qtbot.waitUntil(lambda: opened.engine.jobs[-1].task == lost.task and opened.engine.jobs[-1] is not lost)
    again = opened.engine.jobs[-1]
    opened.engine.push(Started(again.id), Failed(again.id, trouble, "Lost again."), EngineState("ready"))
    qtbot.waitUntil(lambda: panel.banner.message == "Lost again.")
    all_frames(qtbot, opened, panel)
    assert [job.task for job in opened.engine.jobs].count(lost.task) == 2  # what has failed twice is left alone

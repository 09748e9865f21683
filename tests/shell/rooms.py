"""What the tests of rooms do again and again."""

from typing import Any

from pytestqt.qtbot import QtBot

from studio.core.events import Done, Made, Started
from studio.core.values import Result
from studio.features.latent.task import LatentTask
from tests.app.scripted import picture
from tests.opened import CONTROL, LEFT, Opened, room

__all__ = ["CONTROL", "LEFT", "all_frames", "frame", "generate", "room"]


def generate(qtbot: QtBot, opened: Opened, prompt: str = "a red balloon", **notes: Any) -> Any:
    """Make one picture in Image; returns the panel."""
    panel = room(opened, "image")
    panel.prompt.edit.clear()
    qtbot.keyClicks(panel.prompt.edit, prompt)
    qtbot.mouseClick(panel.generate, LEFT)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(picture(seed=7, width=16, height=16, **notes))
    qtbot.waitUntil(lambda: panel._run.over)
    return panel


def frame(qtbot: QtBot, opened: Opened, panel: Any) -> LatentTask:
    """Answer the newest frame job."""
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, LatentTask)
    assert job.lane == "frames"
    count = len(job.task.points or job.task.seeds)
    busy = panel.frames._busy
    made = [Made(job.id, picture(index=index, layers=[3, 7, 10])) for index in range(count)]
    opened.engine.push(Started(job.id), *made, Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.frames._busy is not busy)
    return job.task


def all_frames(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    """Answer frame jobs until nothing more is wanted."""
    while panel.frames._busy is not None:
        frame(qtbot, opened, panel)

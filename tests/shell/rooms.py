"""What the tests of rooms do again and again."""

from typing import Any

from pytestqt.qtbot import QtBot

from studio.core.events import Done, Made, Started
from studio.core.values import Asset, Result
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.questions import DirectionsTask
from tests.app.scripted import picture
from tests.opened import CONTROL, LEFT, Opened, room

__all__ = ["CONTROL", "LEFT", "all_frames", "answer", "frame", "generate", "room"]


def generate(qtbot: QtBot, opened: Opened, prompt: str = "a red balloon", **notes: Any) -> Any:
    """Make one picture in Image; returns the panel."""
    panel = room(opened, "image")
    panel.prompt.edit.clear()
    qtbot.keyClicks(panel.prompt.edit, prompt)
    qtbot.mouseClick(panel.generate, LEFT)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(picture(seed=7, width=16, height=16, **notes))
    qtbot.waitUntil(lambda: panel.handle.over)
    return panel


KNOWN = {"share": 1.0, "key": "0a1b", "size": 4, "pca": [3.0, 2.0, 1.0, 0.5]}
"""What a model with 10 layers says of its directions."""


def frame(qtbot: QtBot, opened: Opened, panel: Any) -> LatentTask:
    """Answer the newest frame job; and if the model is asked for its directions first, this question."""
    job = opened.engine.jobs[-1]
    if isinstance(job.task, DirectionsTask):
        answer(qtbot, opened, panel, Asset(kind="points", notes=KNOWN))
        return frame(qtbot, opened, panel) if panel.frames._busy is not None else LatentTask()
    assert isinstance(job.task, LatentTask)
    count = len(job.task.points or job.task.seeds)
    answer(qtbot, opened, panel, *(picture(index=index, layers=[3, 7, 10]) for index in range(count)))
    return job.task


def answer(qtbot: QtBot, opened: Opened, panel: Any, *assets: Asset) -> Any:
    """Make ``assets`` for the newest job of the frames' lane, and return its task."""
    job, busy = opened.engine.jobs[-1], panel.frames._busy
    assert job.lane == "frames"
    opened.engine.push(Started(job.id), *(Made(job.id, asset) for asset in assets), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.frames._busy is not busy)
    return job.task


def all_frames(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    """Answer frame jobs until nothing more is wanted."""
    while panel.frames._busy is not None:
        frame(qtbot, opened, panel)

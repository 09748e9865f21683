"""What the tests of rooms do again and again."""

from typing import Any

from pytestqt.qtbot import QtBot

from tests.app.scripted import picture
from tests.opened import CONTROL, LEFT, Opened, room

__all__ = ["CONTROL", "LEFT", "generate", "room"]


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

"""What the tests of rooms do again and again."""

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.app.scripted import picture
from tests.shell.conftest import Opened

CONTROL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton


def room(opened: Opened, name: str) -> Any:
    """Enter a room by its key and return its panel."""
    opened.window.enter(name)
    return opened.window.panel()


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

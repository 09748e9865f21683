"""What Details say: of the picture that is on the stage, be it forming, and of what a picture was started from."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Done, Failed, Made, Preview, Started
from studio.core.values import Result
from tests.app.scripted import picture
from tests.opened import drop
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, generate, room


def said(details: QWidget) -> str:
    return "\n".join(each.text() for each in details.findChildren(QLabel) if each.isVisible())


def small_pictures(details: QWidget) -> list[QLabel]:
    return [each for each in details.findChildren(QLabel) if not each.pixmap().isNull() and each.isVisible()]


def begin(qtbot: QtBot, opened: Opened, panel: Any, prompt: str) -> Any:
    """Ask for a picture and let it form; returns its job."""
    panel.prompt.set_text(prompt)
    qtbot.mouseClick(panel.generate, LEFT)
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), Preview(job.id, picture()))
    qtbot.waitUntil(lambda: prompt in said(panel.viewer.details))
    return job


def test_details_are_of_the_picture_that_forms(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "an old kite")
    qtbot.waitUntil(lambda: "an old kite" in said(panel.viewer.details))
    job = begin(qtbot, opened, panel, "a new boat")
    assert "an old kite" not in said(panel.viewer.details)
    assert "Your picture is taking shape" in said(panel.viewer.details)
    assert "Steps · guidance\n20 · 4.0" in said(panel.viewer.details)
    assert not any(button.isEnabled() for button in panel.viewer.of_item)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.push(Made(job.id, picture(seed=9)), Done(job.id, Result()))
    qtbot.waitUntil(lambda: "\n9 · 20 · 4.0" in said(panel.viewer.details))
    assert "Your picture is taking shape" not in said(panel.viewer.details)
    assert "a new boat" in said(panel.viewer.details)
    assert panel.viewer.delete.isEnabled()


@pytest.mark.parametrize("end", ["stopped", "failed"])
def test_details_come_back_when_nothing_comes_of_it(qtbot: QtBot, opened: Opened, end: str) -> None:
    panel = generate(qtbot, opened, "an old kite")
    job = begin(qtbot, opened, panel, "a new boat")
    opened.engine.push(Cancelled(job.id) if end == "stopped" else Failed(job.id, "bad_request", "It broke.", ""))
    qtbot.waitUntil(lambda: "an old kite" in said(panel.viewer.details))
    assert panel.viewer.delete.isEnabled()


@pytest.mark.parametrize("where", ["image", "library"])
def test_details_show_what_a_picture_was_started_from(qtbot: QtBot, opened: Opened, tmp_path: Path, where: str) -> None:
    start = tmp_path / "holiday <b>.png"
    Image.new("RGB", (40, 40), "teal").save(start)
    panel = room(opened, "image")
    drop(panel.start, start)
    qtbot.waitUntil(panel.start.crop.isVisible)
    begin(qtbot, opened, panel, "one that forms")
    qtbot.waitUntil(lambda: len(small_pictures(panel.viewer.details)) == 1)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(picture(seed=7, width=16, height=16))
    qtbot.waitUntil(lambda: "7 · 20" in said(panel.viewer.details))
    details = panel.viewer.details
    if where == "library":
        panel = room(opened, "library")
        qtbot.waitUntil(lambda: panel.grid.model().rowCount() == 1)
        spot = panel.grid.visualRect(panel.grid.model().index(0, 0)).center()
        qtbot.mouseClick(panel.grid.viewport(), LEFT, pos=spot)
        details = panel.details
    qtbot.waitUntil(lambda: bool(small_pictures(details)))
    words = said(details)
    assert "holiday <b>.png" in words
    assert "Strength\n0.60" in words
    (shown,) = small_pictures(details)
    assert shown.pixmap().toImage().pixelColor(5, 5).getRgb()[:3] == (0, 128, 128)


def test_one_that_is_gone_is_named_all_the_same(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    start = tmp_path / "gone.png"
    Image.new("RGB", (40, 40)).save(start)
    panel = room(opened, "image")
    drop(panel.start, start)
    qtbot.waitUntil(panel.start.crop.isVisible)
    start.unlink()
    generate(qtbot, opened)
    qtbot.waitUntil(lambda: "gone.png" in said(panel.viewer.details))
    assert not small_pictures(panel.viewer.details)

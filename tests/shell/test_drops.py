"""Files dragged over the window: every place that takes them shows itself, says what it does, and does it."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.search import InvertTask
from studio.features.latent.ui.widgets.point_list import pack
from studio.ui.drops import _Ring
from tests.app.scripted import picture
from tests.opened import drop
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, all_frames, room


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A picture that says nothing of its making."""
    Image.new("RGB", (16, 16)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def mime_of(file: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    return mime


def enter(widget: QWidget, mime: QMimeData) -> bool:
    """Drag it over the middle of the widget."""
    middle, copy = widget.rect().center(), Qt.DropAction.CopyAction
    event = QDragEnterEvent(middle, copy, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(widget, event)
    return event.isAccepted()


def sentence(opened: Opened) -> str:
    return next((plate.text() for plate in opened.window.findChildren(QLabel, "drop") if plate.isVisible()), "")


def lit(opened: Opened) -> dict[QWidget, bool]:
    """Where rings are, and which of them is the strong one."""
    rings = opened.window.findChildren(_Ring)
    return {ring.parentWidget(): ring._strong for ring in rings if ring.isVisible()}


def test_every_place_lights_up_and_goes_out_again(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    mime = mime_of(file)
    assert enter(panel.invert, mime)
    assert sentence(opened) == "Find this picture's point"
    rings = lit(opened)
    assert rings[panel.invert]
    assert {panel.view.wander, panel._modes.middles} <= rings.keys()
    assert not rings[panel.view.wander]
    assert panel.timeline.track not in rings  # takes points only
    QCoreApplication.sendEvent(panel.invert, QDragLeaveEvent())
    assert enter(panel.view.wander, mime)
    assert "searched for otherwise" in sentence(opened)
    QCoreApplication.sendEvent(panel.view.wander, QDragLeaveEvent())
    qtbot.waitUntil(lambda: not lit(opened))
    assert sentence(opened) == ""


@pytest.mark.parametrize("name", ["write", "image", "latent", "library", "models"])
def test_each_room_says_what_it_does_beside_its_places(opened: Opened, file: Path, name: str) -> None:
    room(opened, name)
    assert enter(opened.window, mime_of(file))
    assert sentence(opened) == opened.window.panel().drop_sentence() != ""


@pytest.mark.parametrize("where", ["map", "picture", "window", "card"])
def test_a_picture_is_searched_for_wherever_it_is_dropped(qtbot: QtBot, opened: Opened, file: Path, where: str) -> None:
    panel = room(opened, "latent")
    places = {"map": panel._modes.middles, "picture": panel.view.wander, "window": opened.window, "card": panel.invert}
    drop(places[where], file)
    qtbot.waitUntil(lambda: any(isinstance(job.task, InvertTask) for job in opened.engine.jobs))
    assert next(job.task for job in opened.engine.jobs if isinstance(job.task, InvertTask)).image == str(file)
    assert not lit(opened)


def test_a_picture_made_here_leads_back_and_can_be_searched_for(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    panel.ask(LatentTask(points=(LatentPoint((7,)),), psi=0.4))
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.finish(picture(width=16, height=16))
    notices: list[Any] = []
    opened.services.noticed.connect(notices.append)
    drop(panel.view.wander, Path(kept.args[0].path))
    qtbot.waitUntil(lambda: panel.current == LatentPoint((7,)))
    assert panel.request.task.psi == 0.4
    notices[-1].do()
    assert isinstance(opened.engine.jobs[-1].task, InvertTask) or any(
        isinstance(run.job.task, InvertTask) for run in opened.tracker.line
    )


def test_points_light_up_what_takes_points(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    mime = pack([LatentPoint((5,))])
    assert enter(panel.map.slots.slots[0], mime)
    assert "Coarse" in sentence(opened)
    assert {panel.timeline.track, panel.map.slots.slots[1]} <= lit(opened).keys()
    assert panel.view.wander not in lit(opened)
    drop(panel.timeline.track, mime=mime)
    assert panel.timeline.blends() == (LatentPoint((5,)),)


def test_the_modes_with_files_of_their_own_take_them(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    qtbot.mouseClick(panel.chips.button("vae"), LEFT)
    mode = panel.mode("vae")
    assert enter(mode.stage, mime_of(file))
    assert "first picture" in sentence(opened)
    drop(mode.stage, file)
    drop(opened.window, file)
    assert [mode.sets[name].paths for name in ("first", "second")] == [(str(file),), (str(file),)]
    qtbot.mouseClick(panel.chips.button("teach"), LEFT)
    drop(opened.window, file.parent)
    assert panel.mode("teach").form.values()["folder"] == str(file.parent)


@pytest.mark.parametrize("name", ["image", "write", "library"])
def test_of_two_files_one_is_taken_and_that_is_said(qtbot: QtBot, opened: Opened, tmp_path: Path, name: str) -> None:
    files = [tmp_path / "first.png", tmp_path / "second.png"]
    for file in files:
        Image.new("RGB", (8, 8)).save(file)
    room(opened, name)
    drop(opened.window, *files)
    assert "One file at a time: only first.png was used." in opened.window._toasts.messages

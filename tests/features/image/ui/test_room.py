"""The Image room on a scripted engine, by mouse and keyboard."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel
from studio.core.errors import StudioError
from studio.core.events import Cancelled, Done, Failed, Made, Preview, Progress, Started
from studio.core.values import Result
from studio.features.image.tasks.image import ImageTask
from tests.app.scripted import picture
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, generate, room


def test_a_picture_forms_is_kept_and_shown(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    qtbot.keyClicks(panel.prompt.edit, "a kite")
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Return, CONTROL)
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, ImageTask)
    assert (job.task.prompt, job.model) == ("a kite", "starter:scenes")
    opened.engine.push(Started(job.id), Progress(job.id, 1, 20, "Step"), Preview(job.id, picture()))
    qtbot.waitUntil(panel.viewer.stage.has_picture)
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.push(Made(job.id, picture(seed=7)), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.viewer.strip.selected() == [kept.args[0].id])  # type: ignore[index]
    assert Path(kept.args[0].path).exists()  # type: ignore[index]
    assert panel.form.control("seed").edit.text() == "7"


def test_esc_stops_at_once(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id))
    qtbot.waitUntil(lambda: panel.handle.state == "running")
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    assert opened.engine.cancels == [job.id]
    assert opened.window._bar.stop.text() == "Stopping…"
    with qtbot.waitSignal(panel.handle.cancelled):
        opened.engine.push(Cancelled(job.id))


@pytest.mark.parametrize(
    ("trouble", "sentence", "again"),
    [
        ("model_missing", "The model is no longer there.", True),
        ("model_unusable", "unet.safetensors is cut off.", True),
        ("out_of_memory", "There was not enough memory.", True),
        ("engine_died", "The engine stopped.", True),
    ],
)
def test_troubles_are_said_in_place_with_a_way_out(
    qtbot: QtBot, opened: Opened, trouble: Any, sentence: str, again: bool
) -> None:
    panel = room(opened, "image")
    panel.make()
    with qtbot.waitSignal(panel.handle.failed):
        opened.engine.push(Failed(opened.engine.jobs[-1].id, trouble, sentence, "details"))
    assert sentence in panel.banner.message
    button = next(b for b in panel.banner.findChildren(type(panel.generate)) if b.text() == "Try again")
    qtbot.mouseClick(button, LEFT)
    assert len(opened.engine.jobs) == 2
    assert panel.banner.message == ""


def test_a_full_disk_loses_nothing(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    opened.refusal = StudioError("The disk is full.")
    panel.make()
    with qtbot.waitSignal(panel.handle.unsaved):
        opened.engine.finish(picture(seed=1))
    assert "The disk is full." in panel.banner.message
    assert panel.viewer.stage.has_picture()
    opened.refusal = None
    button = next(b for b in panel.banner.findChildren(type(panel.generate)) if b.text() == "Save again")
    with qtbot.waitSignal(opened.tracker.kept):
        qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: panel.banner.message == "")


def test_settings_of_a_picture_come_back(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "first")
    panel.prompt.set_text("second")
    qtbot.mouseClick(panel.viewer.settings, LEFT)
    assert panel.prompt.text() == "first"
    assert panel.form.values()["seed"] == 7


def test_variations_start_from_the_picture(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened)
    qtbot.mouseClick(panel.viewer.vary, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert (task.count, task.seed) == (4, -1)
    assert Path(task.image).exists()


def test_two_pictures_are_compared_with_a_divider(qtbot: QtBot, opened: Opened) -> None:
    generate(qtbot, opened, "one")
    panel = generate(qtbot, opened, "two")
    qtbot.mouseClick(panel.viewer.compare, LEFT)
    qtbot.waitUntil(panel.viewer.stage.comparing)
    qtbot.mouseClick(panel.viewer.compare, LEFT)
    qtbot.waitUntil(lambda: not panel.viewer.stage.comparing())


def test_a_file_of_another_tool_brings_its_settings(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text(
        "parameters",
        "a castle\nNegative prompt: fog\nSteps: 33, Sampler: Euler a, CFG scale: 6.5, Seed: 99, Size: 256x192",
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "other.png", pnginfo=texts)
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "other.png")))
    qtbot.waitUntil(lambda: panel.prompt.text() == "a castle")
    values = panel.task()
    assert (values.prompt, values.negative, values.steps, values.guidance) == ("a castle", "fog", 33, 6.5)
    assert (values.seed, values.width, values.height, values.scheduler) == (99, 256, 192, "Euler a")


def test_a_picture_without_settings_is_started_from(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "photo.jpg")))
    qtbot.waitUntil(lambda: panel.task().image == str(tmp_path / "photo.jpg"))
    assert panel.start.strength.isVisible()


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_said(qtbot: QtBot, opened: Opened, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.png").write_bytes(content)
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "odd.png")))
    qtbot.waitUntil(lambda: "odd.png" in panel.banner.message)


@pytest.mark.parametrize("prompt", ["", "x " * 500_000], ids=["empty", "a million characters"])
def test_any_prompt_can_be_asked(opened: Opened, prompt: str) -> None:
    panel = room(opened, "image")
    panel.prompt.set_text(prompt)
    panel.make()
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert task.prompt == prompt


def test_a_number_that_is_being_typed_counts_when_a_key_makes_the_picture(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    box = panel.form.control("steps").box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "11")
    qtbot.keyClick(box, Qt.Key.Key_Return, CONTROL)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert task.steps == 11

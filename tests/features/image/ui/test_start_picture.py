"""The start picture, as a person brings one: its shape, what is cut away, and what can't be opened."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.features.image.tasks.image import ImageTask
from studio.library.metadata.making import read_making
from tests.app.scripted import picture
from tests.hostile import bytes_of
from tests.opened import CONTROL, drag, drop, open_window, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.png"
    Image.linear_gradient("L").resize((400, 50)).convert("RGB").save(path)
    return path


def words_of(widget: Any) -> str:
    return " ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def chosen(qtbot: QtBot, panel: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Click *Choose…* and choose ``path``."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(panel.start.pick, LEFT)


def square(qtbot: QtBot, panel: Any) -> None:
    chips = panel.form.control("width").chips
    qtbot.mouseClick(next(one for one in chips.findChildren(QPushButton) if one.text() == "1:1"), LEFT)


def asked(opened: Opened, panel: Any, qtbot: QtBot) -> ImageTask:
    qtbot.mouseClick(panel.generate, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    return task


def test_a_picture_proposes_its_shape_which_can_be_taken_back(qtbot: QtBot, opened: Opened, wide: Path) -> None:
    panel = room(opened, "image")
    said: list[Any] = []
    opened.services.noticed.connect(said.append)
    drop(panel.start, wide)
    qtbot.waitUntil(panel.start.crop.isVisible)
    assert (panel.task().width, panel.task().height) == (384, 48)
    assert panel.start.crop.cut() == 0
    assert "384 × 48" in said[-1].text
    press(qtbot, opened.window, "Undo")
    assert (panel.task().width, panel.task().height) == (128, 128)
    assert panel.task().image == str(wide)


def test_each_step_is_undone_by_a_key(qtbot: QtBot, opened: Opened, wide: Path) -> None:
    panel = room(opened, "image")
    drop(panel.start, wide)
    qtbot.waitUntil(panel.start.crop.isVisible)
    square(qtbot, panel)
    panel.start.crop.setFocus()
    qtbot.keyClick(panel.start.crop, Qt.Key.Key_Right)
    qtbot.mouseClick(panel.start.remove, LEFT)
    assert panel.task().image == ""
    opened.window.setFocus()
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
    assert (panel.task().image, panel.task().crop_x) == (str(wide), 0.55)
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
    assert panel.task().crop_x == 0.5
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
    assert (panel.task().width, panel.task().height) == (384, 48)
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)  # the picture came with its shape, and goes with it
    assert (panel.task().image, panel.task().width, panel.task().height) == ("", 128, 128)


def test_what_is_cut_away_is_seen_said_and_moved(qtbot: QtBot, opened: Opened, wide: Path) -> None:
    panel = room(opened, "image")
    drop(panel.viewer.stage, wide)
    qtbot.waitUntil(panel.start.crop.isVisible)
    square(qtbot, panel)
    assert "88 % of it is cropped" in words_of(panel.start)
    crop = panel.start.crop
    spot = crop.used().center().toPoint()
    drag(qtbot, crop, spot, spot + QPoint(500, 0))
    assert asked(opened, panel, qtbot).crop_x == 1.0
    crop.setFocus()
    qtbot.keyClick(crop, Qt.Key.Key_Left)
    assert (panel.task().crop_x, panel.task().crop_y) == (0.95, 0.5)
    qtbot.mouseClick(panel.start.shape, LEFT)
    assert (panel.task().width, panel.task().height) == (384, 48)
    assert not panel.start.shape.isVisible()


def test_the_part_is_kept_with_the_picture_and_comes_back(qtbot: QtBot, opened: Opened, wide: Path) -> None:
    panel = room(opened, "image")
    drop(panel.start, wide)
    qtbot.waitUntil(panel.start.crop.isVisible)
    square(qtbot, panel)
    panel.start.crop.setFocus()
    qtbot.keyClick(panel.start.crop, Qt.Key.Key_Right)
    asked(opened, panel, qtbot)
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.finish(picture(seed=7, width=16, height=16))
    making = read_making(Path(kept.args[0].path))  # type: ignore[index]
    assert making is not None
    assert making.data is not None
    assert making.data["job"]["task"]["crop_x"] == 0.55
    qtbot.mouseClick(panel.start.remove, LEFT)
    assert panel.task().crop_x == 0.5
    qtbot.waitUntil(panel.viewer.settings.isEnabled)
    qtbot.mouseClick(panel.viewer.settings, LEFT)
    task = panel.task()
    assert (task.image, task.crop_x, task.width, task.height) == (str(wide), 0.55, 128, 128)


def test_a_restart_brings_it_back(qtbot: QtBot, home: Path, wide: Path) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        drop(panel.start, wide)
        qtbot.waitUntil(panel.start.crop.isVisible)
        square(qtbot, panel)
        panel.start.crop.setFocus()
        qtbot.keyClick(panel.start.crop, Qt.Key.Key_Left)
        opened.close_window(qtbot)
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        qtbot.waitUntil(panel.start.crop.isVisible)
        task = panel.task()
        assert (task.image, task.crop_x, task.width) == (str(wide), 0.45, 128)


BAD: dict[str, tuple[bytes, str]] = {
    "a.jxl": (b"\xff\x0a" + bytes(99), "JPEG XL"),
    "words.png": (b"no picture", "is not a picture"),
    "cut.png": (bytes_of.png()[:40], "damaged"),
    "large.png": (bytes_of.png(30_000, 30_000, pixels=b""), "too large"),
    "raw.nef": (bytes_of.sized_tiff(4, 4), "raw file"),
}


@pytest.mark.parametrize("way", ["chosen", "dropped on it", "dropped on the stage"])
@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_opened_is_said_at_once_and_changes_nothing(
    qtbot: QtBot, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(BAD[name][0])
    panel = room(opened, "image")
    if way == "chosen":
        chosen(qtbot, panel, bad, monkeypatch)
    else:
        drop(panel.start if way == "dropped on it" else panel.viewer.stage, bad)
    qtbot.waitUntil(lambda: BAD[name][1] in panel.banner.message)
    assert panel.banner.isVisible()
    assert str(bad) in panel.banner.message
    assert panel.task().image == ""
    assert (panel.task().width, panel.task().height) == (128, 128)


def test_a_telephones_picture_is_started_from(qtbot: QtBot, opened: Opened, tmp_path: Path, monkeypatch: Any) -> None:
    photo = tmp_path / "IMG_1.HEIC"
    photo.write_bytes(bytes_of.heif())
    panel = room(opened, "image")
    chosen(qtbot, panel, photo, monkeypatch)
    qtbot.waitUntil(panel.start.crop.isVisible)
    assert panel.task().image == str(photo)


def test_one_that_is_gone_is_said_where_it_stands(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = room(opened, "image")
    panel.request.change({"image": str(tmp_path / "gone.png"), "width": 64, "height": 64})
    qtbot.waitUntil(lambda: "is no longer there" in words_of(panel.start))
    assert panel.task().image == str(tmp_path / "gone.png")


def test_pages_are_said(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    pages = tmp_path / "pages.tif"
    one = Image.new("RGB", (64, 64), "teal")
    one.save(pages, save_all=True, append_images=[one, one])
    panel = room(opened, "image")
    drop(panel.start, pages)
    qtbot.waitUntil(lambda: "contains 3 pictures" in words_of(panel.start))

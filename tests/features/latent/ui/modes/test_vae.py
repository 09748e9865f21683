"""The VAE mode on a scripted engine: pictures dropped, mixed live, changed by attributes, saved, filmed."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel
from studio.core.events import Cancelled, Done, Failed, Made, Started
from studio.core.values import Job, Result
from studio.features.latent.tasks.vae import VaeFilmTask, VaeTask
from tests.app.scripted import picture
from tests.opened import drop, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room
from tests.ui.accessible import clipped, lacking


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(paths):
        Image.new("RGB", (40, 30), (60 * number, 90, 120)).save(path)
    return paths


@pytest.fixture
def mode(qtbot: QtBot, opened: Opened) -> Any:
    panel = room(opened, "latent")
    qtbot.mouseClick(panel.chips.button("vae"), LEFT)
    assert not panel.timeline.isVisible()
    return panel.mode("vae")


def shown(qtbot: QtBot, opened: Opened, mode: Any) -> VaeTask:
    """Answer the newest wish."""
    job, busy = opened.engine.jobs[-1], mode._busy
    assert job.lane == "frames"
    assert isinstance(job.task, VaeTask)
    assert job.model == "starter:scenes"
    opened.engine.push(Started(job.id), Made(job.id, picture()), Done(job.id, Result()))
    qtbot.waitUntil(lambda: mode._busy is not busy)
    return job.task


def test_two_pictures_are_mixed_live(qtbot: QtBot, opened: Opened, mode: Any, files: list[Path]) -> None:
    assert not mode.save.isEnabled()
    drop(mode.sets["first"], files[0])
    assert shown(qtbot, opened, mode).second == ""
    assert not mode.export.isEnabled()
    drop(mode.sets["second"], files[1])
    assert shown(qtbot, opened, mode) == VaeTask(first=str(files[0]), second=str(files[1]))
    assert mode.stage.has_picture()
    sent = len(opened.engine.jobs)
    slider = mode.form.control("share").slider
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert len(opened.engine.jobs) == sent + 1
    shown(qtbot, opened, mode)
    assert shown(qtbot, opened, mode).share == pytest.approx(mode.form.values()["share"])
    assert mode.form.values()["share"] > 0.5


def test_an_attribute_comes_from_two_sets(qtbot: QtBot, opened: Opened, mode: Any, files: list[Path]) -> None:
    drop(mode.sets["first"], files[0])
    shown(qtbot, opened, mode)
    qtbot.keyClick(mode.attribute.control("amount").slider, Qt.Key.Key_Right)
    assert shown(qtbot, opened, mode).amount == 0  # as long as a set is missing
    drop(mode.sets["more"], *files[1:3])
    shown(qtbot, opened, mode)
    drop(mode.sets["less"], files[3])
    task = shown(qtbot, opened, mode)
    assert task.more == (str(files[1]), str(files[2]))
    assert task.less == (str(files[3]),)
    assert task.amount > 0
    qtbot.keyClick(mode.sets["more"], Qt.Key.Key_Delete)
    assert mode.sets["more"].paths == ()


def test_pictures_are_chosen_by_click_and_key(
    qtbot: QtBot, mode: Any, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(files[0]), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in files], ""))
    qtbot.mouseClick(mode.sets["first"], LEFT)
    qtbot.keyClick(mode.sets["more"], Qt.Key.Key_Return)
    assert mode.sets["first"].paths == (str(files[0]),)
    assert len(mode.sets["more"].paths) == 4
    qtbot.waitUntil(lambda: not mode.sets["more"]._pictures[1].pixmap().isNull())
    assert mode.sets["more"]._more.text() == "+2"


def test_only_what_is_about_two_pictures_is_seen(qtbot: QtBot, opened: Opened, mode: Any, files: list[Path]) -> None:
    panel = room(opened, "latent")
    around = (panel.view.wander, panel.save, panel.settings.form, panel.timeline)
    assert not any(part.isVisible() for part in around)
    qtbot.keyClick(mode.stage, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert all(job.lane != "work" for job in opened.engine.jobs)  # there is no picture yet
    drop(mode.sets["first"], files[0])
    seen = shown(qtbot, opened, mode)
    qtbot.keyClick(mode.stage, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (opened.engine.jobs[-1].task, opened.engine.jobs[-1].lane) == (seen, "work")

    panel.receive(Parcel(room="latent", fields={"image": str(files[1])}))
    assert all(part.isVisible() for part in around)


def test_what_is_seen_is_saved_and_filmed(qtbot: QtBot, opened: Opened, mode: Any, files: list[Path]) -> None:
    for name, path in zip(("first", "second"), files, strict=False):
        drop(mode.sets[name], path)
    shown(qtbot, opened, mode)
    seen = shown(qtbot, opened, mode)
    qtbot.mouseClick(mode.save, LEFT)
    job = opened.engine.jobs[-1]
    assert (job.task, job.lane, job.model) == (seen, "work", "starter:scenes")
    opened.engine.push(Started(job.id), Made(job.id, picture()), Done(job.id, Result()))
    qtbot.waitUntil(lambda: "Saved to the Library" in opened.window._toasts.messages)
    mode.film.control("format").set_value("webm")
    qtbot.mouseClick(mode.export, LEFT)
    film = opened.engine.jobs[-1]
    assert isinstance(film.task, VaeFilmTask)
    assert (film.task.first, film.task.format) == (str(files[0]), "webm")
    opened.engine.push(Started(film.id), Cancelled(film.id))
    qtbot.waitUntil(lambda: any("kept" in words for words in opened.window._toasts.messages))
    press(qtbot, opened.window._toasts, "Continue")
    assert opened.engine.jobs[-1].id != film.id
    assert opened.engine.jobs[-1].task == film.task


def test_a_picture_that_is_gone_is_said_once(qtbot: QtBot, opened: Opened, mode: Any, files: list[Path]) -> None:
    drop(mode.sets["first"], files[0])
    job = opened.engine.jobs[-1]
    opened.engine.push(Failed(job.id, "bad_request", "The picture 0.png is no longer there."))
    panel = room(opened, "latent")
    qtbot.waitUntil(lambda: "no longer there" in panel.banner.message)
    assert mode._busy is None


def test_a_request_comes_back_without_what_lies_on_other_machines(opened: Opened, files: list[Path]) -> None:
    panel = room(opened, "latent")
    task = VaeFilmTask(
        first=str(files[0]), second=str(files[1]), share=0.25, more=(r"\\evil\share\a.png", str(files[2])), seconds=2.0
    )
    panel.receive(Parcel(room="latent", job=Job(task=task, model="starter:scenes")))
    mode = panel.mode("vae")
    assert not opened.window._toasts.messages  # the model that made it is here
    assert mode.task().first == str(files[0])
    assert mode.task().more == (str(files[2]),)
    assert (mode.task().share, mode.task().seconds) == (0.25, 2.0)
    kept = mode.remember()
    mode.sets["first"].show_paths(())
    mode.restore(kept)
    assert mode.task().first == str(files[0])


def test_every_control_says_what_it_is(mode: Any) -> None:
    assert lacking(mode.left) == []
    assert clipped(mode.left) == []

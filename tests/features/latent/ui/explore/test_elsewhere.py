"""Pictures that come into Latent to be inverted, and its own that go elsewhere, on a scripted engine."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel, Query
from studio.core.events import Cancelled, Done, Failed, Made, Preview, Progress, Started
from studio.core.resources import starters
from studio.core.values import Asset, Job, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.search import InvertTask
from tests.app.scripted import picture
from tests.opened import drop, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, generate, room

FOUND = LatentPoint(styles=b"1234")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "湖.png"
    Image.new("RGB", (20, 10), (10, 100, 200)).save(path)
    return path


def found(point: LatentPoint = FOUND, **notes: Any) -> Asset:
    return picture(point=msgspec.to_builtins(point), psnr=31.5, **notes)


def asked(opened: Opened) -> Job:
    """The newest request, which is an inversion; it begins."""
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, InvertTask)
    opened.engine.push(Started(job.id))
    return job


def test_a_dropped_picture_forms_and_becomes_the_current_point(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    before = panel.current
    drop(panel.invert, file)
    job = asked(opened)
    assert job.task == InvertTask(image=str(file))
    assert job.lane == "work"
    assert not panel.invert.choose.isVisible()
    opened.engine.push(Progress(job.id, 80, 400, "Searching"), Preview(job.id, picture((1, 2, 3))))
    qtbot.waitUntil(lambda: "20 %" in panel.invert.words.text())
    qtbot.waitUntil(panel.invert.forming.isVisible)
    assert panel.seen.asset is None  # the large picture is where one is
    opened.engine.push(Made(job.id, found()), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.current == FOUND)
    assert "31.5 dB" in panel.invert.words.text()
    assert panel.invert.choose.isVisible()
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == before
    qtbot.mouseClick(panel.view.redo, LEFT)
    assert panel.current == FOUND


def test_a_stopped_or_failed_search_leaves_the_point(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    before = panel.current
    drop(panel.invert, file)
    job = asked(opened)
    qtbot.mouseClick(panel.invert.halt, LEFT)
    assert opened.engine.cancels == [job.id]
    opened.engine.push(Cancelled(job.id))
    qtbot.waitUntil(panel.invert.choose.isVisible)
    drop(panel.invert, file)
    opened.engine.push(Failed(asked(opened).id, "bad_request", "It is damaged."))
    qtbot.waitUntil(panel.invert.choose.isVisible)
    assert panel.banner.message == "It is damaged."
    assert panel.current == before


def test_a_picture_is_chosen_and_searched_as_the_card_says(
    qtbot: QtBot, opened: Opened, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = room(opened, "latent")
    monkeypatch.setattr("studio.ui.files.QFileDialog.getOpenFileName", lambda *_: (str(file), ""))
    qtbot.mouseClick(panel.invert.section.head, LEFT)
    panel.invert.form.set_values({"steps": 20, "fine": 10, "starts": 2})
    qtbot.mouseClick(panel.invert.form.control("see").box, LEFT)
    qtbot.mouseClick(panel.invert.choose, LEFT)
    assert asked(opened).task == InvertTask(image=str(file), steps=20, fine=10, starts=2, encoder="starter:scenes")


def test_a_tuned_model_is_found_chosen_and_shows_its_point(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    panel.invert.form.set_values({"tune": 10})
    drop(panel.invert, file)
    job = asked(opened)
    folder = Path(job.task.folder)
    assert folder.parent == opened.library.paths.trained
    assert folder.name.startswith("湖")
    folder.mkdir(parents=True)
    for name in ("generator.json", "generator.safetensors"):
        (folder / name).write_bytes((starters() / "latents" / name).read_bytes())
    opened.engine.push(Made(job.id, found(model=str(folder))), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.current == FOUND)
    assert panel.models.address() == str(folder)


def test_any_picture_of_the_library_and_of_image_can_be_inverted(qtbot: QtBot, opened: Opened) -> None:
    image = generate(qtbot, opened)
    press(qtbot, image, "Explore in Latent")
    assert opened.window.room == "latent"
    job = asked(opened)
    opened.engine.push(Cancelled(job.id))
    library = room(opened, "library")
    qtbot.waitUntil(lambda: len(library.grid.keys()) == 1)
    library.grid.select(library.grid.keys())
    library._chosen(library.grid.selected())
    press(qtbot, library, "Explore in Latent")
    assert opened.window.room == "latent"
    assert asked(opened).task.image == job.task.image == opened.library.search(Query())[0].path


def test_an_inverted_picture_in_the_library_is_a_point_like_any_other(qtbot: QtBot, opened: Opened, file: Path) -> None:
    panel = room(opened, "latent")
    panel.invert.form.set_values({"steps": 77})
    drop(panel.invert, file)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(found())
    qtbot.waitUntil(lambda: panel.current == FOUND)
    qtbot.mouseClick(panel.settings.reset, LEFT)
    panel.invert.form.set_values({"steps": 5})
    library = room(opened, "library")
    qtbot.waitUntil(lambda: len(library.grid.keys()) == 1)
    (item,) = opened.library.search(Query())
    library.grid.select([item.id])
    library._chosen(library.grid.selected())
    qtbot.mouseClick(library.settings, LEFT)
    assert panel.current == FOUND
    assert panel.invert.form.values()["steps"] == 77
    qtbot.mouseClick(panel.settings.reset, LEFT)
    opened.services.send(Parcel(room="latent", path=item.path))  # the file alone says as much
    qtbot.waitUntil(lambda: panel.current == FOUND)


def test_the_current_picture_is_sent_to_image_and_to_the_library(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for words, there in (("Image", "image"), ("Library", "library")):
        room(opened, "latent")
        press(qtbot, panel, words)
        task = opened.engine.jobs[-1].task
        assert isinstance(task, LatentTask)
        assert opened.engine.jobs[-1].lane == "work"
        opened.engine.finish(picture(seed=0, index=0))
        qtbot.waitUntil(lambda there=there: opened.window.room == there)
    assert opened.window.panel("image").start.path.endswith(".png")

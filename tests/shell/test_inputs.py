"""A request can be repeated although its start picture was moved or deleted by hand."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.core.events import Failed, Started
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask
from studio.files.hashes import file_hash
from studio.library.index import Query
from tests.app.scripted import picture
from tests.opened import drop, press
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import LEFT, generate, room


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.linear_gradient("L").resize((40, 40)).convert("RGB").save(path)
    return path


def start_from(qtbot: QtBot, opened: Opened, photo: Path) -> Any:
    panel = room(opened, "image")
    drop(panel.start, photo)
    qtbot.waitUntil(panel.start.crop.isVisible)
    return panel


def shown_in_library(qtbot: QtBot, opened: Opened, count: int) -> Any:
    """The Library room with so many things, the first of which was clicked."""
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == count)
    spot = panel.grid.visualRect(panel.grid.model().index(0, 0)).center()
    qtbot.mouseClick(panel.grid.viewport(), LEFT, pos=spot)
    assert panel.grid.selected() == panel.grid.keys()[:1]
    return panel


def copy_of(opened: Opened) -> Path:
    (copy,) = opened.library.paths.inputs.iterdir()
    return copy


def started_from(job: Job) -> str:
    assert isinstance(job.task, ImageTask)
    return job.task.image


def test_what_was_made_from_a_deleted_picture_is_made_again(qtbot: QtBot, opened: Opened, photo: Path) -> None:
    panel = start_from(qtbot, opened, photo)
    generate(qtbot, opened)
    assert started_from(opened.engine.jobs[-1]) == str(photo)
    digest = file_hash(str(photo))
    photo.unlink()
    qtbot.mouseClick(panel.start.remove, LEFT)
    press(qtbot, panel, "Use settings")
    qtbot.waitUntil(panel.start.crop.isVisible)
    generate(qtbot, opened, "once more")
    copy = copy_of(opened)
    assert started_from(opened.engine.jobs[-1]) == str(copy)
    assert file_hash(str(copy)) == digest
    newest = opened.library.search(Query(), 1)[0]
    assert [file["sha256"] for file in newest.job["inputs"]["image"]] == [digest]


def test_details_show_the_picture_as_it_was(qtbot: QtBot, opened: Opened, photo: Path) -> None:
    start_from(qtbot, opened, photo)
    generate(qtbot, opened)
    photo.unlink()
    panel = shown_in_library(qtbot, opened, 1)
    small = "Start picture, thumbnail"
    qtbot.waitUntil(lambda: small in [each.accessibleName() for each in panel.details.findChildren(QLabel)])


def test_a_waiting_request_survives_a_restart_without_its_picture(qtbot: QtBot, home: Path, photo: Path) -> None:
    with open_window(qtbot) as opened:
        panel = start_from(qtbot, opened, photo)
        opened.tracker.pause(True)
        qtbot.mouseClick(panel.generate, LEFT)
    photo.unlink()
    with open_window(qtbot) as opened:
        opened.services.clean_up()
        opened.tracker.pause(False)
        qtbot.waitUntil(lambda: bool(opened.engine.jobs))
        assert started_from(opened.engine.jobs[-1]) == str(copy_of(opened))
        with qtbot.waitSignal(opened.tracker.kept):
            opened.engine.finish(picture())
        # The item names the picture as the person did.
        assert opened.library.search(Query())[0].job["task"]["image"] == str(photo)


def test_trying_again_finds_the_picture_too(qtbot: QtBot, opened: Opened, photo: Path) -> None:
    panel = start_from(qtbot, opened, photo)
    qtbot.mouseClick(panel.generate, LEFT)
    (run,) = opened.tracker.line
    qtbot.waitUntil(lambda: bool(run.job.inputs))
    photo.unlink()
    with qtbot.waitSignal(run.failed):
        opened.engine.push(Started(run.job.id), Failed(run.job.id, "bug", "It is gone"))
    opened.tracker.retry(run.job.id)
    qtbot.waitUntil(lambda: len(opened.engine.jobs) == 2)
    assert started_from(opened.engine.jobs[-1]) == str(copy_of(opened))


def test_one_that_is_stopped_while_its_picture_is_looked_for_never_starts(
    qtbot: QtBot, opened: Opened, photo: Path
) -> None:
    panel = start_from(qtbot, opened, photo)
    opened.tracker.pause(True)
    qtbot.mouseClick(panel.generate, LEFT)
    (run,) = opened.tracker.line
    qtbot.waitUntil(lambda: bool(run.job.inputs))
    opened.tracker.pause(False)
    opened.tracker.cancel(run.job.id)
    done: list[bool] = []
    opened.background_tasks.do(lambda: None, lambda _: done.append(True))
    qtbot.waitUntil(lambda: bool(done))
    assert (opened.engine.jobs, opened.tracker.line) == ([], ())


def test_a_disk_that_keeps_no_copy_says_so_and_the_request_runs(
    qtbot: QtBot, opened: Opened, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StudioError("The disk is full: no copy.")

    monkeypatch.setattr("studio.library.inputs.write_through", full)
    said: list[Any] = []
    opened.services.noticed.connect(said.append)
    start_from(qtbot, opened, photo)
    generate(qtbot, opened)
    qtbot.waitUntil(lambda: "The disk is full: no copy." in [notice.text for notice in said])
    assert started_from(opened.engine.jobs[-1]) == str(photo)
    assert opened.library.count() == 1


def test_the_copy_is_gone_once_all_that_was_made_from_it_is(qtbot: QtBot, home: Path, photo: Path) -> None:
    def at_the_next_start() -> list[Path]:
        with open_window(qtbot) as later:
            later.library.clean_up(waiting=later.tracker.inputs)
            return list(later.library.paths.inputs.iterdir())

    with open_window(qtbot) as opened:
        opened.library.rebuild()
        start_from(qtbot, opened, photo)
        generate(qtbot, opened)
        generate(qtbot, opened, "another")
        copy = copy_of(opened)
        panel = shown_in_library(qtbot, opened, 2)
        panel.grid.selectAll()
        qtbot.keyClick(panel.grid, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: opened.library.count(Query(deleted=True)) == 2)
    assert at_the_next_start() == [copy]
    with open_window(qtbot) as opened:
        with qtbot.waitSignal(opened.services.library_changed):
            opened.services.gallery.empty_trash()
        assert opened.library.count(Query(deleted=True)) == 0
    assert at_the_next_start() == []

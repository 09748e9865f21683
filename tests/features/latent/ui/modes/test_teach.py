"""Teach on a scripted engine: a folder is checked, a training watched, paused, taken up again and explored."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.events import Cancelled, Done, Failed, Preview, Progress, Started
from studio.core.values import Asset, Job, Result
from studio.features.latent.tasks.train import TrainTask
from tests.app.scripted import picture
from tests.models.folders import generator
from tests.opened import drop, open_window
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, room
from tests.ui.accessible import clipped, lacking

LOSSES = [[0, 0.9, 1.4, 0.0], [4000, 1.1, 1.2, 0.0], [9000, 1.3, 1.1, 0.04]]
KIDS = [[0, 900.0], [4000, 310.0], [9000, 120.0]]


def teach(opened: Opened) -> Any:
    """Enter the mode."""
    panel = room(opened, "latent")
    panel.enter_mode("teach")
    return panel.mode("teach")


def trained(opened: Opened) -> Path:
    return opened.library.paths.trained


def curves(**more: Any) -> Asset:
    data = {"shown": 9000, "seconds": 250.0, "snapshot": "", "losses": LOSSES, "kids": KIDS, **more}
    return Asset(kind="points", format="json", data=json.dumps(data).encode())


def job(opened: Opened) -> Job:
    """The newest that is no frame."""
    return next(job for job in reversed(opened.engine.jobs) if job.lane == "work")


def begin(qtbot: QtBot, opened: Opened, mode: Any, **fields: Any) -> Job:
    mode.form.set_values({"folder": "/pictures", **fields})
    qtbot.mouseClick(mode.start, LEFT)
    check = job(opened)
    assert isinstance(check.task, TrainTask)
    assert check.task.dry
    notes = {"count": 500, "rate": 40.0, "found": ["500 pictures to learn from."]}
    opened.engine.push(Started(check.id), Done(check.id, Result(notes=notes)))
    qtbot.waitUntil(lambda: job(opened) is not check)
    assert "It ends after about" in mode.found.text()
    asked = job(opened)
    assert not asked.task.dry
    opened.engine.push(Started(asked.id))
    qtbot.waitUntil(lambda: mode.start.text() == "Pause" and mode._run.state == "running")
    return asked


def keep(opened: Opened, name: str, **fields: Any) -> Path:
    """A training as a runner leaves it on the disk."""
    folder = trained(opened) / name
    folder.mkdir(parents=True)
    (folder / "training.json").write_text(json.dumps(TrainTask(name=name, **fields).to_data()))
    snapshot = generator(folder / "snapshots" / "000009000")
    (folder / "curves.json").write_bytes(curves(snapshot=str(snapshot)).data)
    return snapshot


def test_a_dropped_folder_is_checked_and_the_estimate_follows_the_form(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    mode = teach(opened)
    pictures = tmp_path / "cats"
    pictures.mkdir()
    drop(mode.stage, pictures)
    asked = job(opened)
    assert isinstance(asked.task, TrainTask)
    assert (asked.task.folder, asked.task.dry, asked.model) == (str(pictures), True, "")
    opened.engine.push(
        Started(asked.id),
        Preview(asked.id, picture(size=64)),
        Done(asked.id, Result(notes={"count": 500, "rate": 40.0, "found": ["500 pictures to learn from."]})),
    )
    qtbot.waitUntil(lambda: "500 pictures" in mode.found.text())
    assert mode.stage.has_picture()
    assert "each of yours shown 288 times" in mode.found.text()
    box = mode.form.control("minutes").box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_A, CONTROL)
    qtbot.keyClicks(box, "120")
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    assert "each of yours shown 576 times" in mode.found.text()
    qtbot.mouseClick(mode.form.control("resolution").chips.button("128"), LEFT)
    assert "check again" in mode.found.text()
    assert clipped(opened.window) == []


def test_without_a_folder_it_says_what_is_missing(qtbot: QtBot, opened: Opened) -> None:
    mode = teach(opened)
    before = len(opened.engine.jobs)
    qtbot.mouseClick(mode.start, LEFT)
    assert "Choose a folder" in room(opened, "latent").banner.message
    assert not [job for job in opened.engine.jobs[before:] if job.lane == "work"]


def test_a_training_is_watched_paused_and_resumed(qtbot: QtBot, opened: Opened) -> None:
    mode = teach(opened)
    asked = begin(qtbot, opened, mode, name="Cats")
    assert not mode.form.isEnabled()
    assert not mode.open.isEnabled()
    opened.engine.push(
        Progress(asked.id, 900, 3600, "Training"), Preview(asked.id, picture(size=64)), Preview(asked.id, curves(), 1)
    )
    qtbot.waitUntil(lambda: bool(mode.kids.lines()[0]))
    assert mode.stage.has_picture()
    assert mode.losses.lines()[0][-1] == (9000, 1.3)
    assert mode.losses.lines()[1][-1] == (9000, 1.1)
    assert mode.words.whole() == "Training 25 % · 9,000 pictures shown · 4 min · augmentation 4 %"
    qtbot.mouseClick(mode.start, LEFT)
    assert not mode.start.isEnabled()
    snapshot = keep(opened, "Cats", folder="/pictures")
    opened.engine.push(Cancelled(asked.id))
    qtbot.waitUntil(lambda: mode.start.text() == "Resume")
    assert mode.words.whole().startswith("Paused")
    assert mode.open.isEnabled()
    qtbot.mouseClick(mode.start, LEFT)
    again = job(opened)
    assert again.id != asked.id
    assert again.task == asked.task
    assert snapshot.exists()


def test_what_has_had_its_time_is_finished_until_it_is_given_more(qtbot: QtBot, opened: Opened) -> None:
    mode = teach(opened)
    asked = begin(qtbot, opened, mode, name="Cats", minutes=4)
    keep(opened, "Cats", folder="/pictures", minutes=4)
    opened.engine.push(Preview(asked.id, curves(), 1), Done(asked.id, Result(notes={"shown": 9000})))
    qtbot.waitUntil(lambda: mode.words.whole().startswith("Finished"))
    assert not mode.start.isEnabled()
    mode.form.control("minutes").box.setFocus()
    qtbot.keyClick(mode.form.control("minutes").box, Qt.Key.Key_Up)
    assert mode.words.whole().startswith("Paused")
    assert mode.start.isEnabled()


def test_the_estimate_follows_how_fast_it_really_is(qtbot: QtBot, opened: Opened) -> None:
    mode = teach(opened)
    asked = begin(qtbot, opened, mode)
    assert "144,000 pictures," in mode.found.text()
    opened.engine.push(Preview(asked.id, curves(shown=2500, seconds=250.0), 1))
    qtbot.waitUntil(lambda: "36,000 pictures," in mode.found.text())


def test_a_check_that_is_stopped_begins_no_training(qtbot: QtBot, opened: Opened) -> None:
    mode = teach(opened)
    mode.form.set_values({"folder": "/pictures"})
    qtbot.mouseClick(mode.start, LEFT)
    check = job(opened)
    opened.engine.push(Started(check.id), Cancelled(check.id))
    qtbot.waitUntil(lambda: mode._run is None)
    qtbot.mouseClick(mode.check, LEFT)
    again = job(opened)
    notes = {"count": 500, "rate": 40.0, "found": ["500 pictures to learn from."]}
    opened.engine.push(Started(again.id), Done(again.id, Result(notes=notes)))
    qtbot.waitUntil(lambda: "Press Start" in mode.words.whole())
    assert job(opened) is again


def test_a_snapshot_opens_in_the_explorer_while_training_goes_on(qtbot: QtBot, opened: Opened) -> None:
    mode, panel = teach(opened), room(opened, "latent")
    asked = begin(qtbot, opened, mode, name="Cats")
    snapshot = keep(opened, "Cats")
    opened.engine.push(Preview(asked.id, curves(snapshot=str(snapshot)), 1))
    qtbot.waitUntil(mode.open.isEnabled)
    qtbot.mouseClick(mode.open, LEFT)
    qtbot.waitUntil(lambda: panel.models.address() == str(snapshot))
    assert panel.chips.value() == "map"
    assert mode._run is not None
    assert mode._run.state == "running"


def test_a_crash_is_said_and_can_be_tried_again(qtbot: QtBot, opened: Opened) -> None:
    mode, panel = teach(opened), room(opened, "latent")
    asked = begin(qtbot, opened, mode, name="Cats")
    opened.engine.push(Failed(asked.id, "engine_died", "The engine stopped."))
    qtbot.waitUntil(lambda: mode._run is None)
    assert "engine stopped" in panel.banner.message
    assert mode.form.isEnabled()


def test_earlier_trainings_are_found_again(qtbot: QtBot, opened: Opened) -> None:
    keep(opened, "Cats", folder="/cats", resolution="32", minutes=90)
    keep(opened, "Dogs", folder="/dogs")
    (trained(opened) / "broken").mkdir()
    (trained(opened) / "broken" / "training.json").write_text("[")
    mode = teach(opened)
    qtbot.waitUntil(lambda: mode.box.count() == 3)
    qtbot.keyClick(mode.box, Qt.Key.Key_Down)
    values = mode.form.values()
    assert (values["name"], values["folder"], values["resolution"], values["minutes"]) == ("Cats", "/cats", "32", 90)
    assert mode.start.text() == "Resume"
    assert mode.kids.lines()[0][-1] == (9000, 120.0)
    qtbot.keyClick(mode.box, Qt.Key.Key_Home)
    assert mode.form.values()["name"] == "My GAN"
    assert mode.start.text() == "Start"
    assert mode.kids.lines() == [[]]


def test_what_is_shown_survives_a_restart(qtbot: QtBot, qapp: object, home: Path) -> None:
    with open_window(qtbot) as opened:
        teach(opened).form.set_values({"name": "Cats", "folder": "/cats", "batch": 32})
    with open_window(qtbot) as opened:
        panel = room(opened, "latent")
        assert panel.chips.value() == "teach"
        values = panel.mode("teach").form.values()
        assert (values["name"], values["folder"], values["batch"]) == ("Cats", "/cats", 32)


@pytest.mark.parametrize("size", [(1280, 800), (960, 540)])
def test_every_control_says_what_it_is_and_no_word_is_cut(opened: Opened, size: tuple[int, int]) -> None:
    opened.window.resize(*size)
    mode = teach(opened)
    assert lacking(mode.left) == lacking(mode.middle) == []
    assert clipped(opened.window) == []

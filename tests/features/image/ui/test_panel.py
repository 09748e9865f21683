"""The Image room while several requests wait, and what can be done with pictures meanwhile."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.app.services import Query
from studio.core.events import Done, Made, Preview, Started
from studio.core.values import Result
from tests.app.scripted import picture
from tests.opened import LEFT, Opened, room


def kept(qtbot: QtBot, opened: Opened, panel: Any, seed: int) -> None:
    """Make one picture to its end."""
    panel.make()
    run = panel.handle
    with qtbot.waitSignal(run.done):
        opened.engine.finish(picture(seed=seed))
    qtbot.waitUntil(lambda: panel.current is not None and panel.current.seed == seed)


def test_escape_stops_what_runs_and_not_what_waits(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.make()
    first = panel.handle
    panel.make()
    with qtbot.waitSignal(first.started):
        opened.engine.start()
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    with qtbot.waitSignal(first.cancelled):
        opened.engine.stopped()
    assert opened.tracker.active is panel.handle
    assert panel.handle.state == "waiting"


def test_a_finished_picture_is_shown_while_another_waits(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.make()
    panel.make()
    job = opened.engine.start()
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.push(Preview(job.id, picture()), Made(job.id, picture(seed=7)), Done(job.id, Result()))
    assert panel.current.seed == 7


def test_a_star_is_seen_while_another_picture_is_made(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    kept(qtbot, opened, panel, 7)
    panel.make()
    opened.engine.push(Started(opened.engine.jobs[-1].id))
    for on in (True, False):
        qtbot.mouseClick(panel.viewer.star, LEFT)
        qtbot.waitUntil(lambda on=on: panel.current.starred is on)


def test_a_deleted_picture_goes_while_another_is_made(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    kept(qtbot, opened, panel, 7)
    panel.make()
    opened.engine.push(Started(opened.engine.jobs[-1].id))
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: panel.viewer.strip.keys() == [])
    assert not panel.viewer.delete.isEnabled()


def test_a_deleted_picture_leaves_the_stage(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    kept(qtbot, opened, panel, 7)
    qtbot.waitUntil(panel.viewer.stage.has_picture)
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: not panel.viewer.stage.has_picture())
    kept(qtbot, opened, panel, 8)
    assert not panel.viewer.compare.isEnabled()


def test_a_picture_that_comes_while_the_strip_is_read_stays_the_shown_one(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    kept(qtbot, opened, panel, 7)
    answers: list[Any] = []
    search, opened.services.search = opened.services.search, lambda _query, _most, then, _owner: answers.append(then)
    panel.viewer.history.refresh()
    panel.make()
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.finish(picture(seed=8))
    answers[0](opened.library.search(Query())[1:])  # read before the newest was listed
    assert panel.current.seed == 8
    opened.services.search = search


def seeds(panel: Any) -> list[int]:
    """Of the strip's pictures, in the order shown."""
    keys: list[str] = panel.viewer.strip.keys()
    return [panel.viewer.history.items[key].seed for key in keys]


def test_a_batch_is_ranked_and_its_best_is_shown(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    kept(qtbot, opened, panel, 1)
    panel.make()
    batch = [picture(seed=seed, match=match) for seed, match in ((7, 0.31), (8, 0.62), (9, 0.05))]
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.finish(*batch)
    qtbot.waitUntil(lambda: seeds(panel) == [9, 8, 7, 1])
    qtbot.mouseClick(panel.viewer.best, LEFT)
    assert seeds(panel) == [8, 7, 9, 1]
    assert panel.current.seed == 8
    panel.make()
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.finish(picture(seed=20, match=0.1), picture(seed=21, match=0.5))
    qtbot.waitUntil(lambda: seeds(panel) == [21, 20, 8, 7, 9, 1])
    qtbot.mouseClick(panel.viewer.best, LEFT)
    assert seeds(panel) == [21, 20, 9, 8, 7, 1]


def test_the_details_tell_the_match(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.make()
    with qtbot.waitSignal(panel.handle.done):
        opened.engine.finish(picture(seed=7, match=0.834))
    qtbot.waitUntil(lambda: panel.current is not None)
    assert "CLIP match: 0.83; higher is better, for the same prompt" in [
        label.accessibleName() for label in panel.viewer.details.findChildren(QLabel)
    ]

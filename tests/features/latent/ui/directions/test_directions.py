"""The card of directions, on a scripted engine: sliders, layers, names, directions of one's own, files."""

import json
from array import array
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio.core.values import Asset
from studio.features.latent.points.point import DirectionOffset, LatentPoint
from studio.features.latent.tasks.questions import WayTask
from studio.features.latent.ui.directions.notebook import Notebook, Own, read_notebook, to_json
from tests.opened import drag, drop, open_window, press
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, all_frames, answer, frame, room
from tests.ui.accessible import clipped, lacking

ROW = array("f", [0.5, 0.0, -1.0, 2.0]).tobytes()
NOTHING = bytes(len(ROW))


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened) -> Any:
    return settled(qtbot, opened)


def settled(qtbot: QtBot, opened: Opened) -> Any:
    """The room, its pictures made, the notes on its model read."""
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    qtbot.waitUntil(lambda: panel.map.directions.notes._file is not None)
    return panel


def unfold(qtbot: QtBot, panel: Any, index: int = 0) -> Any:
    """Open a row, and return it."""
    _, row = panel.map.directions.rows[index]
    qtbot.mouseClick(row.head, LEFT)
    return row


def slide(qtbot: QtBot, row: Any, way: int) -> None:
    middle = row.slider.rect().center()
    drag(qtbot, row.slider, middle, middle + QPoint(way, 0))


def kept(qtbot: QtBot, opened: Opened, panel: Any, data: bytes) -> WayTask:
    """Answer the question for a way, which comes after the frame that is being made."""
    while not isinstance(opened.engine.jobs[-1].task, WayTask):
        frame(qtbot, opened, panel)
    task = answer(qtbot, opened, panel, Asset(kind="points", data=data, format="f4"))
    assert isinstance(task, WayTask)
    return task


def own_of(panel: Any) -> list[Own]:
    return list(panel.map.directions.notes.book.own)


def test_a_slider_goes_along_its_direction_and_one_drag_is_one_step(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    _, row = panel.map.directions.rows[2]
    slide(qtbot, row, 40)
    (move,) = panel.current.moves
    assert (move.kind, move.index, move.first, move.last) == ("pca", 2, 0, -1)
    assert move.amount == row.box.number() > 0.5
    frame(qtbot, opened, panel)
    assert opened.engine.jobs[-1].task.points[0].moves == (move,)
    slide(qtbot, row, -30)
    assert panel.current.moves[0].amount < 0
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current.moves == (move,)
    assert row.box.number() == move.amount
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current.moves == ()
    assert row.box.number() == 0
    qtbot.mouseClick(panel.view.redo, LEFT)
    assert panel.current.moves == (move,)


def test_a_typed_number_may_be_farther_than_the_slider_goes(qtbot: QtBot, panel: Any) -> None:
    _, row = panel.map.directions.rows[0]
    row.box.setFocus()
    row.box.selectAll()
    qtbot.keyClicks(row.box, "-7.5")
    qtbot.keyClick(row.box, Qt.Key.Key_Return)
    assert panel.current.moves == (DirectionOffset("pca", -7.5, index=0),)
    assert row.slider.value() == 0


def test_pca_and_sefa_have_sliders_of_their_own_and_reset_takes_all_back(qtbot: QtBot, panel: Any) -> None:
    card = panel.map.directions
    slide(qtbot, card.rows[1][1], 30)
    press(qtbot, card, "SeFa")
    assert card.rows[1][1].box.number() == 0
    slide(qtbot, card.rows[0][1], 30)
    assert [(move.kind, move.index) for move in panel.current.moves] == [("pca", 1), ("sefa", 0)]
    press(qtbot, card, "Reset")
    assert panel.current.moves == ()
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert len(panel.current.moves) == 2


def test_more_directions_are_shown_up_to_those_that_there_are(qtbot: QtBot, panel: Any) -> None:
    card = panel.map.directions
    assert len(card.rows) == 4  # of a w of 4 numbers
    card.notes.book = Notebook(size=64, layers=10)
    card.notes.changed.emit()
    assert len(card.rows) == 5
    first = card.rows[0][1]
    press(qtbot, card, "More")
    assert len(card.rows) == 20
    assert card.rows[0][1] is first
    press(qtbot, card, "More")
    assert len(card.rows) == 5


def test_the_layers_are_chosen_by_band_or_by_number(qtbot: QtBot, panel: Any) -> None:
    card = panel.map.directions
    row = unfold(qtbot, panel)
    press(qtbot, card, "Middle")
    assert row.head.text() == "c0 · layers 3–6"
    assert panel.current.moves == ()
    slide(qtbot, row, 30)
    assert [(move.first, move.last) for move in panel.current.moves] == [(3, 6)]
    press(qtbot, card, "Fine")
    assert [(move.first, move.last) for move in panel.current.moves] == [(7, -1)]
    card.details.first.selectAll()
    qtbot.keyClicks(card.details.first, "2")
    qtbot.keyClick(card.details.first, Qt.Key.Key_Return)
    assert [(move.first, move.last) for move in panel.current.moves] == [(2, -1)]
    assert card.details.presets.value() == ""
    card.details.last.selectAll()
    qtbot.keyClicks(card.details.last, "1")
    qtbot.keyClick(card.details.last, Qt.Key.Key_Return)
    assert [(move.first, move.last) for move in panel.current.moves] == [(1, 1)]
    press(qtbot, card, "All")
    assert row.head.text() == "c0"


def test_the_strip_shows_what_it_does_and_goes_there(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    slide(qtbot, card.rows[1][1], 30)
    all_frames(qtbot, opened, panel)
    before = len(opened.engine.jobs)
    unfold(qtbot, panel)
    qtbot.waitUntil(lambda: len(opened.engine.jobs) > before)
    all_frames(qtbot, opened, panel)
    asked = [point for job in opened.engine.jobs[before:] for point in job.task.points]
    ways = [[(move.index, move.amount) for move in point.moves] for point in asked]
    other = panel.current.moves[0].amount
    assert ways == [
        [(1, other), (0, -3.0)], [(1, other), (0, -1.5)], [(1, other)], [(1, other), (0, 1.5)], [(1, other), (0, 3.0)],
    ]  # fmt: skip
    assert not card.details.strip[4].icon().isNull()
    qtbot.mouseClick(card.details.strip[4], LEFT)
    assert panel.current.moves[1].amount == 3.0
    assert card.rows[0][1].box.number() == 3.0


def test_moving_along_it_does_not_draw_its_strip_anew(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    row = unfold(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.map.directions._rest.isActive())
    all_frames(qtbot, opened, panel)
    slide(qtbot, row, 30)
    assert not panel.map.directions._rest.isActive()
    panel.request.go(4.0, 0.0)
    assert panel.map.directions._rest.isActive()


def test_a_name_is_found_again_after_a_restart(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    row = unfold(qtbot, panel, 1)
    card.details.name.setFocus()
    card.details.name.insert("smile 笑")
    qtbot.keyClick(card.details.name, Qt.Key.Key_Return)
    assert row.head.text() == "c1 · “smile 笑”"
    opened.close_window(qtbot)
    with open_window(qtbot) as again:
        rows = settled(qtbot, again).map.directions.rows
        assert [row.head.text() for _, row in rows] == ["c0", "c1 · “smile 笑”", "c2", "c3"]


def test_a_direction_is_kept_with_its_layers_and_named(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    unfold(qtbot, panel, 1)
    press(qtbot, card, "Coarse")
    press(qtbot, card, "Keep")
    task = kept(qtbot, opened, panel, ROW * 3 + NOTHING * 7)
    start, end = task.of.points
    assert (start.moves, start.layer_weights, end.moves) == ((), (0.0,), (DirectionOffset("pca", 1.0, 0, 2, index=1),))
    assert own_of(panel) == [Own("Direction 1", ROW, 0, 2)]
    assert card.kinds.value() == "own"
    assert card.details.name.hasFocus()
    qtbot.keyClicks(card.details.name, "hue")
    qtbot.keyClick(card.details.name, Qt.Key.Key_Return)
    assert [row.head.text() for _, row in card.rows] == ["hue · layers 0–2"]
    slide(qtbot, card.rows[0][1], 30)
    (move,) = panel.current.moves
    assert (move.kind, move.vector, move.first, move.last) == ("own", ROW, 0, 2)


def test_all_sliders_become_one_direction(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    slide(qtbot, card.rows[0][1], 30)
    slide(qtbot, card.rows[1][1], -30)
    moves = panel.current.moves
    press(qtbot, card, "Own")
    press(qtbot, card, "+ Sliders")
    data = b"".join([ROW] * 9 + [ROW[::-1]])
    assert kept(qtbot, opened, panel, data).of.points[1].moves == moves
    assert own_of(panel) == [Own("Direction 1", data)]


def test_the_way_between_two_points_becomes_a_direction(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    press(qtbot, card, "Own")
    press(qtbot, card, "From here…")
    panel.request.go(5.0, 0.0)
    frame(qtbot, opened, panel)
    press(qtbot, card, "…to here")
    task = kept(qtbot, opened, panel, ROW * 10)
    assert task.of.points == (LatentPoint(), LatentPoint((5,)))
    assert own_of(panel) == [Own("Direction 1", ROW)]
    press(qtbot, card, "From here…")
    press(qtbot, card, "…to here")
    kept(qtbot, opened, panel, NOTHING * 10)
    assert "the same" in panel.banner.message
    assert len(own_of(panel)) == 1


def test_a_direction_goes_into_a_file_and_comes_from_one(
    qtbot: QtBot, opened: Opened, panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, asked, file = panel.map.directions, [], tmp_path / "hue.json"
    card.notes._add(Own("hue: 1/2", ROW, 0, 2))

    def ask(_parent: Any, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        asked.append(name)
        return str(file), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    with qtbot.waitSignal(opened.services.noticed):
        press(qtbot, card, "Share…")
    assert asked == ["hue 1 2.json"]
    assert read_notebook(file).own == (Own("hue: 1/2", ROW, 0, 2),)
    press(qtbot, card, "Delete")
    assert card.rows == []
    assert own_of(panel) == []
    press(qtbot, opened.window, "Undo")
    assert len(own_of(panel)) == len(card.rows) == 1
    unfold(qtbot, panel)
    press(qtbot, card, "Delete")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    with qtbot.waitSignal(card.notes.added):
        press(qtbot, card, "Open…")
    assert own_of(panel) == [Own("hue: 1/2", ROW, 0, 2)]
    with qtbot.waitSignal(opened.services.noticed):  # it is here already
        drop(card, file)
    assert len(own_of(panel)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (to_json(Notebook(size=8, layers=10, own=(Own("far", ROW * 2),))), "another kind of model"),
        (to_json(Notebook(size=4, layers=10, own=(Own("odd", ROW[:12]),))), "no directions"),
        (json.dumps({"triptych_directions": 2, "size": 4, "layers": 10}).encode(), "newer"),
        (b"{}", "no directions"),
        (b"[" * 100_000, "no directions"),
    ],
)
def test_a_file_that_can_not_be_used_is_said(
    qtbot: QtBot, panel: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "shared.json"
    file.write_bytes(content)
    drop(panel.map.directions, file)
    qtbot.waitUntil(lambda: words in panel.banner.message)
    assert own_of(panel) == []


def test_notes_that_can_not_be_read_are_said_and_left_alone(qtbot: QtBot, opened: Opened) -> None:
    file = opened.services.folder_of("latent") / "directions-0a1b.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not ours")
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    qtbot.waitUntil(lambda: "no directions" in panel.banner.message)
    card = panel.map.directions
    unfold(qtbot, panel)
    card.details.name.setFocus()
    qtbot.keyClicks(card.details.name, "smile")
    qtbot.keyClick(card.details.name, Qt.Key.Key_Return)
    assert card.rows[0][1].head.text() == "c0 · “smile”"
    opened.services.background_tasks.do(lambda: None)
    assert file.read_bytes() == b"not ours"


def test_a_direction_that_came_with_a_picture_can_be_tried_and_kept(qtbot: QtBot, panel: Any) -> None:
    card = panel.map.directions
    panel.request.set_point(LatentPoint((3,), moves=(DirectionOffset("own", 1.5, 0, 2, ROW),)))
    press(qtbot, card, "Own")
    ((_, row),) = card.rows
    assert (row.head.text(), row.box.number()) == ("From a picture · layers 0–2", 1.5)
    row.box.setValue(0)
    assert panel.current.moves == ()
    assert len(card.rows) == 1
    unfold(qtbot, panel)
    press(qtbot, card, "Keep")
    assert own_of(panel) == [Own("Direction 1", ROW, 0, 2)]


def test_all_of_it_has_words_and_nothing_is_cut_off(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    card = panel.map.directions
    unfold(qtbot, panel)
    assert not lacking(card)
    assert not clipped(opened.window)
    card.notes._add(Own("A name that is much longer than the column is wide, and goes on", ROW, 0, 2))
    assert not lacking(card)
    assert not clipped(opened.window)


def test_undo_by_key(qtbot: QtBot, panel: Any) -> None:
    _, row = panel.map.directions.rows[0]
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    assert panel.current.moves[0].amount == pytest.approx(0.1)
    qtbot.keyClick(row.slider, Qt.Key.Key_Z, CONTROL)
    assert panel.current.moves == ()

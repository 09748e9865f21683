"""Mixing and stars in the Latent room, on a scripted engine: with mouse and keys."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.features.latent.points.mixture import arithmetic, average, by_layer
from studio.features.latent.points.point import DirectionOffset, LatentPoint
from studio.features.latent.ui.widgets.point_list import pack
from tests.opened import ask_menu, drop, in_menu, open_window, press
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, all_frames, room

POINTS = [LatentPoint((seed,)) for seed in (4, 5, 6)]


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened) -> Any:
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    return panel


def mixing(qtbot: QtBot, panel: Any, *points: LatentPoint) -> Any:
    """The Mix mode with these sources."""
    qtbot.mouseClick(panel.chips.button("mix"), LEFT)
    mode = panel.mode("mix")
    mode.sources.setCurrentRow(0)
    qtbot.keyClick(mode.sources, Qt.Key.Key_Delete)
    for point in points:
        drop(mode.sources.viewport(), mime=pack([point]))
    return mode


def test_the_mode_begins_with_where_one_is_and_changes_nothing(qtbot: QtBot, panel: Any, opened: Opened) -> None:
    moved = LatentPoint((7,), moves=(DirectionOffset("pca", 2.0, first=3), DirectionOffset("pca", 1.0, index=1)))
    panel.request.set_point(moved)
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.chips.button("mix"), LEFT)
    assert panel.mode("mix").sources.points() == (moved,)
    assert panel.current == moved
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == LatentPoint()
    assert not panel.view.undo.isEnabled()


def test_layers_are_taken_from_where_one_clicks(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    assert panel.current == POINTS[0]
    for row, column in ((0, 1), (9, 2)):
        qtbot.mouseClick(mode.matrix, LEFT, pos=mode.matrix.spot(row, column).toPoint())
    assert panel.current == by_layer(POINTS, [1, 0, 0, 0, 0, 0, 0, 0, 0, 2])


def test_a_drag_takes_many_layers_and_is_one_step(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    start, end = (mode.matrix.spot(row, 2).toPoint() for row in (2, 5))
    qtbot.mousePress(mode.matrix, LEFT, pos=start)
    for row in (3, 4, 5):
        qtbot.mouseMove(mode.matrix, mode.matrix.spot(row, 2).toPoint())
    qtbot.mouseRelease(mode.matrix, LEFT, pos=end)
    assert panel.current == by_layer(POINTS, [0, 0, 2, 2, 2, 2, 0, 0, 0, 0])
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == POINTS[0]
    assert mode.matrix.rows() == [0] * 10


def test_keys_move_marks(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(mode.matrix, key)
    assert mode.matrix.rows() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_shortcuts_take_whole_bands(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    qtbot.mouseClick(mode.sources.viewport(), LEFT, pos=mode.sources.visualItemRect(mode.sources.item(1)).center())
    press(qtbot, mode.left, "Fine")
    assert panel.current == by_layer(POINTS, [0] * 7 + [1] * 3)
    press(qtbot, mode.left, "All")
    assert panel.current == POINTS[1]


def test_arithmetic_and_average(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    qtbot.mouseClick(mode.way.button("sum"), LEFT)
    assert panel.current == arithmetic(*POINTS)
    mode.amount.box.setFocus()
    mode.amount.box.selectAll()
    qtbot.keyClicks(mode.amount.box, "0.5")
    qtbot.keyClick(mode.amount.box, Qt.Key.Key_Return)
    assert panel.current == arithmetic(*POINTS, amount=0.5)
    qtbot.mouseClick(mode.way.button("average"), LEFT)
    assert panel.current == average(POINTS)


def test_a_sum_of_too_few_says_what_is_missing(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS[:2])
    before = panel.current
    qtbot.mouseClick(mode.way.button("sum"), LEFT)
    assert mode.formula.text() == "Add three sources: A, B and C."
    assert panel.current == before


def test_a_source_that_goes_leaves_no_mark_behind(qtbot: QtBot, panel: Any) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    press(qtbot, mode.left, "All")  # from the last one
    mode.sources.setCurrentRow(2)
    qtbot.keyClick(mode.sources, Qt.Key.Key_Delete)
    assert panel.current == POINTS[0]


# -- menus


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("where", ["map", "star", "picture"])
def test_a_point_goes_to_mix_and_breed_by_its_menu(qtbot: QtBot, panel: Any, where: str) -> None:
    """Their own lists are hidden meanwhile, and nothing else changes."""
    panel.stars.toggle(LatentPoint((1,)))
    stars, map_ = panel.stars.list, panel.map.map
    widget, spot = {
        "map": (map_, map_.rect_of_seed(1).center().toPoint()),
        "star": (stars.viewport(), stars.visualItemRect(stars.item(0)).center()),
        "picture": (panel.view.wander, panel.view.wander.rect().center()),
    }[where]
    point = LatentPoint() if where == "picture" else LatentPoint((1,))
    for words in ("Add to Mix", "Add as parent"):
        in_menu(lambda words=words: ask_menu(widget, spot), words)
    assert panel.chips.value() == "map"
    assert panel.current == LatentPoint()
    assert panel.mode("mix").sources.points() == (point,)
    assert panel.mode("breed").parents.points() == (point,)


def test_a_random_seed_is_a_source(qtbot: QtBot, panel: Any) -> None:
    qtbot.mouseClick(panel.chips.button("mix"), LEFT)
    mode = panel.mode("mix")
    press(qtbot, mode.middle, "+ Random")
    assert mode.sources.count() == 2
    assert mode.sources.points()[1] != LatentPoint()


# -- stars


def test_a_star_is_named_found_and_gone_to(qtbot: QtBot, panel: Any, opened: Opened) -> None:
    panel.request.go(3.5, 2.0)
    all_frames(qtbot, opened, panel)
    kept = panel.current
    qtbot.mouseClick(panel.view.star, LEFT)
    stars = panel.stars.list
    stars.setCurrentRow(0)
    qtbot.keyClick(stars, Qt.Key.Key_F2)
    editor = stars.findChild(QLineEdit)
    qtbot.keyClicks(editor, "Golden hour")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stars.names() == ("Golden hour",))
    for seed in range(10, 20):
        panel.request.go(float(seed), 0.0)
        all_frames(qtbot, opened, panel)
        qtbot.mouseClick(panel.view.star, LEFT)
    qtbot.keyClicks(panel.stars.search, "gold")
    assert stars.count() == 1
    qtbot.mouseClick(stars.viewport(), LEFT, pos=stars.visualItemRect(stars.item(0)).center())
    assert panel.current == kept


def test_a_star_is_taken_away_by_its_button_and_by_delete(qtbot: QtBot, panel: Any) -> None:
    for _ in range(2):
        qtbot.mouseClick(panel.view.star, LEFT)
    assert panel.stars.list.count() == 0
    qtbot.mouseClick(panel.view.star, LEFT)
    panel.stars.list.setCurrentRow(0)
    qtbot.keyClick(panel.stars.list, Qt.Key.Key_Delete)
    assert not panel.stars.starred(panel.current)


@pytest.mark.qt_log_ignore("This plugin does not support")  # menus want more than there is without a screen
def test_the_map_shows_and_gives_stars(panel: Any) -> None:
    map_ = panel.map.map
    spot: QPoint = map_.rect_of_seed(1).center().toPoint()
    in_menu(lambda: ask_menu(map_, spot), "Add a star")
    assert panel.stars.seeds() == {1}
    assert map_._stars == {1}
    in_menu(lambda: ask_menu(map_, spot), "Remove the star")
    assert panel.stars.seeds() == set()


def test_stars_sources_and_the_mode_are_there_after_a_restart(qtbot: QtBot, panel: Any, opened: Opened) -> None:
    mode = mixing(qtbot, panel, *POINTS)
    press(qtbot, mode.left, "Fine")
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.view.star, LEFT)
    mixed = panel.current
    opened.close_window(qtbot)
    with open_window(qtbot) as again:
        panel = room(again, "latent")
        assert panel.chips.value() == "mix"
        assert panel.current == mixed
        assert panel.stars.starred(mixed)
        assert panel.mode("mix").sources.points() == tuple(POINTS)


def test_points_can_be_walked_through(qtbot: QtBot, panel: Any, opened: Opened) -> None:
    mixing(qtbot, panel, *POINTS)
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.timeline.add, LEFT)
    assert panel.timeline.blends() == (POINTS[0],)
    qtbot.keyClick(panel, Qt.Key.Key_Z, CONTROL)
    assert panel.timeline.blends() == ()
    assert panel.current == POINTS[0]

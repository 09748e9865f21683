"""Breeding in the Latent room, on a scripted engine: with mouse and keys."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.widgets.point_list import pack
from studio.ui.empty import EmptyState
from tests.opened import drop, open_window
from tests.shell.conftest import Opened
from tests.shell.rooms import CONTROL, LEFT, all_frames, room

A, B = LatentPoint((4,)), LatentPoint((5,))


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened) -> Any:
    panel = room(opened, "latent")
    all_frames(qtbot, opened, panel)
    panel.request.go(4.0, 0.0)
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.chips.button("breed"), LEFT)
    return panel


@pytest.fixture
def mode(panel: Any) -> Any:
    mode = panel.mode("breed")
    drop(mode.parents.viewport(), mime=pack([B]))
    return mode


def click(qtbot: QtBot, mode: Any, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    children = mode.litter
    qtbot.mouseClick(children.viewport(), LEFT, keys, pos=children.visualItemRect(children.item(row)).center())


def test_two_parents_have_children_and_a_click_goes_to_one(qtbot: QtBot, panel: Any, mode: Any) -> None:
    assert mode.parents.points() == (A, B)
    qtbot.mouseClick(mode.breed, LEFT)
    assert mode.litter.count() == 12
    click(qtbot, mode, 3)
    assert panel.current == mode.family.members[2 + 3]
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == A


def test_before_the_first_children_their_place_says_how_to_get_some(qtbot: QtBot, mode: Any) -> None:
    (empty,) = mode.middle.findChildren(EmptyState)
    assert empty.isVisible()
    qtbot.mouseClick(mode.view.button("tree"), LEFT)
    assert empty.isVisible()
    qtbot.mouseClick(mode.breed, LEFT)
    assert mode.tree.isVisible()
    qtbot.mouseClick(mode.view.button("children"), LEFT)
    assert mode.litter.isVisible()
    qtbot.mouseClick(mode.forget, LEFT)
    assert empty.isVisible()


def test_one_alone_has_children_by_mutation_only(qtbot: QtBot, panel: Any) -> None:
    mode = panel.mode("breed")
    assert mode.breed.isEnabled()
    mode.mutation.box.setValue(0)
    assert not mode.breed.isEnabled()


def test_selected_children_become_the_next_parents_and_the_tree_is_kept(qtbot: QtBot, panel: Any, mode: Any) -> None:
    qtbot.mouseClick(mode.breed, LEFT)
    click(qtbot, mode, 0)
    click(qtbot, mode, 5, CONTROL)
    assert mode.breed.text() == "Breed 2 selected"
    qtbot.mouseClick(mode.breed, LEFT)
    members = mode.family.members
    assert mode.parents.points() == (members[2], members[7])
    assert mode.family.parents_of(14) == (2, 7)
    click(qtbot, mode, 0)
    qtbot.mouseClick(mode.view.button("tree"), LEFT)
    assert panel.current == members[14]
    qtbot.mouseClick(mode.tree, LEFT, pos=mode.tree.place(1).center().toPoint())
    assert panel.current == B
    qtbot.keyClick(mode.tree, Qt.Key.Key_Down)
    assert panel.current == members[3]


def test_generations_can_be_turned(qtbot: QtBot, mode: Any) -> None:
    for _ in range(2):
        qtbot.mouseClick(mode.breed, LEFT)
    second = mode.litter.points()
    qtbot.mouseClick(mode.back, LEFT)
    assert mode.litter.points() != second
    assert not mode.back.isEnabled()
    qtbot.mouseClick(mode.forth, LEFT)
    assert mode.litter.points() == second


def test_the_family_is_there_after_a_restart(qtbot: QtBot, mode: Any, opened: Opened) -> None:
    qtbot.mouseClick(mode.breed, LEFT)
    children = mode.litter.points()
    opened.close_window(qtbot)
    with open_window(qtbot) as again:
        assert room(again, "latent").mode("breed").litter.points() == children


def test_a_new_family_begins_with_nobody(qtbot: QtBot, mode: Any) -> None:
    qtbot.mouseClick(mode.breed, LEFT)
    qtbot.mouseClick(mode.forget, LEFT)
    assert mode.litter.count() == 0
    assert not mode.forget.isEnabled()


def test_each_member_of_the_tree_gets_its_picture(qtbot: QtBot, panel: Any, mode: Any, opened: Opened) -> None:
    qtbot.mouseClick(mode.breed, LEFT)
    qtbot.mouseClick(mode.view.button("tree"), LEFT)
    all_frames(qtbot, opened, panel)
    assert set(mode.tree._pictures) == set(range(14))
    assert not any(mode.litter.picture(row).isNull() for row in range(12))

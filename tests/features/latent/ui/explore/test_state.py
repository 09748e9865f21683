"""The state of the Latent room: one value, and its past."""

import pytest
from pytestqt.qtbot import QtBot

from studio.app.undo import Undo
from studio.core.errors import StudioError
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.state import PLACE, LatentState


@pytest.fixture
def undo(qtbot: QtBot) -> Undo:
    return Undo()


@pytest.fixture
def state(undo: Undo) -> LatentState:
    return LatentState(undo)


def test_a_change_is_said_and_undone_and_redone(qtbot: QtBot, undo: Undo, state: LatentState) -> None:
    with qtbot.waitSignal(state.changed):
        state.set_point(LatentPoint((5,)))
    state.change({"psi": 0.4})
    undo.undo(PLACE)
    assert (state.task.psi, state.point) == (0.7, LatentPoint((5,)))
    undo.undo(PLACE)
    assert state.point == LatentPoint()
    assert undo.next_undo(PLACE) is None
    undo.redo(PLACE)
    undo.redo(PLACE)
    assert (state.task.psi, state.point) == (0.4, LatentPoint((5,)))
    assert undo.next_redo(PLACE) is None


def test_a_gesture_is_one_step(undo: Undo, state: LatentState) -> None:
    for psi in (0.6, 0.5, 0.4):
        state.change({"psi": psi}, "psi")
    state.settle()
    state.change({"psi": 0.3}, "psi")
    undo.undo(PLACE)
    assert state.task.psi == 0.4
    undo.undo(PLACE)
    assert state.task.psi == 0.7


def test_a_gesture_that_rests_is_over(qtbot: QtBot, undo: Undo, state: LatentState) -> None:
    state.change({"psi": 0.6}, "psi")
    with qtbot.waitSignal(state._rest.timeout):
        pass
    state.change({"psi": 0.5}, "psi")
    undo.undo(PLACE)
    assert state.task.psi == 0.6


def test_a_new_step_ends_what_could_be_redone(undo: Undo, state: LatentState) -> None:
    state.change({"psi": 0.6})
    undo.undo(PLACE)
    state.change({"psi": 0.5})
    assert undo.next_redo(PLACE) is None


def test_the_same_again_is_no_step(undo: Undo, state: LatentState) -> None:
    state.change({"psi": 0.7})
    assert undo.next_undo(PLACE) is None


def test_what_is_out_of_bounds_changes_nothing(undo: Undo, state: LatentState) -> None:
    with pytest.raises(StudioError):
        state.change({"psi": 7.0})
    assert (state.task.psi, undo.next_undo(PLACE)) == (0.7, None)


def test_the_past_has_an_end(undo: Undo, state: LatentState) -> None:
    for number in range(600):
        state.set_point(LatentPoint((number + 1,)))
    while undo.next_undo(PLACE):
        undo.undo(PLACE)
    assert state.point == LatentPoint((100,))


def test_a_restart_has_no_past(undo: Undo, state: LatentState) -> None:
    state.change({"psi": 0.6})
    state.restart(state.task)
    assert undo.next_undo(PLACE) is None


def test_a_gesture_that_is_given_up_has_never_been(undo: Undo, state: LatentState) -> None:
    state.change({"psi": 0.6})
    state.set_point(LatentPoint((5,)), "map")
    state.set_point(LatentPoint((6,)), "map")
    state.take_back("another")
    assert state.point == LatentPoint((6,))
    state.take_back("map")
    assert (state.point, state.task.psi) == (LatentPoint(), 0.6)
    undo.undo(PLACE)
    assert state.task.psi == 0.7


def test_a_past_that_was_set_aside_comes_back_with_its_steps(undo: Undo, state: LatentState) -> None:
    state.set_point(LatentPoint((5,)))
    state.set_point(LatentPoint((6,)))
    undo.undo(PLACE)
    past = state.past()
    assert {task.points[0] for task in state.every_task()} == {LatentPoint((5,)), LatentPoint(), LatentPoint((6,))}
    state.restart_with(LatentPoint((9,)))
    assert undo.next_undo(PLACE) is None
    state.set_point(LatentPoint((10,)))
    state.go_back_to(past)
    assert state.point == LatentPoint((5,))
    undo.redo(PLACE)
    assert state.point == LatentPoint((6,))
    undo.undo(PLACE)
    undo.undo(PLACE)
    assert state.point == LatentPoint()
    assert undo.next_undo(PLACE) is None

"""The state of the Latent room: one value, and its past."""

import pytest
from pytestqt.qtbot import QtBot

from studio.app.undo import Undo
from studio.core.errors import StudioError
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.state import LatentState


@pytest.fixture
def state(qtbot: QtBot) -> LatentState:
    return LatentState(Undo())


def test_a_change_is_said_and_undone_and_redone(qtbot: QtBot, state: LatentState) -> None:
    with qtbot.waitSignal(state.changed):
        state.set_point(LatentPoint((5,)))
    state.change(psi=0.4)
    state.undo()
    assert (state.task.psi, state.point) == (0.7, LatentPoint((5,)))
    state.undo()
    assert state.point == LatentPoint()
    assert not state.can_undo
    state.redo()
    state.redo()
    assert (state.task.psi, state.point) == (0.4, LatentPoint((5,)))
    assert not state.can_redo


def test_a_gesture_is_one_step(state: LatentState) -> None:
    for psi in (0.6, 0.5, 0.4):
        state.change("psi", psi=psi)
    state.settle()
    state.change("psi", psi=0.3)
    state.undo()
    assert state.task.psi == 0.4
    state.undo()
    assert state.task.psi == 0.7


def test_a_gesture_that_rests_is_over(qtbot: QtBot, state: LatentState) -> None:
    state.change("psi", psi=0.6)
    with qtbot.waitSignal(state._rest.timeout):
        pass
    state.change("psi", psi=0.5)
    state.undo()
    assert state.task.psi == 0.6


def test_a_new_step_ends_what_could_be_redone(state: LatentState) -> None:
    state.change(psi=0.6)
    state.undo()
    state.change(psi=0.5)
    assert not state.can_redo


def test_the_same_again_is_no_step(state: LatentState) -> None:
    state.change(psi=0.7)
    assert not state.can_undo


def test_what_is_out_of_bounds_changes_nothing(state: LatentState) -> None:
    with pytest.raises(StudioError):
        state.change(psi=7.0)
    assert (state.task.psi, state.can_undo) == (0.7, False)


def test_the_past_has_an_end(state: LatentState) -> None:
    for number in range(600):
        state.set_point(LatentPoint((number + 1,)))
    while state.can_undo:
        state.undo()
    assert state.point == LatentPoint((100,))


def test_a_restart_has_no_past(state: LatentState) -> None:
    state.change(psi=0.6)
    state.restart(state.task)
    assert not state.can_undo


def test_a_gesture_that_is_given_up_has_never_been(state: LatentState) -> None:
    state.change(psi=0.6)
    state.set_point(LatentPoint((5,)), "map")
    state.set_point(LatentPoint((6,)), "map")
    state.take_back("another")
    assert state.point == LatentPoint((6,))
    state.take_back("map")
    assert (state.point, state.task.psi) == (LatentPoint(), 0.6)
    state.undo()
    assert state.task.psi == 0.7


def test_a_past_that_was_set_aside_comes_back_with_its_steps(state: LatentState) -> None:
    state.set_point(LatentPoint((5,)))
    state.set_point(LatentPoint((6,)))
    state.undo()
    past = state.past()
    assert {task.points[0] for task in state.all()} == {LatentPoint((5,)), LatentPoint(), LatentPoint((6,))}
    state.restart_with(LatentPoint((9,)))
    assert not state.can_undo
    state.set_point(LatentPoint((10,)))
    state.go_back_to(past)
    assert state.point == LatentPoint((5,))
    state.redo()
    assert state.point == LatentPoint((6,))
    state.undo()
    state.undo()
    assert state.point == LatentPoint()
    assert not state.can_undo

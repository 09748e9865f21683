"""The Latent room taking over earlier requests."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.app.services import Parcel
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Job
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from tests.opened import Opened, room


def take_over(opened: Opened, task: Task, model: str = "") -> Any:
    panel = room(opened, "latent")
    panel.receive(Parcel(room="latent", job=Job(task=task, model=model or panel.models.address())))
    return panel


def test_a_picture_between_seeds_with_mixed_styles_comes_back(opened: Opened) -> None:
    panel = room(opened, "latent")
    panel.request.go(3.4, 2.7)
    panel.map.slots.slots[1].set_seed(9)
    panel.request.change({"psi": 0.5})
    made = panel.task()
    panel.settings.reset.click()
    again = take_over(opened, made).task()
    assert again.points[0].seeds == made.points[0].seeds
    assert again.points[0].weights == pytest.approx(made.points[0].weights)
    assert (again.points[0].middle, again.psi) == (9, 0.5)


def test_a_point_off_the_plane_stays_what_it_is(opened: Opened) -> None:
    far = LatentPoint((5, 700), (0.2, 0.8), parts=(Part((9,), (1.0,), layer_weights=(0.5,)),))
    panel = take_over(opened, LatentTask(points=(far,)))
    assert panel.current == far


def test_from_a_point_off_the_plane_a_seed_can_be_gone_to_with_all_moves_kept(opened: Opened) -> None:
    move = DirectionOffset(amount=1.0, vector=b"\0" * 512)
    panel = take_over(opened, LatentTask(points=(LatentPoint(styles=b"\0" * 2560, fine=3, moves=(move,)),)))
    panel.request.go(8.0, 0.0)
    assert panel.current == LatentPoint((8,), (1.0,), fine=3, moves=(move,))


def test_a_walk_through_seeds_gets_its_keyframes(opened: Opened) -> None:
    panel = take_over(opened, WalkTask(seeds=(1, 5, 9)))
    assert [key.seeds for key in panel.timeline.blends()] == [(1,), (5,), (9,)]


def test_every_seed_can_be_typed(opened: Opened) -> None:
    panel = take_over(opened, LatentTask(seeds=(3_000_000_000,)))
    assert panel.settings.seed.text() == "3000000000"
    panel.settings.seed.setValue(4294967295)
    assert panel.current.seeds == (4294967295,)


def test_between_seeds_the_box_names_none_and_takes_one(qtbot: QtBot, opened: Opened) -> None:
    move = DirectionOffset(amount=1.0, vector=b"\0" * 512)
    for point in (
        LatentPoint((0, 1026), (0.34, 1.07)), LatentPoint((3,), fine=9), LatentPoint((3,), moves=(move,)),
        LatentPoint(styles=b"\0" * 2560),
    ):  # fmt: skip
        panel = take_over(opened, LatentTask(points=(point,)))
        assert panel.settings.seed.text() == tr("between"), point
    panel.settings.seed.setFocus()
    panel.settings.seed.selectAll()
    qtbot.keyClicks(panel.settings.seed, "-1")
    qtbot.keyClick(panel.settings.seed, Qt.Key.Key_Return)
    assert panel.settings.seed.text() == tr("between")
    panel.settings.seed.selectAll()
    qtbot.keyClicks(panel.settings.seed, "7")
    qtbot.keyClick(panel.settings.seed, Qt.Key.Key_Return)
    assert panel.current.seeds == (7,)
    assert panel.settings.seed.text() == "7"


def test_each_mode_says_what_holds_in_it(opened: Opened) -> None:
    panel = room(opened, "latent")
    panel.enter_mode("map")
    before = panel.head.box.toolTip()
    assert "map" in panel.view.hint.text()
    for name in ("mix", "breed", "drag", "layers"):
        panel.enter_mode(name)
        assert "map" not in panel.view.hint.text(), name
    for name in ("teach", "vae"):
        panel.enter_mode(name)
        assert panel.head.box.toolTip() == "This mode uses no GAN", name
    panel.enter_mode("map")
    assert (panel.head.box.toolTip(), panel.head.isEnabled()) == (before, True)


def test_a_model_that_is_gone_is_said(qtbot: QtBot, opened: Opened) -> None:
    with qtbot.waitSignal(opened.services.noticed):
        take_over(opened, LatentTask(), "/gone")

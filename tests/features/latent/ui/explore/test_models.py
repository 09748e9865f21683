"""Another model in the Latent room: what belongs to the one before is set aside, and the room is full at once."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Done, Failed, Made, Started
from studio.core.resources import starters
from studio.core.values import Result
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Scale
from studio.features.latent.ui.explore.state import PLACE
from studio.features.latent.ui.widgets.point_list import pack
from tests.app.scripted import picture
from tests.opened import drop, open_window, press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, all_frames, room

FIRST = "starter:latents"
STYLED = LatentPoint(styles=b"\0" * 8)


@pytest.fixture
def other(qtbot: QtBot, opened: Opened, tmp_path: Path) -> str:
    """The address of a second generator."""
    folder = tmp_path / "other"
    shutil.copytree(starters() / "latents", folder / "lakes")
    with qtbot.waitSignal(opened.services.models_changed):
        opened.services.set_model_folders((str(folder),))
    return next(model.address for model in opened.services.models(("latent>image",)) if model.address != FIRST)


@pytest.fixture
def panel(qtbot: QtBot, opened: Opened, other: str) -> Any:
    panel = room(opened, "latent")
    panel.models.choose(FIRST)
    all_frames(qtbot, opened, panel)
    return panel


def mix(qtbot: QtBot, panel: Any) -> Any:
    """A mixture by layer as the current point."""
    qtbot.mouseClick(panel.chips.button("mix"), LEFT)
    mode = panel.mode("mix")
    drop(mode.sources.viewport(), mime=pack([LatentPoint((5,))]))
    press(qtbot, mode.left, "Fine")
    assert not panel.current.anywhere
    return mode


def test_a_mixture_is_set_aside_and_comes_back(qtbot: QtBot, opened: Opened, panel: Any, other: str) -> None:
    mode, mixed = mix(qtbot, panel), panel.current
    sources = mode.sources.points()
    said: list[str] = []
    opened.services.noticed.connect(lambda notice: said.append(notice.text))
    panel.models.choose(other)
    all_frames(qtbot, opened, panel)
    assert panel.banner.message == ""
    assert mode.sources.points() == ()
    assert panel.current == LatentPoint((0,))
    step = opened.services.undo.next_undo(PLACE)
    assert step is None or step.place != PLACE
    assert any("comes back" in words for words in said)
    panel.request.go(8.0, 0.0)
    panel.models.choose(FIRST)
    all_frames(qtbot, opened, panel)
    assert (panel.current, mode.sources.points()) == (mixed, sources)
    qtbot.mouseClick(panel.view.undo, LEFT)
    assert panel.current == LatentPoint()
    panel.models.choose(other)
    assert panel.current == LatentPoint((8,))


def test_no_picture_of_the_new_model_is_asked_of_a_point_of_the_old_one(
    qtbot: QtBot, opened: Opened, panel: Any, other: str
) -> None:
    mix(qtbot, panel)
    qtbot.mouseClick(panel.timeline.add, LEFT)
    panel.timeline.add_key(STYLED)
    panel.request.change({"scales": (Scale("b8.conv0", 0, 0.0),)})
    all_frames(qtbot, opened, panel)
    before = len(opened.engine.jobs)
    panel.models.choose(other)
    all_frames(qtbot, opened, panel)
    asked = [job for job in opened.engine.jobs[before:] if job.model == other]
    assert asked
    points = [point for job in asked for point in getattr(job.task, "points", ())]
    assert all(point.anywhere for point in points)
    assert not any(getattr(job.task, "scales", ()) for job in asked)
    panel.models.choose(FIRST)
    assert panel.timeline.blends()[-1] == STYLED
    assert panel.request.task.scales


def test_a_family_is_set_aside_over_a_restart(qtbot: QtBot, opened: Opened, panel: Any, other: str) -> None:
    qtbot.mouseClick(panel.chips.button("breed"), LEFT)
    mode = panel.mode("breed")
    drop(mode.parents.viewport(), mime=pack([LatentPoint((5,))]))
    press(qtbot, mode.middle, "Breed")
    family = mode.family
    panel.models.choose(other)
    assert not mode.family.generations
    opened.close_window(qtbot)
    with open_window(qtbot) as again:
        panel = room(again, "latent")
        panel.models.choose(FIRST)
        assert panel.mode("breed").family == family


def test_what_every_model_has_stays(qtbot: QtBot, opened: Opened, panel: Any, other: str) -> None:
    panel.timeline.add_key(LatentPoint((3,)))
    panel.request.go(7.5, 2.0)
    before = panel.current
    panel.models.choose(other)
    assert (panel.current, panel.timeline.blends()) == (before, (LatentPoint((3,)),))
    assert panel.view.undo.isEnabled()
    panel.request.set_point(LatentPoint((3,), moves=(DirectionOffset("pca", 1.0),)))
    panel.models.choose(FIRST)
    assert panel.current == LatentPoint((3,))  # directions are a model's own


def test_the_other_model_s_find_and_star_are_not_shown(
    qtbot: QtBot, opened: Opened, panel: Any, other: str, tmp_path: Path
) -> None:
    drop(panel.invert, tmp_path / "picture.png")
    job = opened.engine.jobs[-1]
    notes = {"psnr": 25.66, "point": msgspec.to_builtins(STYLED)}
    opened.engine.push(Started(job.id), Made(job.id, picture(**notes)), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.current == STYLED)
    all_frames(qtbot, opened, panel)
    qtbot.mouseClick(panel.view.star, LEFT)
    assert panel.view.star.accessibleName() == "Remove the star"
    assert "25.66" in panel.invert.words.text()
    panel.models.choose(other)
    assert panel.view.star.accessibleName() == "Add a star"
    assert "25.66" not in panel.invert.words.text()


def test_the_map_is_filled_as_soon_as_it_is_seen(qtbot: QtBot, opened: Opened, panel: Any, other: str) -> None:
    """As at Open in the explorer, after a training."""
    qtbot.mouseClick(panel.chips.button("teach"), LEFT)
    panel.models.choose(other)
    all_frames(qtbot, opened, panel)
    before = len(opened.engine.jobs)
    panel.enter_mode("map")
    all_frames(qtbot, opened, panel)
    assert any(len(getattr(job.task, "seeds", ())) > 1 and job.model == other for job in opened.engine.jobs[before:])


def test_one_point_that_can_t_be_made_leaves_the_others_their_pictures(
    qtbot: QtBot, opened: Opened, panel: Any
) -> None:
    for point in (LatentPoint((1,)), STYLED, LatentPoint((2,))):
        panel.timeline.add_key(point)
    made: list[LatentPoint] = []
    while (busy := panel.frames._busy) is not None:
        job = opened.engine.jobs[-1]
        points = getattr(job.task, "points", ())
        if STYLED in points:
            opened.engine.push(Started(job.id), Failed(job.id, "bad_request", "another model"))
        else:
            made += points
            assets = [picture(index=index) for index in range(max(len(points), 1))]
            opened.engine.push(Started(job.id), *(Made(job.id, one) for one in assets), Done(job.id, Result()))
        qtbot.waitUntil(lambda busy=busy: panel.frames._busy is not busy)
    assert {LatentPoint((1,)), LatentPoint((2,))} <= set(made)
    assert panel.banner.message == ""
    assert [key.picture is not None for key in panel.timeline.track.keys] == [True, False, True]


def test_mix_is_as_it_was_left_and_opening_it_moves_nothing(qtbot: QtBot, opened: Opened, panel: Any) -> None:
    mode = mix(qtbot, panel)
    qtbot.mouseClick(mode.way.button("average"), LEFT)
    sources = mode.sources.points()
    qtbot.mouseClick(panel.chips.button("map"), LEFT)
    panel.request.go(9.0, 0.0)
    opened.close_window(qtbot)
    with open_window(qtbot) as again:
        panel = room(again, "latent")
        qtbot.mouseClick(panel.chips.button("mix"), LEFT)
        assert (panel.mode("mix").sources.points(), panel.mode("mix").way.value()) == (sources, "average")
        assert panel.current == LatentPoint((9,))

"""A trip through Latent that searches: the bundled GAN finds a picture again, and its sun is pulled elsewhere."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint

from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.search import InvertTask
from tests.e2e.driving import Hands, made

pytestmark = pytest.mark.timeout(300)


def spot(view: Any, x: float, y: float) -> QPoint:
    return view.spot(x, y).toPoint()


def test_a_picture_of_the_library_is_found_again(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    room.request.go(5.0, 0.0)
    before = set(made(place, ".png"))
    hands.click(room.save)
    hands.finish(hands.newest())
    (file,) = set(made(place, ".png")) - before
    hands.click(room.settings.reset)
    hands.click(room.invert.section.head)
    for name, value in (("steps", 60), ("fine", 40), ("starts", 2)):
        hands.number(room.invert.form, name, value)
    hands.drop(room.invert, file)
    run = hands.newest()
    assert isinstance(run.job.task, InvertTask)
    formed = []
    run.preview.connect(lambda asset, _: formed.append(asset))
    hands.finish(run)
    hands.until(lambda: room.current.styles)
    assert len(formed) > 1
    (found,) = set(made(place, ".png")) - before - {file}
    with Image.open(file) as one, Image.open(found) as other:
        gaps = [abs(a - b) ** 2 for a, b in zip(one.tobytes(), other.tobytes(), strict=True)]
    assert sum(gaps) / len(gaps) < 255**2 / 1000  # 30 dB
    hands.click(room.view.undo)
    assert room.current == LatentPoint()


def test_the_sun_is_pulled_elsewhere(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    room.request.go(9.0, 0.0)
    hands.click(room.chips.button("drag"))
    mode = room.mode("drag")
    start = room.current
    hands.until(lambda: room.seen.point == start)
    hands.drag(mode.view, spot(mode.view, 0.48, 0.31), spot(mode.view, 0.4, 0.34), spot(mode.view, 0.36, 0.36))
    hands.click(mode.start)
    run, seen = hands.newest(), []
    run.preview.connect(lambda asset, _: seen.append(asset.notes["handles"][0]))
    hands.finish(run)
    hands.until(lambda: room.current.styles)
    assert len(seen) > 1
    assert seen[0] != seen[-1]
    ((x, y, to_x, to_y),) = mode.view.drags()
    assert abs(x - to_x) * 64 <= 2
    assert abs(y - to_y) * 64 <= 2
    hands.click(room.view.undo)
    assert room.current == start
    assert mode.view.drags()[0][:2] == pytest.approx((0.48, 0.31), abs=0.01)


def test_a_drag_that_is_stopped_stays_where_it_is(hands: Hands) -> None:
    room = hands.enter("latent")
    room.request.go(9.0, 0.0)
    mode = room.enter_mode("drag")
    hands.click(mode.clear) if mode.clear.isEnabled() else None
    hands.until(lambda: room.seen.point == room.current)
    hands.drag(mode.view, spot(mode.view, 0.48, 0.31), spot(mode.view, 0.7, 0.6), spot(mode.view, 0.95, 0.95))
    hands.click(mode.start)
    run, seen = hands.newest(), []
    run.preview.connect(lambda asset, _: seen.append(asset))
    hands.until(lambda: len(seen) > 1)
    hands.click(mode.halt)
    hands.until(lambda: run.over)
    assert run.state == "cancelled"
    hands.until(lambda: room.current.styles)
    assert mode.start.isEnabled()

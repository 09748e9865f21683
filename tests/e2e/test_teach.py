"""A trip through Teach: a folder is checked, a GAN trained, explored while it learns, paused and taken up again."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint

from studio.core.values import Asset
from tests.e2e.driving import Hands
from tests.ml.training.drawn import discs, write

pytestmark = pytest.mark.timeout(300)


def live(room: Any) -> list[Asset]:
    """The live frames as they come."""
    frames: list[Asset] = []
    room.frames.live.connect(lambda asset, *_: frames.append(asset))
    return frames


def test_a_gan_is_taught_explored_meanwhile_paused_and_resumed(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("teach"))
    mode = room.mode("teach")
    pictures = write(discs(24), place / "discs")
    hands.click(mode.form.control("resolution").chips.button("16"))
    hands.type(mode.form.control("name").edit, "Discs")
    hands.number(mode.form, "minutes", 0)
    hands.drop(mode.stage, pictures)
    hands.until(lambda: "24 pictures" in mode.found.text() and mode._run is None)
    assert "pictures per second" in mode.found.text()

    hands.click(mode.start)
    hands.until(lambda: bool(mode.kids.lines()[0]) and bool(mode.losses.lines()[0]))
    assert mode.stage.has_picture()
    hands.click(mode.start)
    hands.until(lambda: mode.start.text() == "Resume" and mode.open.isEnabled())
    shown = mode._curves.shown
    assert shown > 0

    hands.click(mode.start)
    hands.until(lambda: mode._run is not None and mode._run.at[2] == "Training")
    training = mode._run
    frames = live(room)
    hands.click(mode.open)
    hands.until(lambda: "snapshots" in room.models.address() and bool(frames) and frames[-1].width == 16)
    slider, count = room.settings.form.control("psi").slider, len(frames)
    middle = slider.rect().center()
    hands.drag(slider, middle, middle + QPoint(20, 0), middle + QPoint(40, 0))
    hands.until(lambda: len(frames) > count)
    assert training.state == "running"

    hands.click(room.chips.button("teach"))
    hands.click(mode.start)
    hands.until(lambda: training.over)
    assert training.state == "cancelled"
    hands.until(lambda: mode._curves.shown > shown)

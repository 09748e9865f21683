"""A trip through Latent: the map fills, sliders and wandering are live, a picture is kept, a walk becomes a film."""

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt

from studio.core.values import Asset
from studio.ui.layout import Section
from tests.e2e.driving import Hands, made

pytestmark = pytest.mark.timeout(300)


def live(room: Any) -> list[Asset]:
    """The live frames as they come."""
    frames: list[Asset] = []
    room.frames.live.connect(lambda asset, *_: frames.append(asset))
    return frames


def test_the_map_fills_and_every_move_gives_a_new_frame(hands: Hands) -> None:
    room = hands.enter("latent")
    frames = live(room)
    hands.until(lambda: not room.map.map.missing(1))
    assert room.map.map.picture(0) is not None

    slider = room.settings.form.control("psi").slider
    middle = slider.rect().center()
    count, psi = len(frames), room.settings.form.values()["psi"]
    hands.drag(slider, middle, middle + QPoint(20, 0), middle + QPoint(40, 0))
    assert room.settings.form.values()["psi"] != psi
    hands.until(lambda: len(frames) > count)

    before, centre = frames[-1].data, room.view.wander.rect().center()
    hands.until(lambda: not room.map.map.missing(1))
    count = len(frames)
    hands.drag(room.view.wander, centre, centre - QPoint(30, 0), centre - QPoint(60, 20))
    hands.until(lambda: len(frames) > count and frames[-1].data != before)
    assert not room.view.wander.pixmap().isNull()


def test_saving_keeps_the_picture(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    before = made(place, ".png")
    hands.click(room.save)
    hands.finish(hands.newest())
    (file,) = set(made(place, ".png")) - set(before)
    with Image.open(file) as image:
        assert image.size == (128, 128)
        assert '"latent"' in image.text["triptych"]  # type: ignore[attr-defined]  # PNG has it


def test_a_short_walk_becomes_a_film_that_a_player_can_read(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    hands.click(room.timeline.add)
    for _ in range(2):
        hands.qtbot.keyClick(room.map.map, Qt.Key.Key_Right)
        hands.until(lambda: room.seen.point == room.current)  # what is added is what is seen
        hands.click(room.timeline.add)
    assert len(set(room.timeline.blends())) == 3
    hands.click(room.timeline.findChild(Section).head)
    hands.number(room.timeline.form, "seconds", 1)
    hands.number(room.timeline.form, "rate", 12)

    hands.click(room.timeline.export)
    hands.finish(hands.newest())

    (film,) = made(place, ".mp4")
    with av.open(str(film)) as container:
        (stream,) = container.streams.video
        sizes = [(frame.width, frame.height) for frame in container.decode(stream)]
        assert stream.average_rate == 12
    assert sizes == [(128, 128)] * 12


def test_a_walk_is_played_and_made_even_and_becomes_a_webm(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    timeline = room.timeline
    hands.until(lambda: all(key.picture is not None for key in timeline.track.keys))
    hands.click(timeline.form.control("even").box)
    shown: list[int] = []
    room.frames.live.connect(lambda asset, *_: shown.append(asset.notes.get("frame", -1)))
    hands.click(timeline.play)
    hands.until(lambda: len({frame for frame in shown if frame >= 0}) >= 3)
    hands.click(timeline.play)
    assert sum(timeline.track.measured) == pytest.approx(1.0, abs=0.01)
    assert len(set(timeline.track.measured)) > 1
    hands.click(timeline.way.control("format").chips.button("webm"))
    hands.click(timeline.export)
    hands.finish(hands.newest())
    (film,) = made(place, ".webm")
    with av.open(str(film)) as container:
        assert container.streams.video[0].average_rate == 12
        assert len(list(container.decode(video=0))) == 12


def test_two_pictures_are_mixed_by_the_bundled_autoencoder(hands: Hands, place: Path, tmp_path: Path) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("vae"))
    mode = room.mode("vae")
    for name, colour in (("first", "orange"), ("second", "navy")):
        Image.new("RGB", (80, 60), colour).save(tmp_path / f"{name}.png")
        hands.drop(mode.sets[name], tmp_path / f"{name}.png")
    hands.until(mode.stage.has_picture)
    before = made(place, ".png")
    hands.click(mode.save)
    hands.finish(hands.newest())
    hands.until(lambda: len(made(place, ".png")) == len(before) + 1)
    (file,) = set(made(place, ".png")) - set(before)
    with Image.open(file) as image:
        assert image.size == (256, 256)
        assert '"vae"' in image.text["triptych"]  # type: ignore[attr-defined]  # PNG has it
    hands.click(room.chips.button("map"))

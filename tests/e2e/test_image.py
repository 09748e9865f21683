"""A trip through Image: typed, watched, saved; stopped; and the engine killed in the middle."""

import json
import os
import signal
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.e2e.driving import Hands, made

pytestmark = pytest.mark.timeout(300)
PROMPT = "a red balloon over teal mountains"


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


def test_a_typed_prompt_is_watched_and_saved_with_all_that_made_it(hands: Hands, place: Path) -> None:
    room = hands.enter("image")
    hands.type(room.prompt.edit, PROMPT)
    hands.number(room.form, "steps", 12)
    assert not room.viewer.stage.has_picture()

    hands.click(room.generate)
    run = hands.newest()
    seen: list[bool] = []
    run.preview.connect(lambda *_: seen.append(room.viewer.stage.has_picture() and not made(place, ".png")))
    hands.finish(run)

    assert any(seen), "no preview was on the stage before the picture was on the disk"
    (file,) = made(place, ".png")
    assert sorted(file.parent.iterdir()) == [file], "something unfinished was left beside it"
    with Image.open(file) as image:
        image.load()
        words = image.text  # type: ignore[attr-defined]  # PNG has it
        assert image.size == (128, 128)
    assert words["parameters"].startswith(PROMPT)
    assert "Steps: 12" in words["parameters"]
    assert json.loads(words["triptych"])["job"]["task"]["prompt"] == PROMPT
    hands.until(lambda: len(room.viewer.strip.keys()) == 1)
    assert room.viewer.strip.selected() == room.viewer.strip.keys()


def test_escape_stops_and_the_same_seed_gives_the_same_picture_afterwards(hands: Hands, place: Path) -> None:
    room = hands.enter("image")
    hands.type(room.prompt.edit, PROMPT)
    hands.number(room.form, "steps", 8)
    hands.seed(room.form, 7)
    hands.finish(hands.make(room.prompt.edit))
    before = made(place, ".png")

    hands.number(room.form, "steps", 150)
    run = hands.make(room.prompt.edit)
    hands.until(lambda: run.at[0] >= 3)
    hands.qtbot.keyClick(room.prompt.edit, Qt.Key.Key_Escape)
    assert run.state == "stopping"
    hands.until(lambda: run.over)
    assert run.state == "cancelled"
    assert run.at[0] < 150

    hands.number(room.form, "steps", 8)
    hands.finish(hands.make(room.prompt.edit))
    (new,) = set(made(place, ".png")) - set(before)
    twin = next(file for file in before if "-7-" in file.name)
    assert pixels(new) == pixels(twin)


def test_a_killed_engine_is_said_in_place_and_try_again_makes_the_picture(hands: Hands, place: Path) -> None:
    room = hands.enter("image")
    hands.type(room.prompt.edit, PROMPT)
    hands.number(room.form, "steps", 60)
    before = made(place, ".png")
    run = hands.make(room.prompt.edit)
    hands.until(lambda: run.at[0] >= 3)

    os.kill(hands.studio.services.engine.facts["pid"], signal.SIGKILL)
    hands.until(lambda: run.over)

    assert run.state == "interrupted"
    assert hands.window.isVisible()
    assert "engine stopped" in room.banner.message
    assert made(place, ".png") == before
    hands.press(room.banner, "Try again")
    again = hands.newest()
    hands.finish(again)
    assert not room.banner.message
    assert len(made(place, ".png")) == len(before) + 1


def test_a_batch_tells_how_well_each_fits_and_is_ranked(hands: Hands, place: Path) -> None:
    room = hands.enter("image")
    hands.type(room.prompt.edit, PROMPT)
    hands.number(room.form, "steps", 8)
    hands.number(room.form, "count", 3)
    before = set(made(place, ".png"))
    hands.finish(hands.make(room.prompt.edit))
    hands.number(room.form, "count", 1)
    found = {}
    for file in set(made(place, ".png")) - before:
        with Image.open(file) as image:
            image.load()
            found[file.name] = json.loads(image.text["triptych"])["notes"]["match"]  # type: ignore[attr-defined]
    assert len(found) == 3

    hands.click(room.viewer.best)
    hands.until(lambda: room.current is not None and room.current.notes["match"] == max(found.values()))
    shown = [found[Path(room.viewer.history.items[key].path).name] for key in room.viewer.strip.keys()[:3]]
    assert shown == sorted(found.values(), reverse=True)
    best = f"CLIP match: {max(found.values()):.2f}"
    assert any(one.accessibleName().startswith(best) for one in room.viewer.details.findChildren(QLabel))
    hands.click(room.viewer.best)

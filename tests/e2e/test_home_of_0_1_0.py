"""A trip in a data folder that version 0.1.0 left: each thing that a person had there is found, opens and goes on."""

import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint

from studio.app.services import Query
from studio.features.latent.points.point import LatentPoint
from tests.e2e.driving import LEFT, PATIENCE, Hands, made

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "data" / "home-0.1.0" / "home.zip"
MADE_AT = "/triptych-home/of-0.1.0"
"""Where the folder was when it was in use: its own name stands in the index, the queue and the settings."""

COMMANDS = "import sys; from studio.cli import main; sys.exit(main())"


def unpack(place: Path) -> None:
    """Lay the kept folder at ``place``, as if it had always been there."""
    with zipfile.ZipFile(KEPT) as kept:
        kept.extractall(place)
    here = json.dumps(str(place))[1:-1]
    for file in (*place.glob("data/*.json"), *place.glob("data/trained/**/*.json")):
        file.write_text(file.read_text("utf-8").replace(MADE_AT, here), "utf-8")
    with closing(sqlite3.connect(place / "data" / "library.sqlite")) as index, index:
        for column, new in (("path", str(place)), ("origin", str(place)), ("job", here), ("notes", here)):
            index.execute(f"UPDATE items SET {column} = replace({column}, ?, ?)", (MADE_AT, new))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept") / "home"
    unpack(place)
    return place


def choose(hands: Hands, room: Any, key: str) -> None:
    """Click a thing of the Library."""
    hands.until(lambda: {key} & set(room.grid.keys()))
    index = room.grid.model().index(room.grid.keys().index(key), 0)
    room.grid.scrollTo(index)
    hands.qtbot.mouseClick(room.grid.viewport(), LEFT, pos=room.grid.visualRect(index).center())
    assert room.grid.selected() == [key]


def one_made(place: Path, ending: str) -> Path:
    (file,) = made(place, ending)
    return file


def test_the_settings_are_there(hands: Hands, place: Path) -> None:
    settings = hands.studio.services.settings
    assert (settings.theme, settings.language, settings.memory_mb) == ("light", "en", 3000)
    assert settings.model_folders == (str(place / "models"),)
    assert hands.window.room == "image"


def test_every_room_is_as_it_was_left(hands: Hands, place: Path) -> None:
    image = hands.enter("image").task()
    assert (image.prompt, image.steps, image.seed) == ("what is typed last", 6, 12)
    assert image.image == str(one_made(place, "a-red-balloon-over-teal-mountains.png"))
    words = hands.enter("write").task()
    assert (words.prompt, words.mode, words.length) == ("Once more", "draft", 33)
    latent = hands.enter("latent")
    assert latent.settings.seed.value() == 7
    assert latent.settings.form.values()["psi"] == 0.6
    assert [blend.seeds for blend in latent.timeline.blends()] == [(5,), (9,), (9,)]
    library = hands.enter("library")
    assert library.search.text() == "balloon"


def test_what_waited_goes_on(hands: Hands, place: Path) -> None:
    hands.enter("image")
    states = [(run.job.task.prompt, run.state) for run in hands.studio.tracker.line]  # type: ignore[attr-defined]
    waiting = [("a first boat", "waiting"), ("a second boat", "waiting")]
    assert states == [("the running one", "interrupted"), *waiting]
    runs = hands.studio.tracker.line[1:]
    hands.press(hands.window, "Resume")
    for run in runs:
        hands.finish(run)
    (item,) = hands.studio.library.search(Query(text="a second boat"))
    assert Path(item.path) == one_made(place, "a-second-boat.png")
    assert item.job["task"]["image"] == str(one_made(place, "a-red-balloon-over-teal-mountains.png"))


def test_the_library_has_each_kind_of_thing_with_its_star_and_its_trash(hands: Hands, place: Path) -> None:
    room = hands.enter("library")
    hands.until(lambda: len(room.grid.keys()) == 1)
    (found,) = hands.studio.library.search(Query(text="balloon"))
    assert found.starred
    hands.type(room.search, "")
    hands.until(lambda: len(room.grid.keys()) >= 10)

    things = {item.job["kind"]: item for item in hands.studio.library.search(Query())}
    assert set(things) >= {"image", "write", "walk", "latent", "drag", "invert", "vae", "train"}
    assert (things["write"].kind, things["walk"].kind, things["latent"].kind) == ("text", "clip", "image")
    for item in things.values():
        assert Path(item.path).is_file()
        if item.kind != "text":
            assert hands.studio.library.thumbnail(item, 64).is_file()

    (gone,) = hands.studio.library.search(Query(deleted=True))
    room.filters.open_trash(True)
    hands.until(lambda: room.grid.keys() == [gone.id])
    choose(hands, room, gone.id)
    hands.click(room.restore)
    hands.until((place / gone.origin).is_file)
    room.filters.open_trash(False)


@pytest.mark.parametrize("kind", ["image", "write", "walk", "latent", "invert", "vae", "train", "drag"])
def test_the_settings_of_every_kind_are_used_again(hands: Hands, kind: str) -> None:
    room = hands.enter("library")
    hands.type(room.search, "")
    item = next(item for item in hands.studio.library.search(Query()) if item.job["kind"] == kind)
    choose(hands, room, item.id)
    hands.click(room.settings)
    hands.until(lambda: hands.window.room == {"image": "image", "write": "write"}.get(kind, "latent"))
    used = hands.window.panel()
    assert not used.banner.isVisible(), used.banner.message
    if kind in ("image", "write"):
        hands.until(lambda: used.prompt.text() == item.job["task"]["prompt"])
        assert used.task().seed == item.seed
    elif kind in ("latent", "drag", "invert"):
        hands.until(lambda: used.current != LatentPoint() and used.seen.point == used.current)


def test_the_stars_lead_to_their_points(hands: Hands) -> None:
    room = hands.enter("latent")
    room.models.choose("starter:latents")
    assert room.stars.list.names() == ("5", "Evening lake")
    spot = room.stars.list.visualItemRect(room.stars.list.item(1)).center()
    hands.qtbot.mouseClick(room.stars.list.viewport(), LEFT, pos=spot)
    hands.until(lambda: room.current == LatentPoint((9,)))


def test_directions_of_ones_own_are_listed_and_lead_somewhere(hands: Hands) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("map"))
    card = room.map.directions
    hands.until(lambda: card.notes.share == 1 and card.notes.book.own)
    assert [own.name for own in card.notes.book.own] == ["dusk"]
    assert card.notes.book.names == {"pca 1": "mist"}
    hands.click(card.kinds.button("own"))
    ((_, row),) = card.rows
    assert row.head.text() == "dusk · layers 0–2"
    hands.until(lambda: room.seen.point == room.current and room.seen.asset is not None)
    before, middle = room.seen.asset.data, row.slider.rect().center()
    hands.drag(row.slider, middle, middle + QPoint(20, 0), middle + QPoint(40, 0))
    hands.until(lambda: room.seen.asset is not None and room.seen.asset.data != before)


def test_the_family_and_the_mixture_are_there(hands: Hands) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("breed"))
    breed = room.mode("breed")
    assert [len(one.parents) for one in breed.family.generations] == [2, 2]
    assert breed.litter.count() == 12
    hands.until(lambda: breed.litter.picture(11) and not breed.litter.picture(11).isNull())
    hands.click(room.chips.button("mix"))
    assert len(room.mode("mix").points()) >= 2
    hands.click(room.chips.button("map"))


def test_the_training_goes_on_and_its_model_is_explored(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("teach"))
    mode = room.mode("teach")
    hands.until(lambda: mode.box.findText("Discs") > 0 and mode.stage.has_picture())
    assert mode.losses.lines()[0]
    assert mode.form.values()["folder"] == str(place / "discs")

    hands.number(mode.form, "thousands", 2)
    hands.click(mode.start)
    run = hands.newest()
    hands.until(lambda: run.over or run.at[0] > 1008)
    assert not run.over, run.message
    hands.click(mode.start)
    hands.until(lambda: run.over)
    assert run.state == "cancelled"

    hands.click(room.chips.button("map"))
    trained = str(place / "data" / "trained" / "Discs" / "snapshots" / "000001008")
    assert room.models.choose(trained)
    hands.until(lambda: room.seen.asset is not None and room.seen.asset.width == 16)
    assert room.stars.list.names() == ("9",)
    assert room.models.choose("starter:latents")


def test_models_of_ones_own_are_listed(hands: Hands, place: Path) -> None:
    found = {model.path: model for model in hands.studio.services.models()}
    model = found[str(place / "models" / "little discs")]
    assert model.usable
    assert "latent>image" in model.can


def test_the_command_line_finds_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "kept"
    unpack(place)
    monkeypatch.setenv("TRIPTYCH_HOME", str(place))
    trained = place / "data" / "trained" / "Discs" / "snapshots" / "000001008"
    command = [sys.executable, "-c", COMMANDS, "latent", "--seeds", "3", "--model", str(trained)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE / 1000, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = done.stdout.splitlines()
    assert Path(path).is_relative_to(place / "Pictures")
    with closing(sqlite3.connect(place / "data" / "library.sqlite")) as index:
        rows: list[Any] = index.execute("SELECT path FROM items").fetchall()
    assert (path,) in rows
    assert len(rows) == 12

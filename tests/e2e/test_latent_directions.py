"""A trip through Latent: along directions that the model has and that one keeps, and into its layers."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog

from tests.e2e.driving import LEFT, Hands, made

pytestmark = pytest.mark.timeout(300)


def shown(room: Any) -> bytes:
    """The picture that is shown now."""
    return bytes(room.seen.asset.data) if room.seen.asset is not None else b""


def slide(hands: Hands, slider: Any, way: int) -> None:
    middle = slider.rect().center()
    hands.drag(slider, middle, middle + QPoint(way // 2, 0), middle + QPoint(way, 0))


def task_in(file: Path) -> Any:
    """What the picture's file says of its making."""
    with Image.open(file) as image:
        return json.loads(image.text["triptych"])["job"]["task"]  # type: ignore[attr-defined]  # PNG has it


def test_along_directions(hands: Hands, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = hands.enter("latent")
    card = room.map.directions
    hands.until(lambda: card.notes.share == 1 and card.notes._file is not None)
    assert len(list((place / "cache" / "directions").glob("*.safetensors"))) == 1
    hands.until(lambda: shown(room))

    before, (_, row) = shown(room), card.rows[0]
    slide(hands, row.slider, 40)
    hands.until(lambda: shown(room) != before)
    hands.click(row.head)
    hands.until(
        lambda: len({button.icon().pixmap(41, 41).toImage().pixel(20, 20) for button in card.details.strip}) > 1
    )
    hands.press(card, "Coarse")
    (move,) = room.current.moves
    assert (move.kind, move.index, move.last) == ("pca", 0, 2)

    hands.press(card, "Keep")
    hands.until(lambda: card.kinds.value() == "own")
    hands.type(card.details.name, "dusk")
    hands.qtbot.keyClick(card.details.name, Qt.Key.Key_Return)
    ((_, own),) = card.rows
    assert own.head.text() == "dusk · layers 0–2"
    hands.click(room.view.undo)  # the layers
    hands.click(room.view.undo)  # the way along c0
    hands.until(lambda: shown(room) == before)
    slide(hands, own.slider, 40)
    hands.until(lambda: shown(room) != before and room.seen.point == room.current)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "dusk.json"), ""))
    hands.press(card, "Share…")
    hands.until((tmp_path / "dusk.json").exists)
    hands.press(card, "Delete")
    assert own.head.text() == "From a picture · layers 0–2"  # the point goes along it still
    hands.drop(card, tmp_path / "dusk.json")
    hands.until(lambda: card.notes.book.own)
    assert card.notes.book.own[0].name == "dusk"

    files = made(place, ".png")
    hands.click(room.save)
    hands.finish(hands.newest())
    (file,) = set(made(place, ".png")) - set(files)
    (move,) = task_in(file)["points"][0]["moves"]
    assert (move["kind"], move["last"], move["amount"]) == ("own", 2, own.box.number())


def test_into_the_layers(hands: Hands, place: Path) -> None:
    room = hands.enter("latent")
    hands.click(room.chips.button("layers"))
    mode = room.mode("layers")
    hands.until(lambda: mode.list.count() == 17 and mode.channels.count())
    first = mode.list.item(6)
    assert first.text() == "b16.conv1   16 × 16 · 160"
    hands.qtbot.mouseClick(mode.list.viewport(), LEFT, pos=mode.list.visualItemRect(first).center())
    hands.until(lambda: mode.channels.count() == 160)
    hands.until(lambda: shown(room))

    before = shown(room)
    tile = mode.channels.visualItemRect(mode.channels.item(9)).center()
    hands.qtbot.mouseClick(mode.channels.viewport(), LEFT, pos=tile)
    hands.until(lambda: not mode.picture.pixmap().isNull())
    mode.factor.box.setFocus()
    mode.factor.box.selectAll()
    hands.qtbot.keyClicks(mode.factor.box, "3")
    hands.qtbot.keyClick(mode.factor.box, Qt.Key.Key_Return)
    hands.until(lambda: shown(room) != before)
    files = made(place, ".png")
    hands.click(room.save)
    hands.finish(hands.newest())
    (file,) = set(made(place, ".png")) - set(files)
    assert task_in(file)["scales"] == [{"layer": "b16.conv1", "channel": 9, "factor": 3.0}]
    hands.press(mode.left, "Reset all")
    hands.until(lambda: shown(room) == before)
    hands.click(room.chips.button("map"))

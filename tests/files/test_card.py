"""A model's card: what it says is read with care, and what is written is read again."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.core.resources import ROOT, starters
from studio.files.card import CARD, ModelCard, read_card, write_card


def put(folder: Path, data: Any) -> Path:
    (folder / CARD).write_text(json.dumps(data), encoding="utf-8")
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    card = ModelCard(
        name="Gesichter 猫", kind="latent", licence="MIT", summary="Of people.", match="clip", defaults={"size": 64}
    )
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    said = json.loads((tmp_path / CARD).read_text(encoding="utf-8"))
    assert said == {"name": "Gesichter 猫", "kind": "latent", "licence": "MIT", "summary": "Of people.",
                    "match": "clip", "size": 64}  # fmt: skip
    write_card(tmp_path, ModelCard())
    assert json.loads((tmp_path / CARD).read_text(encoding="utf-8")) == {}


def test_no_card_says_nothing(tmp_path: Path) -> None:
    assert read_card(tmp_path) == read_card(tmp_path / "nowhere") == ModelCard()


@pytest.mark.parametrize("name", ["latents", "match", "scenes", "writer"])
def test_the_starters_cards(name: str) -> None:
    card = read_card(starters() / name)
    assert card.name == f"Starter {name.capitalize()}"
    assert card.licence == "CC0-1.0"
    assert card.summary
    assert card.match == ("starter:match" if name == "scenes" else "")
    assert set(card.defaults) <= {"size", "steps", "guidance", "temperature"}


@pytest.mark.parametrize(
    ("data", "card"),
    [
        ({"name": 5, "licence": ["MIT"], "summary": None}, ModelCard(name="5", licence="['MIT']")),
        ({"match": 5, "kind": ""}, ModelCard()),
        ({"defaults": 3, "steps": 4}, ModelCard(defaults={"steps": 4})),
        ({"name": "x" * 5000, "summary": "y" * 5000}, ModelCard(name="x" * 200, summary="y" * 2000)),
    ],
)
def test_what_a_stranger_may_say(tmp_path: Path, data: Any, card: ModelCard) -> None:
    assert read_card(put(tmp_path, data)) == card


@pytest.mark.parametrize("data", [[], "x", 3, {"kind": "sound"}, {"kind": ["image"]}, {"kind": 3}, {"kind": None}])
def test_what_is_no_card(tmp_path: Path, data: Any) -> None:
    with pytest.raises(StudioError) as caught:
        read_card(put(tmp_path, data))
    assert caught.value.trouble == "model_unusable"
    assert CARD in caught.value.message


def test_the_card_and_the_folder_of_the_starters_are_named_in_one_place_only() -> None:
    for word, place in ((f'"{CARD}"', "studio/files/card.py"), ('RESOURCES / "starters"', "studio/core/resources.py")):
        found = {
            str(path.relative_to(ROOT))
            for folder in ("studio", "packaging")
            for path in (ROOT / folder).rglob("*.py")
            if word in path.read_text(encoding="utf-8")
        }
        assert found == {place}, word

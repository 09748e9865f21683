"""The bundled CLIP: it finds a picture's caption among others, and its training can be taken up again."""

import json
import random
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "starters"))

import judge_match
import match_model
import scenes
import scenes_content
import scenes_grammar

from studio.ml.load.clip_score import ClipModel, load_clip

MODEL = Path(__file__).resolve().parents[2] / "resources" / "starters" / "match"


@pytest.fixture(scope="module")
def match() -> ClipModel:
    return load_clip("starter:match")


def test_it_says_what_it_is() -> None:
    about = json.loads((MODEL / "triptych.json").read_text(encoding="utf-8"))
    assert (about["name"], about["kind"], about["licence"]) == ("Starter Match", "match", "CC0-1.0")
    assert (MODEL / "README.md").exists()
    scenes_card = json.loads((MODEL.parent / "scenes" / "triptych.json").read_text(encoding="utf-8"))
    assert scenes_card["match"] == "starter:match"


def test_it_finds_most_captions_among_a_hundred() -> None:
    (found, value, _), *_ = judge_match.judge_match(MODEL, 100)
    assert "100 different ones" in found
    assert float(value.rstrip("%")) > 75


@pytest.mark.parametrize(
    ("seed", "wrong"),
    [(3, "a poster of the sea at night"), (8, "mountains by day"), (21, "a red kite over the city at dawn")],
)
def test_the_studio_scores_the_truth_higher(match: ClipModel, seed: int, wrong: str) -> None:
    pixels, words, _ = scenes.draw(seed)
    picture = Image.fromarray(pixels)
    assert match.score(picture, words) > match.score(picture, wrong) + 0.1


def test_a_lie_differs_in_one_thing() -> None:
    chance = random.Random(1)
    changed = set()
    for seed in range(300):
        scene = scenes_content.choose(random.Random(seed))
        lie = match_model.other(scene, chance)
        names = {name for name in vars(scene) if getattr(scene, name) != getattr(lie, name)}
        assert names
        assert (
            names <= {"land", "land_colour", "snow"}
            or names <= {"object", "object_colour", "object_place"}
            or (len(names) == 1)
        ), names
        changed |= names
    assert changed >= {"time", "land", "object", "object_colour", "object_place", "light", "land_colour"}


def test_the_captions_judged_are_all_different() -> None:
    found = [scenes_content.choose(random.Random(seed)) for seed in range(60)]
    wordings = judge_match._different(found, random.Random(0))
    words = [scenes_content.caption(scene, random.Random(each)) for scene, each in zip(found, wordings, strict=True)]
    assert len(set(words)) == 60
    assert all(scenes_grammar.parse(each) for each in words)


def test_training_goes_on_where_it_was_left(tmp_path: Path) -> None:
    match_model.build(0.0, tmp_path / "out", tmp_path)
    training = match_model.Training(60.0, tmp_path)
    losses = training.learn()
    assert losses.keys() == {"match", "named", "right"}
    training.stage.step, training.stage.spent = 1, 5.0
    training.stage.save()
    again = match_model.Training(60.0, tmp_path)
    assert (again.stage.step, again.stage.spent) == (1, 5.0)
    weights = again.nets.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in training.nets.state_dict().items())
    assert load_clip(str(tmp_path / "out")).model.num_parameters() == training.model.num_parameters()

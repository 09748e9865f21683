"""The pictures Starter Scenes learns from, and the Starter itself as any diffusers program would load it."""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging" / "starters"))

import scenes  # noqa: E402
import scenes_content  # noqa: E402

STARTER = ROOT / "resources" / "starters" / "scenes"
DRAWN = 300


@pytest.fixture(scope="module")
def drawn() -> list[tuple[scenes.Pixels, str, dict[str, Any]]]:
    return [scenes.draw(seed) for seed in range(DRAWN)]


def test_a_seed_is_a_picture(drawn: list[tuple[scenes.Pixels, str, dict[str, Any]]]) -> None:
    pixels, words, what = scenes.draw(7)
    assert pixels.shape == (128, 128, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == drawn[7][0]).all()
    assert (words, what) == drawn[7][1:]
    assert not (pixels == drawn[8][0]).all()


def test_size_is_what_was_asked() -> None:
    assert scenes.draw(3, size=90)[0].shape == (90, 90, 3)


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("time", scenes_content.TIMES),
        ("land", scenes_content.LANDS),
        ("land_colour", (None, *scenes_content.LAND_COLOURS)),
        ("object", (None, *scenes_content.OBJECTS)),
        ("object_colour", (None, *scenes_content.COLOURS)),
        ("object_place", (None, *scenes_content.PLACES)),
        ("light", (None, "sun", "moon")),
        ("light_place", (None, *scenes_content.PLACES)),
        ("snow", (False, True)),
        ("clouds", (False, True)),
    ],
)
def test_everything_appears(
    drawn: list[tuple[scenes.Pixels, str, dict[str, Any]]], attribute: str, values: tuple[Any, ...]
) -> None:
    assert {what[attribute] for _, _, what in drawn} == set(values)


def test_captions_say_only_what_is_there() -> None:
    for seed in range(DRAWN):
        what = scenes.draw(seed)[2]
        for words in scenes_content.captions(seed, 3):
            _check_caption(words, what)


def _check_caption(words: str, what: dict[str, Any]) -> None:
    thing = what["object"]
    named = [name for name in scenes_content.OBJECTS if re.search(rf"\b{name}\b", words)]
    assert named in ([], [thing]), words
    assert ("moon" in words) <= (what["light"] == "moon"), words
    assert bool(re.search(r"\bsun\b", words)) <= (what["light"] == "sun"), words
    assert ("cloud" in words) <= what["clouds"], words
    assert ("snow" in words) <= what["snow"], words
    neutral = re.sub("under a blue sky|white clouds", "", words)
    found = Counter(word for word in re.findall(r"[a-z]+", neutral) if word in scenes_content.COLOURS)
    assert found <= Counter([what["object_colour"], what["land_colour"], what["light_colour"]]), words


def test_captions_vary() -> None:
    assert len(set(scenes_content.captions(11, 20))) > 10


def test_the_colour_of_a_balloon_is_seen() -> None:
    import random

    def mean(colour: str) -> Any:
        scene = scenes_content.Scene("day", "sea", None, False, False, "balloon", colour, "center", None, None, None)
        return scenes.paint(scene, random.Random(1))[30:60, 50:78].mean(axis=(0, 1))

    red, blue = mean("red"), mean("blue")
    assert red[0] > red[2] + 50
    assert blue[2] > blue[0] + 50


def test_the_starter_says_how_to_be_used() -> None:
    card = json.loads((STARTER / "triptych.json").read_text(encoding="utf-8"))
    assert (card["kind"], card["size"], card["licence"]) == ("image", 128, "CC0-1.0")
    weights = sum(file.stat().st_size for file in STARTER.rglob("*.safetensors"))
    assert weights < 30_000_000


@pytest.mark.filterwarnings("ignore")
def test_the_starter_makes_pictures() -> None:
    import torch
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image

    pipeline = AutoPipelineForText2Image.from_pretrained(STARTER, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    words = "a red balloon over teal mountains, ünd etwas 漂亮"
    asked: dict[str, Any] = {"prompt": words, "guidance_scale": 4.0, "output_type": "np"}
    made = pipeline(num_inference_steps=2, generator=torch.Generator().manual_seed(1), **asked).images
    assert made.shape == (1, 128, 128, 3)
    assert np.isfinite(made).all()
    again = AutoPipelineForImage2Image.from_pipe(pipeline)
    again.set_progress_bar_config(disable=True)
    remade = again(image=made, strength=0.5, num_inference_steps=4, num_images_per_prompt=2, **asked).images
    assert remade.shape == (2, 128, 128, 3)
    assert np.isfinite(remade).all()

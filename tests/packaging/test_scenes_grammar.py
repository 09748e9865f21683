"""The grammar of captions: all that is said in the training can be read, and it means what was drawn."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "starters"))

import scenes_content
import scenes_grammar


def test_every_caption_is_read_and_means_its_scene() -> None:
    forms = set()
    for seed in range(3000):
        scene = scenes_content.choose(random.Random(seed))
        (words,) = scenes_content.captions(seed, 1)
        told = scenes_grammar.parse(words)
        assert told, words
        assert not scenes_grammar.crowded(told), words
        for name, value in told.items():
            drawn = getattr(scene, name)
            assert value == ("yes" if drawn is True else drawn), (words, name)
        forms.add(frozenset(told))
    assert len(forms) > 100


@pytest.mark.parametrize(
    "words",
    [
        "", "balloon dog", "a red balloon over", "a a red balloon", "red moon", ", sea",
        "a red moon over the sea",
        "a balloon above the red sea",
        "black mountains by day",
        "snowy hills at dawn",
        "a boat by the sea",
        "a tree over the desert",
        "a red balloon over hills at night with clouds",
        "a red balloon over hills at night by day",
        "red balloon, sea, night, sun",
        "a red balloon over the sea with a red moon",
        "a red balloon over the sea with a white moon, as every morning",
    ],
)  # fmt: skip
def test_what_no_scene_can_be_is_no_caption(words: str) -> None:
    assert scenes_grammar.parse(words) is None


def test_words_are_read_by_their_meaning() -> None:
    told = scenes_grammar.parse("a poster of at dusk, a teal ship at right on the ocean with a crescent moon at left")
    assert told == {
        "time": "sunset", "object": "boat", "object_colour": "teal", "object_place": "right", "land": "sea",
        "light": "moon", "light_place": "left",
    }  # fmt: skip
    assert scenes_grammar.parse("snow-capped blue mountain range, clouds") == {
        "snow": "yes", "land_colour": "blue", "land": "mountains", "clouds": "yes",
    }  # fmt: skip


def test_two_things_on_one_side_are_told() -> None:
    for side, crowded in (("left", True), ("right", False)):
        told = scenes_grammar.parse(f"a red balloon on the left over teal hills and a moon at {side}")
        assert told is not None
        assert scenes_grammar.crowded(told) is crowded

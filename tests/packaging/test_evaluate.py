"""Judging the bundled models: what a caption says is read back from its words, and only that is judged."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "starters"))

import evaluate
import probe
from scenes_content import Scene

SCENE = Scene(
    time="sunset", land="hills", land_colour="teal", snow=False, clouds=False, object="balloon", object_colour="red",
    object_place="left", light="moon", light_colour="white", light_place="right",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a red hot air balloon on the left side over teal rolling hills at dusk with a white moon on the right",
         {"time": "sunset", "land": "hills", "light": "moon", "object": "balloon", "object_colour": "red",
          "object_place": "left"}),
        ("a balloon above the scenery", {"object": "balloon"}),
        ("red balloon, teal hills, moon at left, sunset",
         {"time": "sunset", "land": "hills", "light": "moon", "object": "balloon", "object_colour": "red"}),
        ("teal hills at night", {"land": "hills"}),
    ],
)  # fmt: skip
def test_only_what_the_words_say_is_judged(words: str, told: dict[str, str]) -> None:
    assert evaluate.told(SCENE, words) == told


def test_every_caption_says_something_and_nothing_untrue() -> None:
    asked = list(evaluate.captions(300))
    assert all(told for _, told in asked)
    assert len({words for words, _ in asked}) > 250
    for row, (_, told) in enumerate(asked):
        truth = probe.truth(evaluate.FIRST + row)
        assert told.items() <= truth.items()


def test_the_probe_has_an_answer_to_everything() -> None:
    (seen,) = probe.Probe().look(torch.zeros(1, 3, 128, 128))
    assert seen.keys() == probe.ANSWERS.keys()
    assert all(seen[name] in answers for name, answers in probe.ANSWERS.items())
    assert evaluate.BARS.keys() <= probe.ANSWERS.keys()


def test_the_card_holds_the_newest_table_only() -> None:
    card = "# A model\n\n## Measured\n\n- much\n\n## Limits\n\nSome.\n"
    once = evaluate.into_card(card, "| old |")
    assert once.index("## Measured") < once.index("| old |") < once.index("## Limits")
    twice = evaluate.into_card(once, "| new |")
    assert twice == once.replace("old", "new")


def test_the_table_tells_shares_and_bars() -> None:
    table = evaluate.table({"object": (9, 12), "light": (0, 0)})
    assert "| object | 75.0% of 12 | 90% |" in table
    assert "| light | 0.0% of 0 | - |" in table

"""What went otherwise than asked is told in sentences."""

from typing import Any

import pytest

from studio.core.prompt_marks import has_marks
from studio.core.remarks import remarks_on


@pytest.mark.parametrize(
    ("notes", "word"),
    [
        ({"no_prompt": True}, "no prompt"),
        ({"no_words": True}, "the model wrote whatever it liked"),
        ({"asked_size": [100, 60]}, "100 × 60"),
        ({"cut_away": 88}, "88 % of the start picture"),
        ({"truncated": 12}, "12 tokens"),
        ({"truncated_negative": 12}, "12 tokens of the negative"),
        ({"marks": True}, "(word:1.4)"),
        ({"reference": True}, "as a reference"),
        ({"unread": "negative"}, "doesn't use a negative prompt"),
        ({"tiled": True}, "in tiles"),
        ({"decoded": "float32"}, "float32"),
        ({"black": True}, "entirely black"),
        ({"withheld": True}, "safety checker"),
    ],
)
def test_what_went_otherwise_is_told_in_a_sentence(notes: dict[str, Any], word: str) -> None:
    (sentence,) = remarks_on(notes)
    assert word in sentence
    assert sentence.endswith(".")


def test_of_what_went_as_asked_there_is_nothing_to_say() -> None:
    assert remarks_on({"seed": 3, "index": 0, "tiled": False}) == []


@pytest.mark.parametrize("prompt", ["a (red:1.4) boat", "((red)) boat", "[red:blue:0.5]", "x <lora:boats:0.8>", "(:1)"])
def test_marks_of_other_programs(prompt: str) -> None:
    assert has_marks(prompt)


@pytest.mark.parametrize(
    "prompt", ["", "a boat (red)", r"boat \(ship:1.2\)", "12:30 [at noon]", "a <b> c", "((", "(a" * 5000, ":1)" * 5000]
)
def test_words_that_are_no_marks(prompt: str) -> None:
    assert not has_marks(prompt)

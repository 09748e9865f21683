"""What went otherwise than asked is told in sentences."""

from typing import Any

import pytest

from studio.core.remarks import remarks_on


@pytest.mark.parametrize(
    ("notes", "word"),
    [
        ({"no_prompt": True}, "no prompt"),
        ({"asked_size": [100, 60]}, "100 × 60"),
        ({"truncated": 12}, "12 tokens"),
        ({"unread": "negative"}, "no negative prompt"),
        ({"tiled": True}, "in tiles"),
        ({"decoded": "float32"}, "float32"),
        ({"black": True}, "black all over"),
        ({"withheld": True}, "safety checker"),
    ],
)
def test_what_went_otherwise_is_told_in_a_sentence(notes: dict[str, Any], word: str) -> None:
    (sentence,) = remarks_on(notes)
    assert word in sentence
    assert sentence.endswith(".")


def test_of_what_went_as_asked_there_is_nothing_to_say() -> None:
    assert remarks_on({"seed": 3, "index": 0, "tiled": False}) == []

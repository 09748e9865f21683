"""What is known of a picture: its request, and what went otherwise than asked."""

from typing import Any

import pytest

from studio.app.desk import Item
from studio.features.image.about import remarks_on, rows_of


@pytest.mark.parametrize(
    ("notes", "word"),
    [
        ({"asked_size": [100, 60]}, "100 × 60"),
        ({"truncated": 12}, "12 tokens"),
        ({"unread": "negative"}, "no negative prompt"),
        ({"tiled": True}, "in tiles"),
        ({"decoded": "float32"}, "float32"),
        ({"withheld": True}, "safety checker"),
    ],
)
def test_what_went_otherwise_is_told_in_a_sentence(notes: dict[str, Any], word: str) -> None:
    (sentence,) = remarks_on(notes)
    assert word in sentence
    assert sentence.endswith(".")


def test_a_picture_without_a_request_has_rows_all_the_same() -> None:
    rows = dict(rows_of(Item(id="a", path="/there/a.png", kind="image", created=0.0)))
    assert rows["File"] == "a.png"
    assert rows["Worth knowing"] == ""

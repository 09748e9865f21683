"""What is known of a picture: its request, and what went otherwise than asked."""

from studio.app.desk import Item
from studio.features.image.about import rows_of


def test_a_picture_without_a_request_has_rows_all_the_same() -> None:
    rows = dict(rows_of(Item(id="a", path="/there/a.png", kind="image", created=0.0)))
    assert rows["File"] == "a.png"
    assert rows["Worth knowing"] == ""

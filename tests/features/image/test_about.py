"""What is known of a picture: its request, what went otherwise than asked, and which of a batch fits best."""

from studio.app.desk import Item
from studio.features.image.about import best_first, rows_of


def made(name: str, job: str, **notes: float) -> Item:
    return Item(id=name, path=f"/there/{name}.png", kind="image", created=0.0, job={"id": job}, notes=notes)


def test_a_picture_without_a_request_has_rows_all_the_same() -> None:
    rows = dict(rows_of(Item(id="a", path="/there/a.png", kind="image", created=0.0)))
    assert rows["File"] == "a.png"
    assert rows["Worth knowing"] == ""


def test_how_well_a_picture_fits_is_told_where_it_is_known() -> None:
    assert dict(rows_of(made("a", "one", match=0.8349)))["CLIP match"] == "0.83"
    assert dict(rows_of(made("a", "one")))["CLIP match"] == ""


def test_the_best_of_each_batch_comes_first_and_the_batches_stay() -> None:
    batches = [
        made("d", "two", match=0.2), made("c", "two", match=-0.4), made("b", "two", match=0.9),
        made("a2", "one"), made("a1", "one"),
    ]  # fmt: skip
    assert [item.id for item in best_first(batches)] == ["b", "d", "c", "a2", "a1"]

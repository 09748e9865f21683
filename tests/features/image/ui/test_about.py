"""What is known of a picture: its request, what went otherwise than asked, and which of a batch fits best."""

from studio.app.services import Item
from studio.features.image.ui.about import best_first, rows_of


def made(name: str, job: str, **notes: float) -> Item:
    return Item(id=name, path=f"/there/{name}.png", kind="image", created=0.0, job={"id": job}, notes=notes)


def test_a_picture_without_a_request_has_rows_all_the_same() -> None:
    rows = dict(rows_of(Item(id="a", path="/there/a.png", kind="image", created=0.0), ()))
    assert rows["File"] == "a.png"
    assert rows["Notes"] == ""


def test_how_well_a_picture_fits_is_told_where_it_is_known() -> None:
    alone = dict(rows_of(made("a", "one", match=0.8349), ()))
    assert alone["CLIP match"] == "0.83; higher is better, for the same prompt"
    assert dict(rows_of(made("a", "one"), ()))["CLIP match"] == ""


def test_its_scale_is_its_own_batch() -> None:
    batch = [made(name, "one", match=match) for name, match in (("a", 0.31), ("b", 0.25), ("c", 0.4))]
    others = [*batch, made("d", "one"), made("e", "another", match=0.9)]
    words = "0.31: rank 2 of 3 (this batch has 0.25 to 0.40; higher is better)"
    assert dict(rows_of(batch[0], others))["CLIP match"] == words


def test_the_best_of_each_batch_comes_first_and_the_batches_stay() -> None:
    batches = [
        made("d", "two", match=0.2), made("c", "two", match=-0.4), made("b", "two", match=0.9),
        made("a2", "one"), made("a1", "one"),
    ]  # fmt: skip
    assert [item.id for item in best_first(batches)] == ["b", "d", "c", "a2", "a1"]

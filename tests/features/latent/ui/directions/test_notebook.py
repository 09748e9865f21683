"""Notes on directions as files, and the moves of a point."""

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.features.latent.points.offsets import find_offset, with_offset
from studio.features.latent.points.point import DirectionOffset
from studio.features.latent.ui.directions.notebook import Notebook, Own, own_of, read_notebook, to_json

ROW = array("f", [1.0, -2.0]).tobytes()
ZERO = bytes(8)


def test_a_notebook_comes_back_from_its_file(tmp_path: Path) -> None:
    book = Notebook(2, 3, {"pca 0": "笑 “smile”"}, (Own("a", ROW, 1, 2), Own("b", ROW * 3)))
    (tmp_path / "book.json").write_bytes(to_json(book))
    assert read_notebook(tmp_path / "book.json") == book


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e30])
def test_numbers_that_lead_out_of_every_space_are_refused(tmp_path: Path, number: float) -> None:
    vector = array("f", [1.0, number]).tobytes()
    (tmp_path / "book.json").write_bytes(to_json(Notebook(2, 3, own=(Own("a", vector),))))
    with pytest.raises(StudioError, match="no directions"):
        read_notebook(tmp_path / "book.json")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b'{"triptych_directions": "1"}', b'{"triptych_directions": 1, "size": 2}',
        b'{"triptych_directions": 1, "size": 0, "layers": 3}',
        b'{"triptych_directions": 1, "size": 2, "layers": 3, "own": [{"name": "a", "vector": "%%"}]}',
        b'{"triptych_directions": 1, "size": 2, "layers": 3, "names": {"pca 0": 5}}',
        b'{"triptych_directions": 1, "size": 2, "layers": 3, "names": {"pca 0": "' + b"x" * 300 + b'"}}',
    ],
)  # fmt: skip
def test_a_strangers_file_is_wrong_in_one_way_only(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "book.json").write_bytes(content)
    with pytest.raises(StudioError, match="no directions"):
        read_notebook(tmp_path / "book.json")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no directions"):
        read_notebook(tmp_path / "book.json")


@pytest.mark.parametrize(
    ("data", "own"),
    [
        (ROW * 3, Own("a", ROW)),
        (ROW + ZERO * 2, Own("a", ROW, 0, 0)),
        (ZERO + ROW * 2, Own("a", ROW, 1, -1)),
        (ROW + ZERO + ROW, Own("a", ROW + ZERO + ROW)),
        (ROW + ROW[::-1] + ZERO, Own("a", ROW + ROW[::-1] + ZERO, 0, 1)),
        (ZERO * 3, Own("a", ZERO * 3)),
    ],
)
def test_a_way_is_written_as_short_as_it_can_be(data: bytes, own: Own) -> None:
    assert own_of("a", data, 2) == own


moves = st.builds(DirectionOffset, st.sampled_from(["pca", "sefa"]), st.floats(-3, 3), index=st.integers(0, 2))


@given(st.lists(moves, max_size=6), moves)
def test_a_move_takes_the_place_of_the_first_along_its_direction(
    before: list[DirectionOffset], new: DirectionOffset
) -> None:
    after = with_offset(before, new)
    old = find_offset(before, new)
    if old is None:
        assert after == (*before, *([new] if new.amount else []))
        return
    place = before.index(old)
    assert after == (*before[:place], *([new] if new.amount else []), *before[place + 1 :])
    if new.amount:
        assert find_offset(after, new) == new

"""The plane of seeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.space import SEEDS, at_place, place_at, place_of


@given(st.floats(0, 1022), st.floats(0, 4_000_000))
def test_a_point_tells_where_it_lies(x: float, y: float) -> None:
    # What is left out of a point's weights is less than a ten-thousandth each.
    assert place_at(at_place(LatentPoint(), x, y)) == pytest.approx((x, y), abs=1e-3)


@given(st.integers(0, SEEDS - 1))
def test_a_seed_lies_where_it_is_on_the_plane(seed: int) -> None:
    assert place_at(LatentPoint((seed,))) == place_of(seed)


@pytest.mark.parametrize("point", [LatentPoint((1, 9), (0.5, 0.5)), LatentPoint(()), LatentPoint((1,), (0.0,))])
def test_what_is_not_of_the_plane_lies_nowhere(point: LatentPoint) -> None:
    assert place_at(point) is None

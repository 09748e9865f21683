"""Points on the sphere of samples, and the arcs between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ml.latents import latent, mix_seeds, slerp

SHARES = st.floats(min_value=0, max_value=1)


def test_a_seed_is_the_sample_that_the_stylegan_tools_draw() -> None:
    assert np.array_equal(latent(7, 512), np.random.RandomState(7).randn(512))


def test_a_mixture_has_the_length_of_a_sample() -> None:
    assert np.linalg.norm(mix_seeds((1, 2, 3), (0.2, 0.5, 0.3), 512)) == pytest.approx(np.sqrt(512))


def test_opposite_weights_that_leave_nothing_are_no_error() -> None:
    assert np.isfinite(mix_seeds((1, 1), (1.0, -1.0), 16)).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 99), st.integers(0, 99), SHARES)
def test_an_arc_stays_on_the_sphere_and_keeps_its_pace(first: int, second: int, share: float) -> None:
    size = 16
    start, end = (mix_seeds((seed, seed + 1), (0.5, 0.5), size) for seed in (first, second))
    point = slerp(start, end, share)
    assert np.isfinite(point).all()
    assert np.linalg.norm(point) == pytest.approx(np.sqrt(size), rel=1e-6)
    if first != second:
        assert angle(start, point) == pytest.approx(share * angle(start, end), abs=1e-5)


def angle(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


def test_the_ends_of_an_arc_are_exact() -> None:
    start, end = latent(1, 64), latent(2, 64)
    assert np.array_equal(slerp(start, end, 0), start)
    assert np.allclose(slerp(start, end, 1), end, rtol=0, atol=1e-12)


@given(SHARES)
def test_equal_points_give_that_point(share: float) -> None:
    assert np.array_equal(slerp(latent(1, 64), latent(1, 64), share), latent(1, 64))


@given(SHARES)
def test_between_opposite_points_no_number_is_lost(share: float) -> None:
    point = slerp(latent(1, 64), -latent(1, 64), share)
    assert np.linalg.norm(point) == pytest.approx(np.linalg.norm(latent(1, 64)))

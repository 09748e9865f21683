"""Sums of points give what sums of their styles give."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.features.latent.points.mixture import ALL, arithmetic, average, by_layer, children, combine
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part
from studio.features.latent.runs.compose import Composer
from studio.ml.latents import Truncation
from studio.ml.nets.stylegan2 import Config, Generator

LAYERS = 10
VECTOR = torch.linspace(-1, 1, 16).numpy().astype("<f4").tobytes()
A = LatentPoint((1,), fine=7)
B = LatentPoint((2, 3), (0.4, 0.6), parts=(Part((9,), (1.0,), layer_weights=(0.3,)),))
C = LatentPoint((4,), moves=(DirectionOffset(amount=1.5, first=2, last=6, vector=VECTOR),))


def generator() -> Generator:
    torch.manual_seed(0)
    made = Generator(Config(z_dim=16, w_dim=16, resolution=64, channels=(8,) * 5, mapping_layers=2)).freeze()
    made.mapping.w_avg.copy_(torch.randn(16))
    return made


COMPOSER = Composer(generator(), Truncation(0.7, 0, torch.device("cpu")))


def w(blend: LatentPoint) -> torch.Tensor:
    return COMPOSER.styles([blend])[0]


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-4)


def test_one_point_alone_is_itself() -> None:
    for point in (A, B, C):
        assert combine([(point, ALL)]) == point


def test_arithmetic() -> None:
    assert same(w(arithmetic(A, B, C, 0.5)), w(A) + 0.5 * (w(B) - w(C)))
    assert arithmetic(A, B, B) == A


def test_the_average_lies_in_the_middle() -> None:
    assert same(w(average([A, B, C])), (w(A) + w(B) + w(C)) / 3)
    assert same(w(average([A, A])), w(A))


def test_each_layer_comes_from_its_source() -> None:
    rows = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]
    found = w(by_layer([A, B, C], rows))
    for layer, row in enumerate(rows):
        assert same(found[layer], w((A, B, C)[row])[layer])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.integers(0, 2**16))
def test_sums_of_sums_are_sums(amounts: list[float], seed: int) -> None:
    inner = children([A, B, C], 1, "both", 0.2, LAYERS, seed)[0]
    found = combine([(inner, (amounts[0],)), (C, (amounts[1],)), (B, (amounts[2],) * LAYERS)])
    assert same(w(found), amounts[0] * w(inner) + amounts[1] * w(C) + amounts[2] * w(B))


def test_nothing_is_still_a_point() -> None:
    assert same(w(combine([(A, (0.0,))])), torch.zeros(LAYERS, 16))


@pytest.mark.parametrize("crossing", ["layers", "blend", "both"])
def test_a_child_lies_between_its_parents_in_every_layer(crossing: str) -> None:
    for child in children([A, B], 4, crossing, 0.0, LAYERS, 3):  # type: ignore[arg-type]
        found, a, b = w(child), w(A), w(B)
        for layer in range(LAYERS):
            way, whole = found[layer] - a[layer], b[layer] - a[layer]
            share = float(way @ whole / (whole @ whole))
            assert -1e-4 <= share <= 1 + 1e-4
            assert same(way, share * whole)
            if crossing == "layers":
                assert min(share, 1 - share) < 1e-4


def test_children_are_as_many_as_asked_all_different_and_the_same_again() -> None:
    first, again = (children([A, B, C], 12, "both", 0.3, LAYERS, 5) for _ in range(2))
    assert first == again
    assert len(set(first)) == 12
    assert children([A, B, C], 12, "both", 0.3, LAYERS, 6) != first


def test_a_mutation_leads_away_as_far_as_it_is_strong() -> None:
    (plain,) = children([A, B], 1, "blend", 0.0, LAYERS, 5)
    (weak,) = children([A, B], 1, "blend", 0.1, LAYERS, 5)
    (strong,) = children([A, B], 1, "blend", 0.5, LAYERS, 5)
    assert (w(strong) - w(plain)).norm() == pytest.approx(float(5 * (w(weak) - w(plain)).norm()), rel=1e-3)

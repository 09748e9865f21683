"""KID: the estimate against its definition, and that it tells near from far."""

import pytest
import torch

from studio.ml.training.kid import KidMetric, kernel_distance
from tests.ml.training.drawn import discs


def test_the_estimate_is_the_definition_pair_by_pair() -> None:
    torch.manual_seed(0)
    a, b = torch.randn(5, 3).double(), torch.randn(4, 3).double() + 0.5

    def k(x: torch.Tensor, y: torch.Tensor) -> float:
        return float((x @ y / 3 + 1) ** 3)

    within_a = sum(k(x, y) for i, x in enumerate(a) for j, y in enumerate(a) if i != j) / (5 * 4)
    within_b = sum(k(x, y) for i, x in enumerate(b) for j, y in enumerate(b) if i != j) / (4 * 3)
    between = sum(k(x, y) for x in a for y in b) / (5 * 4)
    assert kernel_distance(a, b) == pytest.approx(within_a + within_b - 2 * between)


def test_it_is_small_for_the_same_kind_and_grows_with_the_difference() -> None:
    ruler = KidMetric(discs(128))

    def far(pictures: torch.Tensor) -> float:
        return ruler.kid(pictures.float() / 127.5 - 1)

    other = discs(128, seed=1)
    same, dimmed, noise = far(other), far((other.float() * 0.8).byte()), far(torch.randint(0, 256, other.shape))
    assert abs(same) < 0.02
    assert same < dimmed / 5
    assert dimmed < noise


def test_it_is_the_same_everywhere() -> None:
    one, two = KidMetric(discs(16)), KidMetric(discs(16))
    torch.rand(5)
    made = torch.rand(8, 3, 16, 16)
    assert one.kid(made) == two.kid(made)

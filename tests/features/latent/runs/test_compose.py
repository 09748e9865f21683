"""Points into styles: bases, ingredients, moves, classes, and what lies between two points."""

from typing import Literal

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.features.latent.points.mixture import by_layer
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part
from studio.features.latent.runs.compose import Composer
from studio.ml.directions import directions_of
from studio.ml.latents import Truncation
from studio.ml.nets.stylegan2 import Config, Generator

LOOK = Truncation(0.7, 0, torch.device("cpu"))


@pytest.fixture(scope="module")
def generator() -> Generator:
    return small()


def small(classes: int = 0) -> Generator:
    torch.manual_seed(0)
    config = Config(z_dim=16, w_dim=16, resolution=64, channels=(8,) * 5, mapping_layers=2, c_dim=classes)
    generator = Generator(config).freeze()
    generator.mapping.w_avg.copy_(torch.randn(16))
    return generator


def of(generator: Generator, *blends: LatentPoint) -> torch.Tensor:
    return Composer(generator, LOOK).styles(blends)


def kept(w: torch.Tensor) -> bytes:
    return w.numpy().astype("<f2").tobytes()


def test_kept_styles_come_back_untruncated(generator: Generator) -> None:
    (w,) = of(generator, LatentPoint((3,)))
    (again,) = of(generator, LatentPoint(styles=kept(w)))
    assert torch.allclose(again, w, atol=2e-3)


def test_arithmetic_is_done_in_w(generator: Generator) -> None:
    a, b, c = of(generator, LatentPoint((1,)), LatentPoint((2,)), LatentPoint((3,)))
    minus = Part((3,), (1.0,), layer_weights=(-1.0,))
    (found,) = of(generator, LatentPoint((1,), parts=(Part((2,), (1.0,)), minus)))
    assert torch.allclose(found, a + b - c, atol=1e-5)


def test_each_layer_has_its_share(generator: Generator) -> None:
    a, b = of(generator, LatentPoint((1,)), LatentPoint((2,)))
    first = tuple(float(layer < 4) for layer in range(10))
    rest = tuple(1 - share for share in first)
    (found,) = of(generator, LatentPoint((1,), layer_weights=first, parts=(Part((2,), (1.0,), layer_weights=rest),)))
    assert torch.equal(found, torch.cat((a[:4], b[4:])))


def test_a_move_goes_along_its_vector_in_its_layers_only(generator: Generator) -> None:
    (plain,) = of(generator, LatentPoint((1,)))
    vector = np.arange(16, dtype="<f4")
    (moved,) = of(
        generator, LatentPoint((1,), moves=(DirectionOffset(amount=-2.0, first=2, last=4, vector=vector.tobytes()),))
    )
    expected = plain.clone()
    expected[2:5] += -2 * torch.from_numpy(vector)
    assert torch.allclose(moved, expected, atol=1e-5)


def test_ingredients_of_many_points_do_not_mix_up(generator: Generator) -> None:
    (stored,) = of(generator, LatentPoint((9,)))
    blends = (
        LatentPoint((1,), parts=(Part(styles=kept(stored)),)),
        LatentPoint(styles=kept(stored)),
        LatentPoint((2,), coarse=5),
    )
    together = of(generator, *blends)
    for row, blend in zip(together, blends, strict=True):
        assert torch.allclose(row, of(generator, blend)[0], atol=1e-5)


def test_a_conditional_model_is_told_the_class() -> None:
    generator = small(classes=3)
    zero, two = of(generator, LatentPoint((1,)), LatentPoint((1,), label=2))
    assert not torch.allclose(zero, two)
    classes = torch.eye(3)[[2]]
    z = torch.from_numpy(np.random.RandomState(1).randn(1, 16)).float()
    assert torch.allclose(two, generator.mapping(z, classes, psi=0.7)[0], atol=1e-5)


@pytest.mark.parametrize(
    ("blend", "words"),
    [
        (LatentPoint(styles=b"\0" * 30), "another model"),
        (LatentPoint((1,), layer_weights=(1.0, 1.0)), "another model"),
        (LatentPoint((1,), moves=(DirectionOffset(amount=1.0, vector=b"\0\0\0\0"),)), "another model"),
        (LatentPoint((1,), moves=(DirectionOffset("pca", 1.0, index=16),)), "another model"),
        (LatentPoint((1,), moves=(DirectionOffset("sefa", 1.0, basis=(12, 14)),)), "another model"),
        (LatentPoint((1,), parts=(Part(),)), "at least one seed"),
    ],
)
def test_a_point_of_another_shape_is_refused(generator: Generator, blend: LatentPoint, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        of(generator, blend)


def test_a_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(StudioError, match="no class 3"):
        of(small(classes=3), LatentPoint((1,), label=3))


@pytest.mark.parametrize(
    "other", [LatentPoint((2,)), LatentPoint((1,), parts=(Part((2,), (1.0,), layer_weights=(0.5,)),))]
)
def test_what_lies_between_begins_and_ends_with_the_points(generator: Generator, other: LatentPoint) -> None:
    composer = Composer(generator, LOOK)
    first, middle, last = composer.between(LatentPoint((1,)), other, (0.0, 0.5, 1.0))
    start, end = composer.styles((LatentPoint((1,)), other))
    assert torch.allclose(first, start, atol=1e-5)
    assert torch.allclose(last, end, atol=1e-5)
    assert not torch.allclose(middle, start, atol=1e-3)


def test_a_move_may_have_a_vector_for_each_layer(generator: Generator) -> None:
    (plain,) = of(generator, LatentPoint((1,)))
    rows = np.arange(160, dtype="<f4").reshape(10, 16)
    (moved,) = of(generator, LatentPoint((1,), moves=(DirectionOffset(amount=0.5, first=3, vector=rows.tobytes()),)))
    expected = plain.clone()
    expected[3:] += 0.5 * torch.from_numpy(rows)[3:]
    assert torch.allclose(moved, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["pca", "sefa"])
def test_moves_along_the_models_own_directions(generator: Generator, kind: Literal["pca", "sefa"]) -> None:
    plain, moved = of(
        generator, LatentPoint((1,)), LatentPoint((1,), moves=(DirectionOffset(kind, 1.5, first=2, last=6, index=3),))
    )
    known = directions_of(generator)
    axes = known.pca if kind == "pca" else known.sefa(2, 6)
    expected = plain.clone()
    expected[2:7] += (1.5 * axes.sigma[3] * axes.vectors[3]).float()
    assert torch.allclose(moved, expected, atol=1e-5)


def test_a_mixture_by_layer_goes_along_the_direction_of_the_whole(generator: Generator) -> None:
    moved = LatentPoint(
        (1,), moves=(DirectionOffset("sefa", 2.0, index=1), DirectionOffset("pca", -1.0, first=2, index=0))
    )
    mixed = by_layer((moved, LatentPoint((2,))), [0, 0, 0, 0, 1, 1, 1, 0, 0, 0])
    first, second, found = of(generator, moved, LatentPoint((2,)), mixed)
    assert torch.allclose(found, torch.cat((first[:4], second[4:7], first[7:])), atol=1e-5)


def test_a_move_in_layers_that_are_not_there_does_nothing(generator: Generator) -> None:
    plain, moved = of(
        generator, LatentPoint((1,)), LatentPoint((1,), moves=(DirectionOffset("sefa", 1.5, first=30, index=3),))
    )
    assert torch.equal(plain, moved)


def test_components_are_those_of_the_points_class() -> None:
    generator = small(classes=2)
    plain, moved = of(
        generator, LatentPoint((1,), label=1), LatentPoint((1,), label=1, moves=(DirectionOffset("pca", 1.0),))
    )
    axes = directions_of(generator, 1).pca
    assert torch.allclose(moved[0] - plain[0], (axes.sigma[0] * axes.vectors[0]).float(), atol=1e-5)

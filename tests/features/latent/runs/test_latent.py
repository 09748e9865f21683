"""The Latent runner on a tiny real generator: seeds, blends, style mixing."""

from typing import Any

import numpy as np
import pytest
import torch

from studio.core.errors import Stopped, StudioError
from studio.core.values import Result
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Part
from studio.features.latent.runs import latent as run
from studio.features.latent.runs.latent import render
from studio.features.latent.tasks.latent import LatentTask
from studio.ml.latents import bands, latent
from studio.ml.nets.stylegan2 import Generator
from tests.features.latent.runs.conftest import SIZE
from tests.features.latent.runs.seen import pictures, pixels, same
from tests.recording import RecordingContext


def test_each_seed_gives_its_picture(context: RecordingContext, generator: Generator) -> None:
    result = render(LatentTask(seeds=tuple(range(10)), psi=0.5), context)
    assert result == Result(notes={"pictures": 10})
    facts = {"layers": [3, 7, 10], "classes": 0, "turns": False}
    assert [asset.notes for asset in context.assets] == [{"seed": k, "index": k, **facts} for k in range(10)]
    assert all((asset.width, asset.height, asset.kind) == (SIZE, SIZE, "pixels") for asset in context.assets)
    z = torch.from_numpy(np.random.RandomState(7).randn(1, 16)).float()
    expected = generator.synthesis(generator.mapping(z, psi=0.5))[0]
    shown = (expected.clamp(-1, 1) * 127.5 + 127.5).round().permute(1, 2, 0).numpy()
    assert same(pixels(context.assets[7]), shown)


def test_truncation_draws_towards_the_average(context: RecordingContext) -> None:
    first, second = pictures(context, seeds=(1, 2), psi=0)
    assert same(first, second)
    first, second = pictures(context, seeds=(1, 2), psi=1)
    assert not same(first, second)


def test_a_cutoff_of_0_is_none(context: RecordingContext) -> None:
    (whole,) = pictures(context, seeds=(1,), psi=0.3, cutoff=0)
    (all_layers,) = pictures(context, seeds=(1,), psi=0.3, cutoff=64)
    (some,) = pictures(context, seeds=(1,), psi=0.3, cutoff=2)
    assert same(whole, all_layers)
    assert not same(whole, some)


def test_noise(context: RecordingContext) -> None:
    (const,), (again,) = pictures(context, noise="const"), pictures(context, noise="const")
    (random,), (other,) = pictures(context, noise="random"), pictures(context, noise="random")
    (none,) = pictures(context, noise="none")
    assert same(const, again)
    assert not same(random, other)
    assert not same(const, none)


def test_a_point_of_one_seed_is_that_seed(context: RecordingContext) -> None:
    (seed,) = pictures(context, seeds=(3,))
    for point in (
        LatentPoint((3,)),
        LatentPoint((3, 9), (1.0, 0.0)),
        LatentPoint((3,), (0.2,)),
        LatentPoint((3, 3), (0.5, 0.5)),
    ):
        assert same(pictures(context, points=(point,))[0], seed)
        assert context.assets[0].notes["seed"] == 3


def test_a_picture_that_no_seed_alone_gives_names_none(context: RecordingContext) -> None:
    points = (
        LatentPoint((0, 1026), (0.34, 1.07)), LatentPoint((3,), (-1.0,)), LatentPoint((3,), layer_weights=(0.5,)),
        LatentPoint((3,), fine=9),
        LatentPoint((3,), parts=(Part((9,), (1.0,), layer_weights=(0.5,)),)),
        LatentPoint((3,), moves=(DirectionOffset("pca", 2.0),)),
    )  # fmt: skip
    for point in points:
        pictures(context, points=(point,))
        assert "seed" not in context.assets[0].notes, point
    pictures(context, seeds=(3,), fine=9)
    assert "seed" not in context.assets[0].notes, "the task's own seeds by band count, too"


def test_a_point_lies_between_its_seeds(context: RecordingContext) -> None:
    (middle,) = pictures(context, points=(LatentPoint((3, 9), (0.5, 0.5)),))
    (nearly,) = pictures(context, points=(LatentPoint((3, 9), (0.999, 0.001)),))
    three, nine = pictures(context, seeds=(3, 9))
    assert not same(middle, three)
    assert not same(middle, nine)
    assert np.abs(nearly - three).mean() < np.abs(nearly - nine).mean()
    assert context.assets[0].notes["seed"] == 3


def test_weights_of_0_are_all_alike(context: RecordingContext) -> None:
    (zero,) = pictures(context, points=(LatentPoint((3, 9), (0.0, 0.0)),))
    (even,) = pictures(context, points=(LatentPoint((3, 9), (0.5, 0.5)),))
    assert same(zero, even)


def test_styles_are_mixed_by_layers(context: RecordingContext, generator: Generator) -> None:
    (mixed,) = pictures(context, seeds=(1,), coarse=2, middle=3, fine=4, psi=0.7)
    z = torch.from_numpy(np.stack([latent(seed, 16) for seed in (2, 3, 4)])).float()
    w = generator.mapping(z, psi=0.7)
    joined = torch.cat([w[:1, 0:3], w[1:2, 3:7], w[2:, 7:]], dim=1)
    shown = (generator.synthesis(joined)[0].clamp(-1, 1) * 127.5 + 127.5).round().permute(1, 2, 0).numpy()
    assert same(mixed, shown)


def test_mixing_a_seed_with_itself_changes_nothing(context: RecordingContext) -> None:
    (plain,) = pictures(context, seeds=(1,))
    (mixed,) = pictures(context, seeds=(1,), coarse=1, middle=1, fine=1)
    assert same(plain, mixed)


def test_a_points_own_seed_goes_before_the_tasks(context: RecordingContext) -> None:
    (own,) = pictures(context, points=(LatentPoint((1,), coarse=5),), coarse=6)
    (given,) = pictures(context, seeds=(1,), coarse=5)
    assert same(own, given)


@pytest.mark.parametrize(
    ("layers", "resolution", "ends"),
    [(10, 64, (3, 7)), (18, 1024, (3, 7)), (8, 32, (3, 5)), (6, 16, (2, 4)), (16, 1024, (5, 11))],
)
def test_layers_of_each_band(layers: int, resolution: int, ends: tuple[int, int]) -> None:
    coarse, middle, fine = bands(layers, resolution)
    assert (coarse.start, coarse.stop, middle.stop, fine.stop) == (0, *ends, layers)
    assert (middle.start, fine.start) == ends


def test_without_enough_memory_the_pictures_come_one_by_one(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pictures(context, seeds=(1, 2, 3))
    loaded = context.model("", run._load)
    whole, sizes = loaded.synthesis.forward, []

    def scarce(w: torch.Tensor, **given: Any) -> torch.Tensor:
        sizes.append(len(w))
        if len(w) > 1:
            raise torch.OutOfMemoryError
        return whole(w, **given)

    monkeypatch.setattr(loaded.synthesis, "forward", scarce)
    found = pictures(context, seeds=(1, 2, 3))
    assert all(same(a, b) for a, b in zip(found, expected, strict=True))
    assert sizes == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (LatentTask(seeds=()), "no seed"),
        (LatentTask(seeds=(-5,)), "-5 is not a seed"),
        (LatentTask(seeds=(2**32,)), "4294967296 is not a seed"),
        (LatentTask(points=(LatentPoint((1, 2), (1.0,)),)), "one weight per seed"),
        (LatentTask(points=(LatentPoint((), ()),)), "at least one seed"),
    ],
)
def test_what_can_not_be_rendered(task: LatentTask, words: str, context: RecordingContext) -> None:
    with pytest.raises(StudioError, match=words):
        render(task, context)


def test_a_point_of_styles_alone_names_no_seed(context: RecordingContext, generator: Generator) -> None:
    styles = generator.mapping(torch.zeros(1, 16)).numpy().astype("<f2").tobytes()
    pictures(context, points=(LatentPoint((), (), styles=styles),))
    assert "seed" not in context.assets[0].notes


def test_a_stop_leaves_what_was_made(context: RecordingContext) -> None:
    context.cancel_after, context.cancel_stage = 2, "Picture"
    with pytest.raises(Stopped):
        render(LatentTask(seeds=tuple(range(40))), context)
    assert len(context.assets) == 8


def test_random_noise_with_a_seed_is_the_same_again(context: RecordingContext) -> None:
    first, again = (pictures(context, seeds=(1,), noise="random", noise_seed=5)[0] for _ in range(2))
    (other,) = pictures(context, seeds=(1,), noise="random", noise_seed=6)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)

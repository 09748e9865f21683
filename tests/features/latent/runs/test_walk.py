"""Walks on a tiny real generator: their way, their speed, and the spaces that they go through."""

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from studio.features.latent.points import timing
from studio.features.latent.points.point import DirectionOffset, LatentPoint
from studio.features.latent.points.timing import durations_of, even_out, places
from studio.features.latent.runs import latent as run
from studio.features.latent.runs.compose import Composer, rotate
from studio.features.latent.runs.walk import Route, walk
from studio.features.latent.tasks.latent import WalkFacts, WalkTask
from studio.ml.latents import Truncation, latent, slerp
from studio.ml.nets.stylegan2 import Generator
from tests.features.latent.runs.seen import frames_of, pictures, pixels, same, walked
from tests.recording import RecordingContext


def test_a_walk_passes_its_keyframes(context: RecordingContext) -> None:
    frames = frames_of(walked(context))
    keys = pictures(context, seeds=(1, 2, 3))
    assert len(frames) == 12
    for place, key in zip((0, 4, 8), keys, strict=True):
        assert same(frames[place], key)


def test_a_loop_closes_without_a_frame_twice(context: RecordingContext) -> None:
    frames = frames_of(walked(context, seconds=2.0))
    steps = [np.abs(a - b).mean() for a, b in zip(frames, frames[1:] + frames[:1], strict=True)]
    assert min(steps) > 0
    assert steps[-1] < 3 * np.mean(steps)


@pytest.mark.parametrize("space", ["z", "w", "w+"])
def test_the_frame_after_the_last_of_a_loop_is_the_first(context: RecordingContext, space: str) -> None:
    task = WalkTask(seeds=(1, 2, 3), space=space)  # type: ignore[arg-type]
    route = Route(task, [LatentPoint((seed,)) for seed in task.seeds], context.model("", run._load))
    first, after = route.frames([0.0, 3.0], context)
    assert same(pixels(first), pixels(after))


def test_an_open_walk_ends_on_its_last_keyframe(context: RecordingContext) -> None:
    frames = frames_of(walked(context, loop=False))
    first, *_, last = pictures(context, seeds=(1, 2, 3))
    assert same(frames[0], first)
    assert same(frames[-1], last)


def test_places() -> None:
    assert places([1, 1], 4, loop=True) == [0, 0.5, 1, 1.5]
    assert places([1, 1], 5, loop=False) == [0, 0.5, 1, 1.5, 2]


def test_each_leg_takes_its_own_time() -> None:
    assert places([1, 3], 8, loop=True) == pytest.approx([0, 0.5, 1, 7 / 6, 8 / 6, 9 / 6, 10 / 6, 11 / 6])
    task = WalkTask(durations=(0.5, 2.0))
    assert durations_of(task, 4) == [0.5, 2.0, 2.0, 2.0]
    assert timing.frames_of(task, 4) == round(6.5 * 30)
    assert durations_of(WalkTask(durations=(0.5, 2.0), loop=False), 2) == [0.5]


@pytest.mark.parametrize("easing", ["steady", "ease", "hold"])
def test_easing_keeps_the_times_of_keyframes_and_never_goes_back(easing: str) -> None:
    way = places([1, 2], 91, loop=False, easing=easing)
    assert (way[0], way[30], way[90]) == (0, 1, 2)
    assert all(before <= after for before, after in pairwise(way))
    steps = [after - before for before, after in pairwise(way[:31])]
    slow = {"steady": 1.0, "ease": 0.07, "hold": 0.0}[easing]
    assert steps[0] / max(steps) == pytest.approx(slow, abs=0.1)


def test_a_leg_on_which_nothing_changes_takes_no_time() -> None:
    curves = [[0, 1, 2], [0, 0, 0], [0, 3, 4]]
    durations = even_out([1, 1, 1], curves)
    assert durations == [1, 0, 2]
    way = places(durations, 6, loop=True, curves=curves)
    assert way == pytest.approx([0, 0.5, 2, 2 + 1 / 6, 2 + 2 / 6, 2.5])
    assert even_out([1, 1], [[0, 0], [0, 0]]) == [1, 1]


def test_an_even_walk_changes_by_equal_steps(context: RecordingContext) -> None:
    """Measured on the frames themselves, at their full size."""

    def unevenness(even: bool) -> float:
        frames = frames_of(walked(context, seeds=(1, 2, 3), seconds=4.0, psi=1.0, noise="none", even=even))
        steps = [np.abs(a - b).mean() for a, b in pairwise([*frames, frames[0]])]
        return float(np.std(steps) / np.mean(steps))

    assert unevenness(True) < 0.6 * unevenness(False)


def test_single_frames_are_those_of_the_film(context: RecordingContext) -> None:
    settings: dict[str, Any] = {
        "seeds": (1, 2, 3), "rate": 12, "durations": (0.5, 1.0, 0.25), "easing": "ease", "even": True, "space": "w",
    }  # fmt: skip
    film = frames_of(walked(context, **settings))
    context.assets.clear()
    walk(WalkTask(**settings, at=(3, 20, 999)), context)
    third, twentieth, last = context.assets
    assert [asset.notes["frame"] for asset in context.assets] == [3, 20, len(film) - 1]
    assert same(pixels(third), film[3])
    assert same(pixels(twentieth), film[20])
    assert same(pixels(last), film[-1])
    assert sum(last.notes["durations"]) == pytest.approx(1.75)


def test_a_walk_is_measured_once(context: RecordingContext) -> None:
    task = WalkTask(seeds=(11, 12), even=True, rate=10, seconds=1.0, format="png")
    for at in ((1,), (2,), ()):
        walk(msgspec.structs.replace(task, at=at), context)
    assert len({step for step in context.steps if step[2] == "Measuring"}) == len(
        [step for step in context.steps if step[2] == "Measuring"]
    )


# --- spaces


def between(generator: Generator, a: LatentPoint, b: LatentPoint, space: str, path: str) -> torch.Tensor:
    composer = Composer(generator, Truncation(0.7, 2, torch.device("cpu")))
    return composer.between(a, b, (0.0, 0.5, 1.0), space, path)


@pytest.mark.parametrize("space", ["z", "w", "w+"])
@pytest.mark.parametrize("path", ["spherical", "linear"])
@pytest.mark.parametrize(
    "other", [LatentPoint((5,)), LatentPoint((5,), coarse=6), LatentPoint((5, 6), (0.5, 0.5), parts=())]
)
def test_every_way_begins_and_ends_on_its_keyframes(
    generator: Generator, space: str, path: str, other: LatentPoint
) -> None:
    first, last = Composer(generator, Truncation(0.7, 2, torch.device("cpu"))).styles((LatentPoint((4,)), other))
    way = between(generator, LatentPoint((4,)), other, space, path)
    assert torch.allclose(way[0], first, atol=1e-4)
    assert torch.allclose(way[2], last, atol=1e-4)


@pytest.mark.parametrize("space", ["z", "w", "w+"])
@pytest.mark.parametrize("path", ["spherical", "linear"])
def test_between_equal_points_nothing_moves(generator: Generator, space: str, path: str) -> None:
    way = between(generator, LatentPoint((4,)), LatentPoint((4,)), space, path)
    assert torch.allclose(way, way[:1].expand_as(way), atol=1e-5)
    assert np.array_equal(slerp(latent(4, 16), latent(4, 16), 0.3), latent(4, 16))
    w = torch.randn(3, 16)
    assert torch.allclose(rotate(w, w, 0.3, (1,)), w, atol=1e-6)


def test_an_arc_keeps_its_distance_from_the_average(generator: Generator) -> None:
    mean = generator.mapping.w_avg
    ends = [
        between(generator, LatentPoint((4,)), LatentPoint((5,)), "w+", path)[:, -1] - mean
        for path in ("spherical", "linear")
    ]
    arc, line = (float(way[1].norm()) for way in ends)
    lengths = [float(end.norm()) for end in (ends[0][0], ends[0][2])]
    assert line < arc
    assert 0.95 * min(lengths) < arc < max(lengths)


def test_straight_lines_in_w_are_those_in_w_plus_and_arcs_differ_where_layers_do(generator: Generator) -> None:
    plain, mixed = LatentPoint((4,)), LatentPoint((5,), fine=6)
    lines = [between(generator, plain, mixed, space, "linear") for space in ("w", "w+")]
    assert torch.equal(*lines)
    arcs = [between(generator, plain, mixed, space, "spherical")[1] for space in ("w", "w+")]
    assert not torch.allclose(*arcs, atol=1e-3)
    whole = Composer(generator, Truncation(1.0, 0, torch.device("cpu")))
    alike = [whole.between(plain, LatentPoint((5,)), (0.5,), space, "spherical") for space in ("w", "w+")]
    assert torch.allclose(*alike, atol=1e-5)


def test_turned_is_the_arc_of_slerp_and_a_line_where_there_is_no_arc() -> None:
    a, b = np.random.RandomState(0).randn(2, 16)
    found = rotate(torch.from_numpy(a), torch.from_numpy(b), 0.3, (0,))
    assert np.allclose(found.numpy(), slerp(a, b, 0.3))
    one, zero = torch.ones(4), torch.zeros(4)
    assert torch.allclose(rotate(one, -one, 0.25, (0,)), one / 2)
    assert torch.allclose(rotate(zero, one, 0.25, (0,)), one / 4)


@pytest.mark.parametrize(
    ("space", "path", "keys", "seeds"),
    [
        ("z", "spherical", (LatentPoint((1,)), LatentPoint((2,))), True),
        ("z", "linear", (LatentPoint((1, 3), (0.5, 2.0)), LatentPoint((2,))), True),
        ("z", "spherical", (LatentPoint((1,), moves=(DirectionOffset("pca", 2.0),)), LatentPoint((2,))), False),
        ("z", "spherical", (LatentPoint((1,), fine=5), LatentPoint((2,))), False),
        ("w", "spherical", (LatentPoint((1,)), LatentPoint((2,))), False),
        ("w+", "linear", (LatentPoint((1,)), LatentPoint((2, 1), (1.0, 1.0))), False),
    ],
)
def test_each_frame_says_the_point_that_gives_it(
    context: RecordingContext, space: Any, path: Any, keys: tuple[LatentPoint, ...], seeds: bool
) -> None:
    walk(WalkTask(keys=keys, space=space, path=path, seconds=1.0, rate=10, at=(0, 2, 5, 8), psi=0.6), context)
    frames = list(context.assets)
    points = [WalkFacts.of(asset.notes).point for asset in frames]
    assert points[0] == keys[0]
    assert points[2] == keys[1]
    assert [bool(point and point.seeds and not point.styles) for point in points[1::2]] == [seeds, seeds]
    again = pictures(context, points=tuple(filter(None, points)), psi=0.6)
    assert all(np.abs(pixels(one) - other).max() <= 2 for one, other in zip(frames, again, strict=True))

"""Grain, classes and place of pictures, on real small generators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.runs.latent import render, transform_matrix
from studio.features.latent.runs.walk import walk
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.ml.load.gan import save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from tests.features.latent.runs.seen import pictures, pixels, same
from tests.recording import RecordingContext

DATA = Path(__file__).parents[3] / "data" / "stylegan"


@pytest.fixture
def turning(context: RecordingContext) -> RecordingContext:
    context.address = str(DATA / "sg3t_128.pkl")
    return context


def far(a: np.ndarray, b: np.ndarray) -> float:
    """How unlike two pictures are in their middles: what comes in at the edges is new."""
    return float(np.abs(a[32:96, 32:96] - b[32:96, 32:96]).mean())


@pytest.mark.parametrize(
    ("fields", "rolled"),
    [({"shift_x": 0.125}, (0, 16)), ({"shift_y": 0.125}, (16, 0)), ({"shift_x": -0.125}, (0, -16))],
)
def test_a_shift_is_to_the_right_and_down(
    turning: RecordingContext, fields: dict[str, float], rolled: tuple[int, int]
) -> None:
    (plain,), (moved,) = pictures(turning, seeds=(1,)), pictures(turning, seeds=(1,), **fields)
    right, wrong = (np.roll(plain, way, (0, 1)) for way in (rolled, (-rolled[0], -rolled[1])))
    assert far(moved, right) < 0.2 * far(moved, wrong)


def test_a_turn_is_clockwise(turning: RecordingContext) -> None:
    matrix = transform_matrix(90, 0, 0)
    assert np.allclose(np.array(matrix) @ [1, 0, 1], [0, 1, 1])  # what was on the right is below
    (plain,), (rotate,) = pictures(turning, seeds=(1,)), pictures(turning, seeds=(1,), turn=90)
    assert far(rotate, np.rot90(plain, -1)) < far(rotate, np.rot90(plain, 1))


def test_frames_of_a_walk_are_placed_too(turning: RecordingContext) -> None:
    walk(WalkTask(seeds=(1, 2), shift_x=0.25, at=(0,)), turning)
    (first,) = turning.assets
    assert same(pixels(first), pictures(turning, seeds=(1,), shift_x=0.25)[0])


def test_what_can_not_turn_stays_as_it_is_and_says_so(context: RecordingContext) -> None:
    assert same(pictures(context, seeds=(1,), turn=45.0)[0], pictures(context, seeds=(1,))[0])
    assert context.assets[0].notes["turns"] is False


def test_pictures_say_what_their_model_has(turning: RecordingContext) -> None:
    render(LatentTask(), turning)
    assert turning.assets[0].notes["turns"] is True
    assert turning.assets[0].notes["classes"] == 0


def test_grain_is_as_strong_as_asked(context: RecordingContext) -> None:
    none, weak, usual, strong = (
        pictures(context, seeds=(1,), strength=strength)[0] for strength in (0.0, 0.5, 1.0, 2.0)
    )
    assert same(none, pictures(context, seeds=(1,), noise="none")[0])
    assert same(usual, pictures(context, seeds=(1,))[0])
    assert 0 < np.abs(weak - none).mean() < np.abs(usual - none).mean() < np.abs(strong - none).mean()


@pytest.fixture
def classes(tmp_path: Path, context: RecordingContext) -> RecordingContext:
    torch.manual_seed(0)
    config = Config(z_dim=16, w_dim=16, resolution=64, channels=(8,) * 5, mapping_layers=2, c_dim=4)
    save_generator(Generator(config), tmp_path / "conditional")
    context.address = str(tmp_path / "conditional")
    return context


def test_each_class_has_its_picture(classes: RecordingContext) -> None:
    points: tuple[Any, ...] = tuple(LatentPoint((1,), label=label) for label in range(4))
    found = pictures(classes, points=points, psi=1.0)
    assert classes.assets[0].notes["classes"] == 4
    assert not any(same(found[0], other) for other in found[1:])
    with pytest.raises(StudioError, match="no class 4"):
        pictures(classes, points=(LatentPoint((1,), label=4),))

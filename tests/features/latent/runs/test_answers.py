"""Answers about a model: its directions bit by bit, ways between points, activations and scaled channels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.events import Made
from studio.core.values import Asset
from studio.engine.perform import plain
from studio.features.latent.points.point import DirectionOffset, LatentPoint, Scale
from studio.features.latent.runs.answers import activations, directions, way
from studio.features.latent.runs.latent import render
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.questions import ActivationsTask, DirectionsTask, WayTask
from studio.ml.directions import directions_of
from studio.ml.load.gan import save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from tests.configuring import change_config
from tests.recording import RecordingContext


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("latents") / "tiny"
    torch.manual_seed(0)
    save_generator(
        Generator(Config(z_dim=16, w_dim=16, resolution=64, channels=(8, 8, 8, 8, 8), mapping_layers=2)), folder
    )
    return folder


@pytest.fixture
def context(folder: Path) -> RecordingContext:
    change_config(device="cpu")
    return RecordingContext(address=str(folder))


def answer(runner: Any, task: Any, context: RecordingContext) -> list[Asset]:
    context.assets.clear()
    runner(task, context)
    return [plain(Made("job", asset)).asset for asset in context.assets]


def test_directions_come_bit_by_bit_and_then_their_deviations(context: RecordingContext) -> None:
    shares = []
    while True:
        (asset,) = answer(directions, DirectionsTask(), context)
        shares.append(asset.notes["share"])
        if shares[-1] == 1:
            break
        assert "pca" not in asset.notes
    assert shares == sorted(shares)
    known = directions_of(next(iter(context.models.values())))
    assert asset.notes["pca"] == pytest.approx(known.pca.sigma[:20].tolist())
    assert (asset.notes["size"], asset.notes["key"]) == (16, known.key)


def test_a_way_leads_from_point_to_point(context: RecordingContext) -> None:
    a, b = LatentPoint((1,), moves=(DirectionOffset("pca", 1.0, index=2),)), LatentPoint((2,), coarse=5)
    (asset,) = answer(way, WayTask(of=LatentTask(points=(a, b))), context)
    assert len(asset.data) == 4 * 10 * 16
    gone = LatentPoint((1,), moves=(*a.moves, DirectionOffset("own", 1.0, vector=asset.data)))
    render(LatentTask(points=(gone, b)), context)
    first, second = (np.frombuffer(made.data, np.uint8).astype(int) for made in context.assets[-2:])
    assert np.abs(first - second).max() <= 1
    with pytest.raises(StudioError, match="two points"):
        answer(way, WayTask(of=LatentTask(points=(a,))), context)


def test_activations_come_as_a_tower_of_tiles(context: RecordingContext) -> None:
    task = ActivationsTask(of=LatentTask(points=(LatentPoint((3,)),)), layer="b32.conv1", channel=5)
    tower, channel = answer(activations, task, context)
    assert (tower.width, tower.height, tower.notes["tile"]) == (32, 8 * 32, 32)
    assert tower.notes["inside"][tower.notes["layer"]] == ["b32.conv1", 8, 32, 32]
    assert len(tower.notes["inside"]) == 14
    assert channel.data == tower.data[5 * 32 * 32 * 3 :][: 32 * 32 * 3]
    assert len(answer(activations, ActivationsTask(of=task.of, layer="b32.conv1"), context)) == 1


def test_a_scaled_channel_changes_the_picture_and_the_layers_after_it(context: RecordingContext) -> None:
    before = LatentTask(points=(LatentPoint((3,)),))
    after = LatentTask(points=(LatentPoint((3,)),), scales=(Scale("b8.conv1", 2, 0.0),))
    assert answer(render, before, context)[0].data != answer(render, after, context)[0].data
    for layer, same in (("b8.conv0", True), ("b8.conv1", True), ("b16.conv0", False)):
        one, other = (answer(activations, ActivationsTask(of=task, layer=layer), context) for task in (before, after))
        assert (one[0].data == other[0].data) is same


def test_a_channel_of_another_model_is_refused(context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="no channel 2 in layer L5_52_8"):
        answer(render, LatentTask(scales=(Scale("L5_52_8", 2, 0.0),)), context)

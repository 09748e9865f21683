"""Pictures of real checkpoints, asked for as the room and the command line ask."""

from pathlib import Path

import numpy as np
import pytest

from studio.features.latent.runs.latent import render
from studio.features.latent.tasks.latent import LatentTask
from tests.configuring import change_config
from tests.recording import RecordingContext

GANS = Path(__file__).parents[3] / "data" / "stylegan"


@pytest.mark.parametrize(("name", "edge"), [("sg2_64", 64), ("sg3t_128", 128)])
def test_the_reference_pictures_are_made(name: str, edge: int) -> None:
    change_config(device="cpu")
    with np.load(GANS / f"{name}.npz") as file:
        expected = [file[f"s{seed}_psi0.7_img"][0] for seed in (0, 1)]
    context = RecordingContext(address=str(GANS / f"{name}.pkl"))
    render(LatentTask(seeds=(0, 1), psi=0.7, noise="const"), context)
    assert len(context.assets) == 2
    for asset, picture in zip(context.assets, expected, strict=True):
        assert (asset.width, asset.height) == (edge, edge)
        shown = np.frombuffer(asset.data, np.uint8).reshape(edge, edge, -1)[..., :3].astype(float)
        wanted = (picture.clip(-1, 1) * 127.5 + 127.5).transpose(1, 2, 0)
        assert np.abs(shown - wanted).max() <= 1

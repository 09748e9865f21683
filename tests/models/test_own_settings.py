"""A picture model's own size, steps and guidance, told from its folder."""

import json
from pathlib import Path

import pytest

from studio.models.own_settings import own_settings


def folder(place: Path, part: str, latents: object, levels: object) -> Path:
    for name, config in ((part, {"sample_size": latents}), ("vae", {"block_out_channels": levels})):
        (place / name).mkdir(parents=True)
        (place / name / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("family", "part", "latents", "edge", "guidance"),
    [
        ("StableDiffusionPipeline", "unet", 64, 512, 7.5),
        ("StableDiffusionXLPipeline", "unet", 128, 1024, 7.0),
        ("StableDiffusion3Pipeline", "transformer", 128, 1024, 7.0),
        ("FluxPipeline", "transformer", 128, 1024, 3.5),
    ],
)
def test_a_model_begins_as_it_was_made(
    tmp_path: Path, family: str, part: str, latents: int, edge: int, guidance: float
) -> None:
    own = own_settings(folder(tmp_path, part, latents, [128, 256, 512, 512]), family)
    assert (own["size"], own["guidance"]) == (edge, guidance)


@pytest.mark.parametrize(
    ("latents", "levels"), [(None, [1]), ("64", [1]), (64, None), (64, []), (10**9, [1, 1]), (64, [1] * 99)]
)
def test_what_cannot_be_told_is_left_out(tmp_path: Path, latents: object, levels: object) -> None:
    assert "size" not in own_settings(folder(tmp_path, "unet", latents, levels), "OtherPipeline")


def test_a_folder_without_configs_tells_no_size(tmp_path: Path) -> None:
    assert "size" not in own_settings(tmp_path, "StableDiffusionPipeline")

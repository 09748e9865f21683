"""A picture model's own size, steps and guidance, told from its folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.models.own_settings import own_settings

LEVELS = [128, 256, 512, 512]
NOISE = {"_class_name": "PNDMScheduler", "prediction_type": "epsilon"}
TURBO = {"_class_name": "EulerAncestralDiscreteScheduler", "timestep_spacing": "trailing", "prediction_type": "epsilon"}
ZERO_SNR = {**TURBO, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}


def folder(place: Path, part: str, network: dict[str, Any], scheduler: object = None, **vae: object) -> Path:
    files = {
        f"{part}/config.json": network,
        "vae/config.json": vae or {"block_out_channels": LEVELS},
        "scheduler/scheduler_config.json": scheduler or {},
    }
    for name, config in files.items():
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text(json.dumps(config), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("family", "part", "latents", "edge", "guidance"),
    [
        ("StableDiffusionPipeline", "unet", 64, 512, 7.5),
        ("StableDiffusionInpaintPipeline", "unet", 64, 512, 7.5),
        ("StableDiffusionPipeline", "unet", 96, 768, 7.5),
        ("StableDiffusionXLPipeline", "unet", 128, 1024, 7.0),
        ("StableDiffusion3Pipeline", "transformer", 128, 1024, 7.0),
        ("FluxPipeline", "transformer", None, 1024, 3.5),
        ("FluxKontextPipeline", "transformer", None, 1024, 2.5),
        ("QwenImagePipeline", "transformer", None, 1024, 4.0),
        ("ZImagePipeline", "transformer", None, 1024, 4.0),
        ("AuraFlowPipeline", "transformer", 64, 1024, 3.5),  # its number counts something else
    ],
)
def test_a_model_begins_as_it_was_made(
    tmp_path: Path, family: str, part: str, latents: int | None, edge: int, guidance: float
) -> None:
    own = own_settings(folder(tmp_path, part, {"sample_size": latents} if latents else {}), family)
    assert (own["size"], own["guidance"]) == (edge, guidance)
    assert own["steps"] >= 20


def test_sana_shrinks_more(tmp_path: Path) -> None:
    place = folder(tmp_path, "transformer", {"sample_size": 16}, encoder_block_out_channels=[1] * 6)
    assert own_settings(place, "SanaPipeline") == {"size": 512, "steps": 20, "guidance": 4.5}


@pytest.mark.parametrize(
    ("family", "network", "scheduler", "name", "steps"),
    [
        ("FluxPipeline", {"guidance_embeds": False}, None, "my own", 4),
        ("FluxPipeline", {"guidance_embeds": True}, None, "FLUX.1-schnell", 4),
        ("ZImagePipeline", {}, {"shift": 3.0}, "mine", 8),
        ("ZImagePipeline", {}, {"shift": 6.0}, "Z-Image-Turbo", 8),
        ("StableDiffusionPipeline", {}, {"_class_name": "LCMScheduler"}, "mine", 4),
        ("StableDiffusionXLPipeline", {}, TURBO, "mine", 4),
        ("StableDiffusionXLPipeline", {}, NOISE, "sdxl_turbo", 4),
        ("StableDiffusionXLPipeline", {}, NOISE, "SDXL-Lightning-8step", 8),
        ("StableDiffusion3Pipeline", {}, None, "stable-diffusion-3.5-large-turbo", 4),
    ],
)
def test_models_taught_to_do_with_few_steps_begin_with_few_and_no_guidance(
    tmp_path: Path, family: str, network: dict[str, Any], scheduler: object, name: str, steps: int
) -> None:
    part = "unet" if "Diffusion" in family else "transformer"
    own = own_settings(folder(tmp_path, part, network, scheduler), family, name)
    assert (own["steps"], own["guidance"]) == (steps, 0)


def test_a_pipeline_that_was_saved_as_distilled_is(tmp_path: Path) -> None:
    index = {"_class_name": "Flux2KleinPipeline", "is_distilled": True}
    (tmp_path / "model_index.json").write_text(json.dumps(index), encoding="utf-8")
    assert own_settings(tmp_path, "Flux2KleinPipeline") == {"size": 1024, "steps": 4, "guidance": 0.0}
    assert own_settings(tmp_path / "x", "Flux2KleinPipeline") == {"size": 1024, "steps": 28, "guidance": 4.0}


@pytest.mark.parametrize(
    ("family", "network", "scheduler", "name"),
    [
        ("FluxPipeline", {"guidance_embeds": True}, None, "FLUX.1-dev"),
        ("ZImagePipeline", {}, {"shift": 6.0}, "Z-Image"),
        ("ZImagePipeline", {}, {"shift": 3.0}, "Z-Image-De-Turbo"),
        ("StableDiffusionXLPipeline", {}, ZERO_SNR, "NoobAI v-pred"),
        ("StableDiffusionXLPipeline", {}, NOISE, "Hyperrealism turbocharged"),
    ],
)
def test_others_do_not(tmp_path: Path, family: str, network: dict[str, Any], scheduler: object, name: str) -> None:
    part = "unet" if "Diffusion" in family else "transformer"
    own = own_settings(folder(tmp_path, part, network, scheduler), family, name)
    assert own["steps"] >= 28
    assert own["guidance"] > 3


def test_a_consistency_model_was_taught_its_guidance(tmp_path: Path) -> None:
    place = folder(tmp_path, "unet", {"sample_size": 96, "time_cond_proj_dim": 256})
    assert own_settings(place, "StableDiffusionXLPipeline") == {"size": 768, "steps": 4, "guidance": 8.5}


@pytest.mark.parametrize(
    ("latents", "levels"), [(None, [1]), ("64", [1]), (64, None), (64, []), (10**9, [1, 1]), (64, [1] * 99)]
)
def test_what_cannot_be_told_is_left_out(tmp_path: Path, latents: object, levels: object) -> None:
    place = folder(tmp_path, "unet", {"sample_size": latents}, block_out_channels=levels)
    assert "size" not in own_settings(place, "OtherPipeline")


def test_a_folder_without_configs_begins_as_its_family(tmp_path: Path) -> None:
    assert own_settings(tmp_path, "StableDiffusionPipeline") == {"size": 512, "steps": 28, "guidance": 7.5}

"""The settings that a picture model was made for, told from its folder: what a request begins with."""

from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.models.headers import read_json

# By the beginning of the pipeline's name; from the model cards of their makers.
_GUIDANCE = (
    ("FluxPipeline", 3.5),
    ("StableDiffusion3", 7.0),
    ("StableDiffusionXL", 7.0),
    ("StableDiffusion", 7.5),
    ("QwenImage", 4.0),
)
_STEPS = 28


def own_settings(folder: Path, family: str) -> dict[str, Any]:
    """Size (the edge in pixels), steps and guidance of the pipeline in ``folder``; only what can be told."""
    found: dict[str, Any] = {"steps": _STEPS}
    if edge := _edge(folder):
        found["size"] = edge
    guidance = next((value for name, value in _GUIDANCE if family.startswith(name)), None)
    return found if guidance is None else {**found, "guidance": guidance}


def _edge(folder: Path) -> int:
    """The latents' edge times what the autoencoder makes of one of them; 0 when the folder doesn't say."""
    try:
        part = next(path for name in ("unet", "transformer") if (path := folder / name / "config.json").is_file())
        latents, autoencoder = read_json(part).get("sample_size"), read_json(folder / "vae" / "config.json")
    except (StopIteration, StudioError):
        return 0
    levels = autoencoder.get("block_out_channels")
    if not isinstance(latents, int) or not isinstance(levels, list) or not 1 <= len(levels) <= 8:
        return 0
    edge = int(latents * 2 ** (len(levels) - 1))
    return edge if 16 <= edge <= 8192 else 0

"""The settings that a picture model was made for, told from its folder: what a request begins with."""

from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.files.model_settings import read_settings
from studio.models.families import FAMILIES, few_steps, guidance_of, plain_name

_NETWORKS = ("unet", "transformer")
_LEVELS = ("block_out_channels", "encoder_block_out_channels", "dim_mult")
"""What autoencoders call their levels; each but the last halves the picture's edges."""
_STEPS = 28


def own_settings(folder: Path, pipeline: str, name: str = "") -> dict[str, Any]:
    """Size (the edge in pixels), steps and guidance of the ``pipeline`` in ``folder``, which people call ``name``.

    Of a pipeline that nobody knows, only what can be told.
    """
    family = FAMILIES.get(plain_name(pipeline))
    network = next((config for part in _NETWORKS if (config := _config(folder / part))), {})
    edge = _edge(network, _config(folder / "vae")) if family is None or family.says_edge else 0
    if family is not None:
        edge = edge or family.edge
    found: dict[str, Any] = {"steps": family.steps if family else _STEPS}
    if edge:
        found["size"] = edge
    if family is not None:
        found["guidance"] = guidance_of(plain_name(pipeline), network)
    index = {"_class_name": pipeline, **_config(folder, "model_index.json")}
    few = few_steps(name, index, network, _config(folder / "scheduler", "scheduler_config.json"))
    return found if few is None else {**found, "steps": few[0], "guidance": few[1]}


def _config(folder: Path, name: str = "config.json") -> dict[str, Any]:
    """What the settings file says; nothing where it can't be read."""
    try:
        return read_settings(folder / name)
    except StudioError:
        return {}


def _edge(network: dict[str, Any], autoencoder: dict[str, Any]) -> int:
    """The latents' edge times what the autoencoder makes of one of them; 0 when the folder doesn't say."""
    latents = network.get("sample_size")
    levels = next((found for name in _LEVELS if (found := autoencoder.get(name))), None)
    if not isinstance(latents, int) or not isinstance(levels, list) or not 1 <= len(levels) <= 8:
        return 0
    edge = int(latents * 2 ** (len(levels) - 1))
    return edge if 16 <= edge <= 8192 else 0

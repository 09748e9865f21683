"""The settings that a picture model was made for, told from its folder: what a request begins with."""

from pathlib import Path
from typing import Any

from studio.families.rules.few_steps import few_steps
from studio.families.rules.known import PIPELINES
from studio.families.rules.schedulers import BY_CLASS
from studio.files.model_settings import settings_or_none

_NETWORKS = ("unet", "transformer")
_LEVELS = ("block_out_channels", "encoder_block_out_channels", "dim_mult")
"""What autoencoders call their levels; each but the last halves the picture's edges."""
_STEPS = 28
_CONFIG, _SCHEDULER = "config.json", "scheduler/scheduler_config.json"


def own_settings(folder: Path, pipeline: str, name: str = "") -> dict[str, Any]:
    """Size (the edge in pixels), steps and guidance of the ``pipeline`` in ``folder``, which people call ``name``.

    Of a pipeline that nobody knows, only what can be told.
    """
    family, own = PIPELINES.get(pipeline, (None, None))
    network = next((config for part in _NETWORKS if (config := settings_or_none(folder / part / _CONFIG))), {})
    vae = settings_or_none(folder / "vae" / _CONFIG)
    edge = _edge(network, vae) if family is None or family.says_edge else 0
    found: dict[str, Any] = {"steps": own.steps if own else _STEPS}
    if edge or own:
        found["size"] = edge or (own.edge if own else 0)
    if family and own:
        special = family.guidance_with
        found["guidance"] = special[1] if special and network.get(special[0]) is not None else own.guidance
    index = settings_or_none(folder / "model_index.json")
    few = few_steps(name, own, index, network, settings_or_none(folder / _SCHEDULER))
    return found if few is None else {**found, "steps": few[0], "guidance": few[1]}


def schedulers_of(folder: Path) -> tuple[str, ...]:
    """The names that an image request may give for the model in ``folder``; none when that can't be told."""
    return BY_CLASS.get(str(settings_or_none(folder / _SCHEDULER).get("_class_name", "")), ())


def _edge(network: dict[str, Any], autoencoder: dict[str, Any]) -> int:
    """The latents' edge times what the autoencoder makes of one of them; 0 when the folder doesn't say."""
    latents = network.get("sample_size")
    levels = next((found for name in _LEVELS if (found := autoencoder.get(name))), None)
    if not isinstance(latents, int) or not isinstance(levels, list) or not 1 <= len(levels) <= 8:
        return 0
    edge = int(latents * 2 ** (len(levels) - 1))
    return edge if 16 <= edge <= 8192 else 0

"""Models that were taught to do with few steps: told by their names and their settings files."""

import re

from studio.families.rules.family import Pipeline, Settings

CONSISTENCY_GUIDANCE = 8.5
"""Which networks that are told their guidance were taught."""
_FEW = 4
_TAUGHT = re.compile(r"(?<![a-z])(turbo|lightning|schnell|hyper|lcm|dmd2?|sprint|tcd|pcm|distilled)(?![a-z])")
_UNDONE = re.compile(r"(de|un)-?(distill|turbo)")
_TAUGHT_STEPS = re.compile(r"(?<!\d)(\d{1,2})-?steps?(?![a-z])")
_MOST_TAUGHT = 16
_CONSISTENCY = ("LCMScheduler", "TCDScheduler")
_EULER = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")


def few_steps(
    name: str, pipeline: Pipeline | None, index: Settings, network: Settings, scheduler: Settings
) -> tuple[int, float] | None:
    """Steps and guidance of a model that was distilled to do with few steps and without guidance; None of another.

    ``name`` is what people call it; the others say what model_index.json, the network's config and the scheduler's do.
    """
    called = f"{name} {index.get('_name_or_path', '')}".lower().replace("_", "-")
    if _UNDONE.search(called):
        return None
    own = pipeline.few if pipeline else _FEW
    if (pipeline and pipeline.taught) or network.get("time_cond_proj_dim"):
        return _FEW, CONSISTENCY_GUIDANCE
    if match := _TAUGHT.search(called):
        steps = _TAUGHT_STEPS.search(called)
        return (min(max(int(steps[1]), 1), _MOST_TAUGHT) if steps else own if match[1] != "schnell" else _FEW), 0.0
    return (own, 0.0) if _says_few(pipeline, index, network, scheduler) else None


def _says_few(pipeline: Pipeline | None, index: Settings, network: Settings, scheduler: Settings) -> bool:
    """Whether the files say so, whatever the model is called."""
    if pipeline and pipeline.distilled:
        part, setting, value = pipeline.distilled
        if (network if part == "network" else scheduler).get(setting) == value:
            return True
    if index.get("is_distilled") is True:
        return True
    kind = scheduler.get("_class_name")
    # Turbo models of Stable Diffusion begin at the last of the training's steps, as do those with zero terminal SNR,
    # which predict velocities.
    trailing = scheduler.get("timestep_spacing") == "trailing" and not scheduler.get("rescale_betas_zero_snr")
    noise = scheduler.get("prediction_type", "epsilon") == "epsilon"
    return kind in _CONSISTENCY or (kind in _EULER and trailing and noise)

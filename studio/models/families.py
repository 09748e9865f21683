"""The families of picture models that Triptych can use, by diffusers' name of their pipeline, and the facts of each."""

import re
from dataclasses import dataclass

from studio.families.rules.purpose import Settings


@dataclass(frozen=True)
class Family:
    """What holds for all models of a family; from their makers' cards and diffusers' pipelines."""

    steps: int
    guidance: float
    edge: int
    """Of a square picture, in pixels, where the folder doesn't say."""
    reads: int = 0
    """Tokens of a prompt. 0: what the tokenizer's settings say."""
    says_edge: bool = True
    """The network's ``sample_size`` is that of the pictures that it was made for."""


FAMILIES: dict[str, Family] = {
    "StableDiffusionPipeline": Family(28, 7.5, 512),
    "StableDiffusionPAGPipeline": Family(28, 7.5, 512),
    "StableDiffusionXLPipeline": Family(28, 7.0, 1024),
    "StableDiffusionXLPAGPipeline": Family(28, 7.0, 1024),
    "StableDiffusion3Pipeline": Family(28, 7.0, 1024, 256),
    "StableDiffusion3PAGPipeline": Family(28, 7.0, 1024, 256),
    "LatentConsistencyModelPipeline": Family(4, 8.5, 512),
    "KolorsPipeline": Family(28, 5.0, 1024, 256),
    "KolorsPAGPipeline": Family(28, 5.0, 1024, 256),
    "HunyuanDiTPipeline": Family(28, 5.0, 1024),
    "HunyuanDiTPAGPipeline": Family(28, 5.0, 1024),
    "SanaPipeline": Family(20, 4.5, 1024, 300),
    "SanaPAGPipeline": Family(20, 4.5, 1024, 300),
    "AuraFlowPipeline": Family(28, 3.5, 1024, 256, says_edge=False),
    "FluxPipeline": Family(28, 3.5, 1024, 512),
    "FluxKontextPipeline": Family(28, 2.5, 1024, 512),
    "Flux2Pipeline": Family(28, 4.0, 1024, 512),
    "Flux2KleinPipeline": Family(28, 4.0, 1024, 512),
    "ChromaPipeline": Family(35, 5.0, 1024, 512),
    "OvisImagePipeline": Family(50, 5.0, 1024, 256),
    "LuminaPipeline": Family(30, 4.0, 1024, 256),
    "Lumina2Pipeline": Family(30, 4.0, 1024, 256),
    "CogView3PlusPipeline": Family(50, 7.0, 1024, 224),
    "CogView4Pipeline": Family(50, 3.5, 1024, 1024),
    "GlmImagePipeline": Family(50, 1.5, 1024, 2048, says_edge=False),
    "QwenImagePipeline": Family(50, 4.0, 1024, 512),
    "QwenImage21Pipeline": Family(40, 4.0, 1024),
    "ZImagePipeline": Family(50, 4.0, 1024, 512),
    "ZImageOmniPipeline": Family(50, 4.0, 1024, 512),
    "NucleusMoEImagePipeline": Family(50, 4.0, 1024),
    "Ideogram4Pipeline": Family(48, 7.0, 2048, 2048),
    "Krea2Pipeline": Family(28, 4.5, 1024, 512),
    "PRXPipeline": Family(28, 4.0, 512),
}
"""Those that make a picture from words alone and can be watched and stopped."""
_VARIANTS = re.compile(r"Img2Img|Inpaint(ing)?")

_FEW = 4
"""Steps of a model that was taught to do with few, if it doesn't say how many: most were made for 1 to 8."""
_FEW_OF_FAMILY = {"ZImagePipeline": 8, "Krea2Pipeline": 8, "ChromaPipeline": 8}
_TAUGHT = re.compile(r"(?<![a-z])(turbo|lightning|schnell|hyper|lcm|dmd2?|sprint|tcd|pcm|distilled)(?![a-z])")
_UNDONE = re.compile(r"(de|un)-?(distill|turbo)")
_TAUGHT_STEPS = re.compile(r"(?<!\d)(\d{1,2})-?steps?(?![a-z])")
_MOST_TAUGHT = 16
_CONSISTENCY = ("LCMScheduler", "TCDScheduler")
_EULER = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")


_GUIDANCE_OF_3_5 = 4.5


def guidance_of(pipeline: str, network: Settings) -> float:
    """The guidance of a known ``pipeline``. Stable Diffusion 3.5, which norms its queries, wants less than 3."""
    of_3_5 = pipeline.startswith("StableDiffusion3") and network.get("qk_norm") is not None
    return _GUIDANCE_OF_3_5 if of_3_5 else FAMILIES[pipeline].guidance


def plain_name(pipeline: str) -> str:
    """The pipeline that makes pictures from words out of the same parts."""
    return _VARIANTS.sub("", pipeline)


def few_steps(name: str, index: Settings, network: Settings, scheduler: Settings) -> tuple[int, float] | None:
    """Steps and guidance of a model that was distilled to do with few steps and without guidance; None of another.

    ``name`` is what people call it; the others say what model_index.json, the network's config and the scheduler's do.
    """
    pipeline = plain_name(str(index.get("_class_name", "")))
    called = f"{name} {index.get('_name_or_path', '')}".lower().replace("_", "-")
    if _UNDONE.search(called):
        return None
    own = _FEW_OF_FAMILY.get(pipeline, _FEW)
    if pipeline == "LatentConsistencyModelPipeline" or network.get("time_cond_proj_dim"):
        return _FEW, FAMILIES["LatentConsistencyModelPipeline"].guidance  # which the network itself was taught
    if match := _TAUGHT.search(called):
        steps = _TAUGHT_STEPS.search(called)
        return (min(max(int(steps[1]), 1), _MOST_TAUGHT) if steps else own if match[1] != "schnell" else _FEW), 0.0
    return (own, 0.0) if _says_few(pipeline, index, network, scheduler) else None


def _says_few(pipeline: str, index: Settings, network: Settings, scheduler: Settings) -> bool:
    """Whether the files say so, whatever the model is called."""
    if pipeline == "FluxPipeline" and network.get("guidance_embeds") is False:
        return True  # schnell; dev is told its guidance
    if index.get("is_distilled") is True:
        return True
    if pipeline == "ZImagePipeline":
        return scheduler.get("shift") == 3.0  # of Turbo; 6 of the base model
    kind = scheduler.get("_class_name")
    # Turbo models of Stable Diffusion begin at the last of the training's steps, as do those with zero terminal SNR,
    # which predict velocities.
    trailing = scheduler.get("timestep_spacing") == "trailing" and not scheduler.get("rescale_betas_zero_snr")
    noise = scheduler.get("prediction_type", "epsilon") == "epsilon"
    return kind in _CONSISTENCY or (kind in _EULER and trailing and noise)

"""What a picture model in the diffusers format can do, told from the settings files in its folder alone."""

from pathlib import Path
from typing import Literal

from studio.core.text import tr
from studio.families.rules.family import Settings
from studio.families.rules.known import family_of

Purpose = Literal["words", "refiner", "mask", "instruction", "depth", "guide", "upscaler", "film", "sound"]
"""What it makes pictures from: ``words``, a picture that it improves (``refiner``), or what Triptych can't give it."""

SPARE = frozenset({"safety_checker", "feature_extractor", "image_encoder"})
"""Parts that a pipeline works without: many leave the safety checker out, though the index still names it."""
_NEEDED = frozenset(
    {"unet", "transformer", "vae", "scheduler", "text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2"}
)
"""Parts that may not have been saved as none. Stable Diffusion 3 does without its third encoder, T5."""

# The channels that the UNet reads beyond those of the latents: of a masked picture and its mask, of another picture...
_BY_CHANNELS: dict[int, Purpose] = {5: "mask", 4: "instruction", 1: "depth", 3: "upscaler"}
_FILMS = (
    "Video",
    "Wan",
    "Helios",
    "Animate",
    "LTX",
    "Mochi",
    "Allegro",
    "Latte",
    "SkyReels",
    "ConsisID",
    "EasyAnimate",
)
_BY_NAME: tuple[tuple[str, Purpose], ...] = (
    ("Control", "guide"),
    ("Adapter", "guide"),
    ("Fill", "mask"),
    ("InstructPix2Pix", "instruction"),
    ("Depth2Img", "depth"),
    ("Upscale", "upscaler"),
    ("Edit", "instruction"),
    *((name, "film") for name in _FILMS),
    *((name, "sound") for name in ("Audio", "Music", "AceStep", "DanceDiffusion")),
)


PARTS = ("unet", "transformer", "vae", "text_encoder_2")
"""The parts whose settings ``purpose_of`` is given, in this order."""


def purpose_of(index: Settings, unet: Settings, transformer: Settings, vae: Settings, encoder: Settings) -> Purpose:
    """What the model makes pictures from. Each argument is what a file of its folder says, empty where there is none.

    ``index`` is model_index.json, the others are the config.json of ``PARTS``.
    """
    name = str(index.get("_class_name", ""))
    if by_name := next((purpose for part, purpose in _BY_NAME if part in name), None):
        return by_name
    latents = _number(vae, "latent_channels", 4)
    if unet and (more := _number(unet, "in_channels", 4) - latents) > 0:
        return _BY_CHANNELS.get(more, "guide")
    family = family_of(name)
    if family and family.packs and transformer:
        own = family.packs * latents
        more = _number(transformer, "in_channels", own) // max(own, 1) - 1
        if more > 0:
            return "guide" if more == 1 else "mask"
    scored = index.get("requires_aesthetics_score") is True or _scores(unet, encoder)
    return "refiner" if family and family.refiners and scored else "words"


def refusal(purpose: Purpose, path: Path) -> str:
    """Why the model at ``path`` can't be used, a sentence for people; "" for one that can."""
    sentences = {
        "mask": tr("{path} is for inpainting and needs a mask, which Triptych can't provide yet.", path=path),
        "instruction": tr("{path} edits pictures by instruction, which Triptych can't do yet.", path=path),
        "depth": tr("{path} needs a depth map, which Triptych can't provide yet.", path=path),
        "guide": tr("{path} needs a second picture to guide it, which Triptych can't provide yet.", path=path),
        "upscaler": tr("{path} upscales pictures, which Triptych can't do yet.", path=path),
        "film": tr("{path} makes videos, which Triptych can't do with such models yet.", path=path),
        "sound": tr("{path} generates audio, which Triptych can't do yet.", path=path),
    }
    return sentences.get(purpose, "")


def lacks(index: Settings, part: str, value: object) -> bool:
    """Whether ``part``, which the index names as ``value``, was saved as none and the pipeline can't do without."""
    if part not in _NEEDED or not is_none(value):
        return False
    family = family_of(str(index.get("_class_name", "")))
    return family is None or part not in family.spare


def is_none(value: object) -> bool:
    """Whether the index says that a part was saved as none."""
    return value is None or (isinstance(value, list) and len(value) == 2 and value[0] is None)


def _scores(unet: Settings, encoder: Settings) -> bool:
    """Whether the UNet is told five numbers beside the words, a score among them, and not the six of the base model."""
    each, words = _number(unet, "addition_time_embed_dim", 0), _number(encoder, "projection_dim", 0)
    return each > 0 and words > 0 and _number(unet, "projection_class_embeddings_input_dim", 0) == words + 5 * each


def _number(settings: Settings, name: str, default: int) -> int:
    value = settings.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default

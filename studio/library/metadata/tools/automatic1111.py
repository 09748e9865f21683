"""AUTOMATIC1111 and those that write its ``parameters`` text: Forge, SD.Next, ComfyUI's savers, Krita and others."""

import re
from collections.abc import Mapping

from studio.library.metadata.infotext import Infotext, read_pairs
from studio.library.metadata.tools.generation import Generation, name, number, other, whole

TOOL = "AUTOMATIC1111"
_TAKEN = {
    "Steps", "Sampler", "Schedule type", "CFG scale", "Distilled CFG Scale", "Seed", "Size", "Model", "Model hash",
    "Denoising strength",
}  # fmt: skip
_SILENT = {
    "Version", "User", "Hashes", "Lora hashes", "TI hashes", "VAE hash", "Init image hash", "Civitai resources",
    "Metadata generator version", "Raw prompt",
    "Raw negative prompt",
    "Refiner hash", "Lora weights", "App", "Backend", "Batch", "Created Date",
}  # fmt: skip
"""File names that appear elsewhere too, and keys that say nothing about the picture."""
_GROUPS = {
    "Hires": "Hires fix", "First pass size": "Hires fix", "ADetailer": "ADetailer", "ControlNet": "ControlNet",
    "RP ": "Regional prompter", "Refiner": "Refiner", "AddNet": "LoRA", "Ultimate SD upscale": "SD upscale",
    "SD upscale": "SD upscale", "Mask": "Mask", "Inpaint": "Mask", "Dynamic thresholding": "Dynamic thresholding",
    "Variation seed": "Variation seed", "Token merging": "Token merging", "X ": "Script", "Y ": "Script",
    "Z ": "Script", "Script": "Script", "Postprocess": "Upscale", "Tiled": "Tiling", "FreeU": "FreeU",
    "freeu": "FreeU", "Hypernet": "Hypernetwork", "IP-Adapter": "IP-Adapter",
}  # fmt: skip
"""Prefixes of keys that belong together."""
_NEUTRAL = {"Clip skip": "1", "Face restoration": "None", "RNG": "CPU", "VAE": "Automatic", "Noise multiplier": "1"}
_PROGRAMS = {"ComfyUI": "ComfyUI", "Fooocus": "Fooocus", "Triptych": "Triptych", "SD.Next": "SD.Next"}


def generation_of(info: Infotext) -> Generation:
    """The settings in a ``parameters`` text; invalid ones are left out."""
    pairs = info.pairs
    hires = any(key.startswith(("Hires", "First pass")) for key in pairs)
    strength = number(pairs.get("Denoising strength"))
    starts = not hires and (strength is not None or "Init image hash" in pairs or "Mask blur" in pairs)
    width, _, height = pairs.get("Size", "").partition("x")
    return Generation(
        tool=next((tool for mark, tool in _PROGRAMS.items() if pairs.get("Version", "").startswith(mark)), TOOL),
        prompt=info.prompt,
        negative=info.negative,
        steps=whole(pairs.get("Steps")),
        guidance=number(pairs.get("Distilled CFG Scale") or pairs.get("CFG scale")),
        seed=whole(pairs.get("Seed")),
        width=whole(width),
        height=whole(height),
        strength=None if hires else strength,
        sampler=name(pairs.get("Sampler")),
        schedule=name(pairs.get("Schedule type")),
        model=name(pairs.get("Model")),
        model_hash=name(pairs.get("Model hash")),
        start="?" if starts else "",
        others=_others(pairs),
    )


def _others(pairs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs.items():
        if key in _TAKEN or key in _SILENT or _NEUTRAL.get(key) == value:
            continue
        begin = next((begin for begin in _GROUPS if key.startswith(begin)), key)
        rest = key[len(begin) :].strip() if begin != key else ""
        grouped.setdefault(_GROUPS.get(begin, key), []).append(f"{rest} {value}".strip())
    found = [one for title, values in grouped.items() for one in other(title, ", ".join(values))]
    for title, key in (("Embedding", "TI hashes"), ("LoRA", "Lora hashes")):
        found += [(title, each) for each in _names_with_hashes(pairs.get(key, ""))]
    return tuple(found)


def _names_with_hashes(listed: str) -> list[str]:
    """Parse the names in "name: hash, other name: hash"."""
    return [key for key in read_pairs(listed.strip('"')) if re.search(r"\w", key)][:50]

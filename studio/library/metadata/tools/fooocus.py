"""Fooocus: ``parameters`` with JSON, next to ``fooocus_scheme`` or a MakerNote."""

from collections.abc import Mapping
from typing import Any

from studio.library.metadata.tools.generation import (
    Generation,
    file_name,
    items,
    name,
    named,
    number,
    other,
    sides,
    text,
    whole,
)

TOOL = "Fooocus"


def read(data: Mapping[str, Any]) -> Generation | None:
    """The settings in the JSON of ``parameters``; None if Fooocus didn't write it."""
    mine = str(data.get("version", "")).startswith(TOOL) or data.get("metadata_scheme") == "fooocus"
    if not mine and not {"base_model", "guidance_scale"} <= data.keys():
        return None
    width, height = sides(data.get("resolution"))
    found: tuple[tuple[str, str], ...] = ()
    for lora in items(data.get("loras")):
        parts = items(lora)
        found += named("LoRA", parts[0], parts[1] if len(parts) > 1 else None) if parts else ()
    if not found:
        for key, value in sorted(data.items()):
            if key.startswith("lora_combined_") and isinstance(value, str):
                what, _, weight = value.rpartition(" : ")
                found += named("LoRA", what, weight)
    found += other("Styles", _styles(data.get("styles"))) + other("Performance", data.get("performance"))
    found += other("Sharpness", data.get("sharpness")) + other("ADM guidance", data.get("adm_guidance"))
    found += other("Clip skip", skip if (skip := whole(data.get("clip_skip"))) and skip > 1 else None)
    found += named("Refiner", data.get("refiner_model")) + named("VAE", data.get("vae"))
    found += other("FreeU", data.get("freeu")) + other("Adaptive CFG", data.get("adaptive_cfg"))
    found += other("Inpaint", data.get("inpaint_method"))
    return Generation(
        tool=TOOL,
        prompt=text(data.get("prompt")),
        negative=text(data.get("negative_prompt")),
        steps=whole(data.get("steps")),
        guidance=number(data.get("guidance_scale")),
        seed=whole(data.get("seed")),
        width=width,
        height=height,
        sampler=name(data.get("sampler")),
        schedule=name(data.get("scheduler")),
        model=file_name(data.get("base_model")),
        model_hash=name(data.get("base_model_hash")),
        others=found,
    )


def _styles(value: object) -> str:
    styles = value.strip("[]()").replace("'", "").replace('"', "") if isinstance(value, str) else text(value)
    return styles.strip()

"""Easy Diffusion: one text entry per field, in either of two spellings, or one JSON with all of them."""

from collections.abc import Mapping
from typing import Any

from studio.library.metadata.tools.generation import Generation, file_name, name, named, number, other, text, whole

TOOL = "Easy Diffusion"
_KEYS = {
    "prompt": "Prompt", "negative_prompt": "Negative Prompt", "seed": "Seed", "width": "Width", "height": "Height",
    "num_inference_steps": "Steps", "guidance_scale": "Guidance Scale", "prompt_strength": "Prompt Strength",
    "sampler_name": "Sampler", "scheduler_name": "Scheduler", "use_stable_diffusion_model": "Stable Diffusion model",
    "use_vae_model": "VAE model", "use_lora_model": "LoRA model", "lora_alpha": "LoRA Strength",
    "use_controlnet_model": "ControlNet model", "use_hypernetwork_model": "Hypernetwork model",
    "clip_skip": "Clip Skip", "use_face_correction": "Use Face Correction", "use_upscale": "Use Upscaling",
    "tiling": "Seamless Tiling", "use_embeddings_model": "Embedding models",
}  # fmt: skip


def read(data: Mapping[str, Any]) -> Generation | None:
    """The settings in a picture's texts, or in its JSON; None if Easy Diffusion didn't write them."""
    if not data.keys() & {"negative_prompt", "Negative Prompt"} or not data.keys() & {"prompt", "Prompt"}:
        return None
    if not data.keys() & {"num_inference_steps", "Steps", "guidance_scale", "Guidance Scale", "seed", "Seed"}:
        return None
    given = {key: data[key] if key in data else data.get(title) for key, title in _KEYS.items()}
    strength = number(given["prompt_strength"])
    found = named("LoRA", given["use_lora_model"], given["lora_alpha"]) + named("VAE", given["use_vae_model"])
    found += named("ControlNet", given["use_controlnet_model"])
    found += named("Hypernetwork", given["use_hypernetwork_model"])
    found += named("Embedding", given["use_embeddings_model"])
    found += other("Clip skip", str(given["clip_skip"]).lower() in ("true", "yes"))
    found += other("Face correction", given["use_face_correction"]) + other("Upscale", given["use_upscale"])
    found += other("Seamless", given["tiling"])
    starts = "init_image" in data or "Initial Image" in data
    return Generation(
        tool=TOOL,
        prompt=text(given["prompt"]),
        negative="" if str(given["negative_prompt"]) == "None" else text(given["negative_prompt"]),
        steps=whole(given["num_inference_steps"]),
        guidance=number(given["guidance_scale"]),
        seed=whole(given["seed"]),
        width=whole(given["width"]),
        height=whole(given["height"]),
        strength=strength if starts else None,
        sampler=name(given["sampler_name"]),
        schedule=name(given["scheduler_name"]),
        model=file_name(given["use_stable_diffusion_model"]),
        start="?" if starts else "",
        others=found,
    )

"""InvokeAI: ``invokeai_metadata`` of releases 3 to 6, ``sd-metadata`` of 2, and the command line of 1 in ``Dream``."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from studio.library.metadata.tools.generation import (
    Generation,
    file_name,
    items,
    json_object,
    mapping,
    name,
    named,
    number,
    other,
    text,
    unreadable,
    whole,
)

TOOL = "InvokeAI"
_LONGEST_COMMAND = 50_000
_MODE = "generation_mode"
_FLAGS = {
    "-s": "steps", "--steps": "steps", "-S": "seed", "--seed": "seed", "-W": "width", "--width": "width",
    "-H": "height", "--height": "height", "-C": "cfg_scale", "--cfg_scale": "cfg_scale", "-A": "sampler",
    "--sampler": "sampler", "-m": "sampler", "-f": "strength", "--strength": "strength", "-I": "init_img",
    "--init_img": "init_img", "-G": "GFPGAN", "-U": "Upscale", "-v": "Variation",
}  # fmt: skip


def read(texts: Mapping[str, str]) -> Generation | None:
    """The settings in a PNG's ``texts``; None if InvokeAI didn't write them."""
    if "invokeai_metadata" in texts or "invokeai" in texts:
        return _core(json_object(texts.get("invokeai_metadata") or texts.get("invokeai")))
    if "sd-metadata" in texts:
        return _second(json_object(texts["sd-metadata"])) or _dream(texts.get("Dream", ""))
    if "Dream" in texts:
        return _dream(texts["Dream"])
    return unreadable(TOOL) if texts.keys() & {"invokeai_graph", "invokeai_workflow"} else None


def _core(data: Mapping[str, Any]) -> Generation:
    data = mapping(data.get("metadata")) or data  # from a beta of release 3
    if not data.keys() & {"positive_prompt", "seed", "steps"}:
        return unreadable(TOOL)
    model = data.get("model")
    starts = str(data.get(_MODE, "")).endswith(("img2img", "inpaint", "outpaint")) or bool(data.get("init_image"))
    found = other("Positive style prompt", _unlike(data, "positive")) + other(
        "Negative style prompt", _unlike(data, "negative")
    )
    for lora in items(data.get("loras")):
        inner = mapping(lora)
        what = inner.get("model") or inner.get("lora")
        found += named("LoRA", _name_of(what), inner.get("weight"))
    for key, title in (("controlnets", "ControlNet"), ("ipAdapters", "IP-Adapter"), ("t2iAdapters", "T2I-Adapter")):
        for part in items(data.get(key)):
            what = next((value for tag, value in mapping(part).items() if tag.endswith("_model")), None)
            found += named(title, _name_of(what) or "?", mapping(part).get("weight"))
    found += other("Reference pictures", True) if data.get("ref_images") else ()
    found += other("Clip skip", data.get("clip_skip")) + named("VAE", _name_of(data.get("vae")))
    found += named("Refiner", _name_of(data.get("refiner_model"))) + other("Hires fix", data.get("hrf_enabled"))
    found += other("Seamless", bool(data.get("seamless_x") or data.get("seamless_y")))
    found += other("CFG rescale", data.get("cfg_rescale_multiplier"))
    found += other("Canvas", True) if data.get("canvas_v2_metadata") else ()
    return Generation(
        tool=TOOL,
        prompt=text(data.get("positive_prompt")),
        negative=text(data.get("negative_prompt")),
        steps=whole(data.get("steps")),
        guidance=number(data.get("guidance")) or number(data.get("cfg_scale")),  # FLUX has both, and uses the first
        seed=whole(data.get("seed")),
        width=whole(data.get("width")),
        height=whole(data.get("height")),
        strength=number(data.get("strength")) if starts else None,
        sampler=name(data.get("scheduler")),
        model=file_name(_name_of(model)),
        start=(name(data.get("init_image")) or "?") if starts else "",
        others=found,
    )


def _unlike(data: Mapping[str, Any], kind: str) -> str:
    """SDXL's style prompt, if it differs from the prompt."""
    style = text(data.get(f"{kind}_style_prompt"))
    return "" if style == text(data.get(f"{kind}_prompt")) else style


def _name_of(model: object) -> str:
    if isinstance(model, str):
        return model
    inner = mapping(model)
    return next((str(inner[key]) for key in ("name", "model_name") if isinstance(inner.get(key), str)), "")


def _second(data: Mapping[str, Any]) -> Generation | None:
    image = mapping(data.get("image"))
    if not image:
        return None
    prompts = image.get("prompt")
    words = (
        " ".join(text(mapping(part).get("prompt")) for part in items(prompts))
        if isinstance(prompts, list)
        else text(prompts)
    )
    prompt, negative = _split(words)
    starts = bool(image.get("init_image_path")) or image.get("type") in ("img2img", "inpaint")
    found = other("Hires fix", image.get("hires_fix")) + other("Seamless", image.get("seamless"))
    found += other("Threshold", image.get("threshold")) + other("Perlin noise", image.get("perlin"))
    found += other("Variations", bool(image.get("variations")))
    found += other("Postprocessing", bool(image.get("postprocessing")))
    return Generation(
        tool=TOOL,
        prompt=prompt,
        negative=negative,
        steps=whole(image.get("steps")),
        guidance=number(image.get("cfg_scale")),
        seed=whole(image.get("seed")),
        width=whole(image.get("width")),
        height=whole(image.get("height")),
        strength=number(image.get("strength")) if starts else None,
        sampler=name(image.get("sampler")),
        model=file_name(data.get("model_weights")) or file_name(data.get("model")),
        model_hash=name(data.get("model_hash")),
        start=(file_name(image.get("init_image_path")) or "?") if starts else "",
        others=found,
    )


def _dream(command: str) -> Generation:
    """``"prompt [negative]" -s 30 -S 123 -W 512 ...``."""
    quoted = re.match(r'\s*(?:dream>\s*)?"((?:[^"\\]|\\.)*)"(.*)', command[:_LONGEST_COMMAND], re.DOTALL)
    if not quoted:
        return unreadable(TOOL)
    prompt, negative = _split(quoted[1].replace('\\"', '"'))
    try:
        words = shlex.split(quoted[2])
    except ValueError:
        words = quoted[2].split()
    flags: dict[str, str] = {}
    for at, word in enumerate(words[:200]):
        joined = re.match(r"(-[A-Za-z])(\d.*)", word)
        if joined and joined[1] in _FLAGS:
            flags[_FLAGS[joined[1]]] = joined[2]
        elif word in _FLAGS and at + 1 < len(words):
            flags[_FLAGS[word]] = words[at + 1]
    start = file_name(flags.get("init_img"))
    return Generation(
        tool=TOOL,
        prompt=prompt,
        negative=negative,
        steps=whole(flags.get("steps")),
        guidance=number(flags.get("cfg_scale")),
        seed=whole(flags.get("seed")),
        width=whole(flags.get("width")),
        height=whole(flags.get("height")),
        strength=number(flags.get("strength")) if start else None,
        sampler=name(flags.get("sampler")),
        start=start,
        others=sum((other(title, flags.get(title)) for title in ("GFPGAN", "Upscale", "Variation")), ()),
    )


def _split(prompt: str) -> tuple[str, str]:
    """Split off the negative prompt, which release 2 has in brackets within the prompt."""
    negative = ", ".join(part.strip() for part in re.findall(r"\[([^\[\]]*)\]", prompt))
    return " ".join(re.sub(r"\[[^\[\]]*\]", " ", prompt).split()) if negative else prompt.strip(), negative

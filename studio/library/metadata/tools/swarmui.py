"""SwarmUI: JSON with ``sui_image_params``, in ``parameters`` or in a UserComment."""

from collections.abc import Mapping
from typing import Any

from studio.library.metadata.tools.generation import (
    Generation,
    file_name,
    items,
    mapping,
    name,
    named,
    number,
    other,
    text,
    unreadable,
    whole,
)

TOOL = "SwarmUI"
_OTHERS = {
    "vae": "VAE", "clipstopatlayer": "Clip skip", "refinermodel": "Refiner", "refinerupscale": "Refiner upscale",
    "refinercontrolpercentage": "Refiner control", "refinersteps": "Refiner steps", "variationseed": "Variation seed",
    "variationseedstrength": "Variation strength", "controlnetmodel": "ControlNet", "sigmashift": "Sigma shift",
    "seamlesstileable": "Seamless", "maskblur": "Mask blur",
    "videomodel": "Video model", "freeuapplyto": "FreeU",
}  # fmt: skip


def read(data: Mapping[str, Any]) -> Generation | None:
    """The settings in the JSON; None if SwarmUI didn't write it."""
    if "sui_image_params" not in data:
        return None
    given = mapping(data["sui_image_params"])
    if not given:
        return unreadable(TOOL)
    weights = _list(given.get("loraweights"))
    found: tuple[tuple[str, str], ...] = ()
    for at, lora in enumerate(_list(given.get("loras"))):
        found += named("LoRA", lora, weights[at] if at < len(weights) else None)
    for key, title in _OTHERS.items():
        value = given.get(key)
        shown = file_name(value) if title in ("VAE", "Refiner", "ControlNet") else value
        found += other(title, "" if key == "clipstopatlayer" and whole(value) == -1 else shown)
    start = file_name(given.get("initimage")) or ("?" if "initimagecreativity" in given else "")
    return Generation(
        tool=TOOL,
        prompt=text(given.get("prompt")),
        negative=text(given.get("negativeprompt")),
        steps=whole(given.get("steps")),
        guidance=number(given.get("fluxguidancescale")) or number(given.get("cfgscale")),
        seed=whole(given.get("seed")),
        width=whole(given.get("width")),
        height=whole(given.get("height")),
        strength=number(given.get("initimagecreativity")),
        sampler=next(
            filter(None, (name(given.get(key)) for key in ("sampler", "comfyuisampler", "autowebuisampler"))), ""
        ),
        schedule=name(given.get("scheduler")) or name(given.get("comfyuischeduler")),
        model=file_name(given.get("model")),
        start=start,
        others=found,
    )


def _list(value: object) -> list[Any]:
    return value.split(",")[:100] if isinstance(value, str) and value.strip() else items(value)

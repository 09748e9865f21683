"""Draw Things: JSON in XMP's ``exif:UserComment``, or in Exif's own."""

import html
import re
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
    sides,
    text,
    unreadable,
    whole,
)

TOOL = "Draw Things"
_LONGEST_XMP = 1_000_000
# No XML parser: untrusted XML could make it open files, or expand without end.
_COMMENT = re.compile(r"<exif:UserComment>(?:\s*<rdf:(?:Alt|Seq|Bag)>\s*<rdf:li[^>]{0,200}>)?([^<]*)<")
_ATTRIBUTE = re.compile(r'exif:UserComment="([^"]*)"')
_OTHERS = {
    "upscaler": "Upscaler", "shift": "Shift", "refiner": "Refiner", "sharpness": "Sharpness",
    "hires_fix": "Hires fix", "mask_blur": "Mask blur", "image_guidance": "Image guidance",
    "tiled_diffusion": "Tiled diffusion", "num_frames": "Frames",
}  # fmt: skip


def read(texts: Mapping[str, str]) -> Generation | None:
    """The settings in a picture's XMP; None if Draw Things didn't write it."""
    xmp = texts.get("XML:com.adobe.xmp", "")[:_LONGEST_XMP]
    found = _COMMENT.search(xmp) or _ATTRIBUTE.search(xmp)
    data = json_object(html.unescape(found[1])) if found else {}
    known = of_json(data)
    return known or (unreadable(TOOL) if f"<xmp:CreatorTool>{TOOL}<" in xmp else None)


def of_json(data: Mapping[str, Any]) -> Generation | None:
    """The settings in the JSON of a comment; None if it is another tool's."""
    if not {"c", "uc"} <= data.keys():
        return None
    width, height = sides(data.get("size"))
    strength = number(data.get("strength"))
    starts = strength is not None and strength < 1
    found: tuple[tuple[str, str], ...] = ()
    for lora in items(data.get("lora")):
        found += named("LoRA", mapping(lora).get("model"), mapping(lora).get("weight"))
    for control in items(data.get("control")):
        found += named("ControlNet", mapping(control).get("file"), mapping(control).get("weight"))
    skip = whole(data.get("clip_skip"))
    found += other("Clip skip", skip if skip and skip > 1 else None)
    for key, title in _OTHERS.items():
        value = data.get(key)
        neutral = (key in ("shift", "sharpness", "num_frames") and number(value) in (0.0, 1.0)) or value == 0
        found += () if neutral else other(title, value)
    return Generation(
        tool=TOOL,
        prompt=text(data.get("c")),
        negative=text(data.get("uc")),
        steps=whole(data.get("steps")),
        guidance=number(data.get("scale")),
        seed=whole(data.get("seed")),
        width=width,
        height=height,
        strength=strength if starts else None,
        sampler=name(data.get("sampler")),
        model=file_name(data.get("model")),
        start="?" if starts else "",
        others=found,
    )

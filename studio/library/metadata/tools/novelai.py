"""NovelAI: ``Comment`` with JSON beside ``Description``, ``Software`` and ``Source``; the same is also hidden in the
pixels."""

import re
from collections.abc import Mapping
from typing import Any

from studio.library.metadata.tools.generation import (
    Generation,
    items,
    json_object,
    mapping,
    name,
    number,
    other,
    text,
    unreadable,
    whole,
)

TOOL = "NovelAI"
_MARKS = re.compile(r"[{}\[\]]|(?<![\d.])-?\d{1,3}(?:\.\d{1,4})?::|::")


def read(texts: Mapping[str, str]) -> Generation | None:
    """The settings in a picture's ``texts``; None if NovelAI didn't write them."""
    data = json_object(texts.get("Comment"))
    if texts.get("Software") != TOOL and not ("uc" in data and "sampler" in data):
        return None
    if not data:
        return unreadable(TOOL)
    v4, unwanted = mapping(data.get("v4_prompt")), mapping(data.get("v4_negative_prompt"))
    prompt = _caption(v4) or text(data.get("prompt")) or text(texts.get("Description"))
    negative = _caption(unwanted) or text(data.get("uc"))
    source = re.match(r"(.*?)\s+([0-9A-Fa-f]{8})$", texts.get("Source", "").strip()[:200])
    emphasis = _MARKS.search(prompt + negative) is not None
    starts = data.get("request_type") in ("Img2ImgRequest", "NativeInfillingRequest") or "strength" in data
    return Generation(
        tool=TOOL,
        prompt=_plain(prompt),
        negative=_plain(negative),
        steps=whole(data.get("steps")),
        guidance=number(data.get("scale")),
        seed=whole(data.get("seed")),
        width=whole(data.get("width")),
        height=whole(data.get("height")),
        strength=number(data.get("strength")) if starts else None,
        sampler=name(data.get("sampler")),
        schedule=name(data.get("noise_schedule")),
        model=source[1] if source else name(texts.get("Source")),
        model_hash=source[2] if source else "",
        start="?" if starts else "",
        others=other("Emphasis", "{…} […]" if emphasis else "") + _others(data, v4),
    )


def _caption(prompt: Mapping[str, Any]) -> str:
    """The prompts of release 4: the base prompt and the characters' prompts."""
    caption = mapping(prompt.get("caption"))
    people = (text(mapping(each).get("char_caption")) for each in items(caption.get("char_captions")))
    return ", ".join(filter(None, [text(caption.get("base_caption")), *people]))


def _others(data: Mapping[str, Any], v4: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    places = v4.get("use_coords") is True and len(items(mapping(v4.get("caption")).get("char_captions"))) > 1
    vibes = bool(data.get("reference_strength_multiple") or data.get("reference_strength"))
    found = other("Character positions", places) + other("Vibe transfer", vibes)
    for key, title in (
        ("cfg_rescale", "CFG rescale"), ("uncond_scale", ""), ("sm", "SMEA"), ("sm_dyn", "SMEA DYN"),
        ("dynamic_thresholding", "Decrisper"), ("skip_cfg_above_sigma", "Variety+"), ("controlnet_model", "ControlNet"),
    ):  # fmt: skip
        found += other(title, data.get(key)) if title else ()
    return found


def _plain(prompt: str) -> str:
    """The prompt without emphasis marks, which only this tool reads: {{strong}}, [weak], 1.3::strong::."""
    return _MARKS.sub("", prompt)

"""Fuzzing target for what other tools write into their pictures; see ``fuzz.py``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.files.reading import read_json
from studio.library.metadata.infotext import read_infotext
from studio.library.metadata.others import making_of
from studio.library.metadata.tools.recognise import read_tool
from tests.hostile.dropping import asked
from tests.torture.fuzz_target import Target
from tests.torture.mutators import json_behind

_CORE = {
    "generation_mode": "img2img", "positive_prompt": "a", "negative_prompt": "b", "width": 64, "height": 64, "seed": 5,
    "cfg_scale": 5.5, "steps": 9, "scheduler": "euler_k", "strength": 0.5, "model": {"name": "m"}, "ref_images": [1],
    "loras": [{"model": {"name": "l"}, "weight": 0.5}], "controlnets": [{"control_model": {"model_name": "c"}}],
}  # fmt: skip
_NOVEL = {
    "prompt": "{{a}}, 1.2::b::", "uc": "[c]", "steps": 9, "scale": 5, "seed": 5, "sampler": "k_euler", "width": 64,
    "v4_prompt": {"caption": {"base_caption": "a", "char_captions": [{"char_caption": "b"}]}, "use_coords": True},
}  # fmt: skip
_FOOOCUS = {
    "metadata_scheme": "fooocus", "prompt": "a", "base_model": "m", "loras": [["l", "0.5", "x"]], "seed": "5",
    "resolution": "(64, 64)", "styles": "['x']", "lora_combined_1": "a : 1", "guidance_scale": 4, "vae": "v",
}  # fmt: skip
_SWARM = {"sui_image_params": {"prompt": "a <lora:x:1>", "steps": "9", "seed": 5, "loras": ["l"], "loraweights": "1,2",
                               "width": 64, "height": 64, "initimagecreativity": 0.5, "sampler": "euler"}}  # fmt: skip
_THINGS = {
    "c": "a",
    "uc": "b",
    "steps": 9,
    "size": "64x64",
    "strength": 0.5,
    "sampler": "UniPC",
    "lora": [{"model": "l"}],
}
_GRAPH = {
    "1": {"class_type": "KSampler", "inputs": {
        "seed": ["7", 0], "steps": 9, "cfg": 5, "sampler_name": "euler", "scheduler": "karras", "denoise": 0.5,
        "model": ["6", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}},
    "2": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["3", 0], "conditioning_2": ["9", 0]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": ["8", 0], "clip": ["6", 1]}},
    "4": {"class_type": "VAEEncode", "inputs": {"pixels": ["5", 0]}},
    "5": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
    "6": {"class_type": "LoraLoader", "inputs": {"lora_name": "l", "strength_model": 1, "model": ["10", 0]}},
    "7": {"class_type": "PrimitiveInt", "inputs": {"value": 5}},
    "8": {"class_type": "StringConcatenate", "inputs": {"string_a": "a", "string_b": ["11", 0], "delimiter": ", "}},
    "9": {"class_type": "ControlNetApply", "inputs": {"conditioning": ["3", 0], "control_net": ["5", 0]}},
    "10": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m"}},
    "11": {"class_type": "Switch", "inputs": {"select": 1, "input1": "x", "input2": ["3", 0]}},
    "12": {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0], "vae": ["10", 2]}},
    "13": {"class_type": "SaveImage", "inputs": {"images": ["12", 0]}},
}  # fmt: skip
_EDITOR = {
    "nodes": [
        {"id": 1, "type": "KSampler", "widgets_values": [5, "fixed", 9, 5, "euler", "karras", 1], "mode": 0,
         "inputs": [{"name": "positive", "link": 1}, {"name": "seed", "link": None, "widget": {"name": "seed"}}]},
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a"], "mode": 4, "inputs": []},
        {"id": 3, "type": "SaveImage", "widgets_values": {"x": 1}, "inputs": [{"name": "images", "link": 2}]},
    ],
    "links": [[1, 2, 0, 1, 0, "X"], {"id": 2, "origin_id": 1, "origin_slot": 0}],
}  # fmt: skip
_XMP = '<xmp:CreatorTool>Draw Things<exif:UserComment><rdf:Alt><rdf:li>{"c": "a", "uc": ""}</rdf:li>'


def targets(room: Path) -> dict[str, Target]:
    del room
    return {"tools": Target(texts, _seeds, json_behind())}


def texts(data: bytes) -> None:
    """All that a picture says, as one JSON of its entries: their values are texts, or what is JSON in them."""
    try:
        found = read_json(data)
    except ValueError:
        return
    entries = found if isinstance(found, dict) else {"parameters": found, "prompt": found, "UserComment": found}
    said = {key: value if isinstance(value, str) else json.dumps(value) for key, value in entries.items()}
    making = making_of(read_infotext(said.get("parameters", "")), read_tool(said))
    if making is not None and making.generation is not None:
        json.dumps(asked(making.generation).to_data(), ensure_ascii=False).encode("utf-8")


def _seeds() -> Iterator[bytes]:
    entries: tuple[dict[str, Any], ...] = (
        {"invokeai_metadata": _CORE}, {"sd-metadata": {"image": _CORE | {"prompt": [{"prompt": "a [b]"}]}}},
        {"Dream": '"a [b]" -s 9 -S5 -A k_euler -I x.png'}, {"Software": "NovelAI", "Comment": _NOVEL, "Source": "N V4"},
        {"UserComment": {"Comment": json.dumps(_NOVEL)}}, {"parameters": _FOOOCUS}, {"parameters": _SWARM},
        {"UserComment": _THINGS}, {"XML:com.adobe.xmp": _XMP}, {"prompt": _GRAPH, "workflow": _EDITOR},
        {"workflow": _EDITOR}, {"Make": "workflow:{}", "Model": f"prompt:{json.dumps(_GRAPH)}"},
        {"Prompt": "a", "Negative Prompt": "b", "Seed": "5", "Clip Skip": "True"},
        {"Description": "a::2 b --ar 2:3 --no c --v 6 Job ID: 0000-00000000"},
        {"parameters": "a (b:1.2) [c|d] <lora:e:1> BREAK embedding:f\nSteps: 9, Seed: 5, Size: 8x8, Hires upscale: 2"},
    )  # fmt: skip
    for each in entries:
        yield json.dumps(each).encode()

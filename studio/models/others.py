"""What a model is that Triptych can't use yet, told by its header alone: the names in it, never their numbers."""

import re
import struct
from pathlib import Path
from typing import Any, NamedTuple

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.installed import causal_models, writing_kinds
from studio.families.rules.known import FAMILIES
from studio.families.rules.networks import network_named
from studio.files.reading import open_file
from studio.models.headers import tensor_names

SAFE = (".safetensors", ".sft")
PICKLED = (".ckpt", ".pt", ".pth", ".bin")
SUFFIXES = (*SAFE, *PICKLED, ".gguf", ".onnx")
"""Of files that hold a model each, as the programs of this field keep them."""
_START = 1_000_000
"""Bytes of a pickle or a GGUF that are looked at: the names come before the numbers."""
_LONGEST = 100
"""Characters of a name that are shown."""
_LONGEST_NAME, _MOST_NAMES = 160, 5_000
"""Of tensors that are looked at: the largest models have some thousands. Matching holds the window still meanwhile."""
_ARCHITECTURE = b"general.architecture"
_STRING = 8
"""GGUF's number for a text."""

# Patterns that must all be found among the names -> what it is. The first that fits counts: small things carry the
# names of what they belong to, and whole models those of their parts.
_SMALL: dict[tuple[str, ...], str] = {
    (r"controlnet_|^lora_controlnet$|^lllite_|zero_convs\.0\.0|input_hint_block|base_to_ctrl",): "a ControlNet",
    (r"^control_(layers|all_x_embedder)|^after_proj_list",): "a ControlNet",
    (r"lora_(down|up|[AB])\b|lora\.(down|up)\b|_lora[12]?\.down|lora_linear_layer|\.(lokr|hada)_w",): "a LoRA",
    (r"\.oft_(blocks|R)\b|\.dora_scale",): "a LoRA",
    (r"^(emb_params|string_to_param)$",): "a textual inversion (embedding)",
    (r"\A<.+>\n?(<.+>)?\Z",): "a textual inversion (embedding)",
    (r"^clip_g$", r"^clip_l$"): "a textual inversion (embedding)",
    (r"^(image_proj|ip_adapter|ip_adapter_proj_model)(\.|$)",): "an IP-Adapter",
    (r"^redux_(down|up)\.",): "a style adapter (FLUX Redux)",
    (r"^(adapter\.)?body\.0\.(in_conv|block2|resnets\.0\.block1)\.",): "a T2I-Adapter",
    (r"motion_modules\.",): "a motion module (AnimateDiff)",
    (r"^(layer_structure|activation_func)$",): "a hypernetwork",
    (r"model\.1\.sub\.0\.RDB1|body\.0\.rdb1\.conv1|RRDB_trunk\.0\.",): "an upscaler (ESRGAN)",
    (r"residual_group\.|relative_position_index_SA|before_RG\.1|adjust1\.weight",): "an upscaler (SwinIR, HAT or DAT)",
    (r"^(module\.)?body\.0\.weight$", r"^(module\.)?body\.1\.weight$"): "an upscaler",
    (r"c1_r\.sk\.weight|^unet1\.conv1|conv_du\.0\.weight|MetaUpsample|\.lk\.conv\.weight|\.safm\.",): "an upscaler",
    (r"stylegan_decoder\.|idx_pred_layer|^toRGB\.0",): "a face restorer (GFPGAN or CodeFormer)",
    (r"mask_decoder\.|sam_mask",): "a segmentation model (SAM)",
    (r"^ultralytics\b",): "a detector (YOLO)",
}
_WHOLE: dict[tuple[str, ...], str] = {
    signs.names: signs.title
    for signs in sorted((one for family in FAMILIES.values() for one in family.files), key=lambda one: one.turn)
}
_PARTS: dict[tuple[str, ...], str] = {
    (r"vision_model\.|^visual\.", r"text_model\.|^token_embedding"): "a CLIP model",
    (r"(vision_model|vision_tower)\.|^visual\.|\.layer_scale[12]\.lambda1",): "an image encoder",
    (r"text_model\.|(^|\.)token_embedding\.weight$",): "a text encoder",
    (r"encoder\.block\.0\.layer\.0\.SelfAttention",): "a text encoder",
    (r"^(taesd_)?decoder\.(layers\.)?1\.|^19\.weight$",): "a small VAE for previews (TAESD)",
    (r"(^|\.)decoder\.(mid|up|conv_in|middle|stages|layers|head|blocks)", r"(^|\.)encoder\."): "a VAE",
    (r"(^|\.)decoder\.(mid|up|conv_in|middle|stages|head)",): "a VAE",
    (r"(^|\.)(transformer_)?blocks\.0\.", r"(^|\.)(x|patch|t|time|pos)_embed"): "a diffusion transformer",
    (r"(^|\.)layers\.0\.(self_attn|mlp|attention)\.|(^|\.)h\.0\.attn\.",): "a language model in one file",
}
# Of a folder: what its config names as its class.
_CLASSES: dict[str, str] = {
    r"ControlNet": "a ControlNet",
    r"T2IAdapter": "a T2I-Adapter",
    r"MotionAdapter": "a motion module (AnimateDiff)",
    r"Autoencoder|VQModel": "a VAE",
    r"UNet": "a UNet without the other parts of its model",
    r"Transformer\w*Model": "a transformer without the other parts of its model",
}
_ARCHITECTURES: dict[str, str] = {
    r"Whisper|Wav2Vec|Speech|Audio|ForCTC|Musicgen|Bark|Vits": "an audio model",
    r"Detection|Segmentation|^Sam": "a detection or segmentation model",
    r"^(CLIP|Siglip|Siglip2|ChineseCLIP|AltCLIP)(Model|$)": "a CLIP model",
    r"Vision|ViT|Dinov\d|Swin|ConvNext|ImageClassification|DepthEstimation": "an image encoder",
    r"Text|Encoder|^Bert|^T5|^UMT5|Roberta|SequenceClassification|TokenClassification": "a text encoder",
}
# Models that have to do with writing, though not all of them write.
_LANGUAGE = re.compile("CausalLM|LMHead|MaskedLM|(?<!Whisper)(?<!Speech)(?<!Audio)ForConditionalGeneration")


class Other(NamedTuple):
    """What something is, in words for people: "a LoRA", "FLUX in one file"."""

    what: str
    whole: bool = False
    """A picture model in one file, which a folder in the diffusers format could be had of."""
    foreign: bool = False
    """A network of a kind of its own, which will not be used."""


def what_is(path: Path) -> Other | None:
    """What the file holds; None when nobody knows."""
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return Other(tr("an ONNX model"))
    try:
        if suffix == ".gguf":
            return _gguf(path)
        names = tensor_names(path) if suffix in SAFE else _pickled_names(path)
    except (OSError, StudioError):
        return None
    return _by_names(names)


def _by_names(names: list[str]) -> Other | None:
    told = "\n".join(name[:_LONGEST_NAME] for name in names[:_MOST_NAMES])
    if what := _first(_SMALL, told):
        return Other(tr(what))
    if network := network_named(names):
        return Other(network, foreign=True)
    if what := _first(_WHOLE, told):
        return Other(tr("{name} in one file", name=what), whole=True)
    what = _first(_PARTS, told)
    return Other(tr(what)) if what else None


def what_part(config: dict[str, Any]) -> Other | None:
    """What the folder of this config.json is; None for a model that writes, or when it doesn't say."""
    kind = config.get("_class_name")
    if isinstance(kind, str):
        what = next((what for pattern, what in _CLASSES.items() if re.search(pattern, kind)), "")
        return Other(_with_name(what, kind) if what else kind[:_LONGEST])
    named = config.get("architectures")
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    told = names or [str(config.get("model_type", ""))]
    if causal_models().intersection(names) or (not names and told[0] in writing_kinds()) or _LANGUAGE.search(told[0]):
        return None
    what = next((what for pattern, what in _ARCHITECTURES.items() if re.search(pattern, told[0], re.IGNORECASE)), "")
    return Other(_with_name(what, told[0])) if what else None


def _with_name(what: str, name: str) -> str:
    return tr("{what} ({name})", what=tr(what), name=name[:_LONGEST])


def why_not(name: str, other: Other | None) -> str:
    """Why what is called ``name`` can't be used, a sentence for people."""
    if other is None:
        return tr("{name} contains something that Triptych doesn't recognise.", name=name)
    if other.whole:
        return tr(
            "{name} is {what}. Single files can't be opened yet; folders in the diffusers format can.",
            name=name,
            what=other.what,
        )
    if other.foreign:
        return tr("{path} is {kind}, which Triptych can't use.", path=name, kind=other.what)
    return tr("{name} is {what}. Triptych can't use it yet.", name=name, what=other.what)


def _first(rules: dict[tuple[str, ...], str], told: str) -> str:
    """The first that fits the names, one a line."""
    return next(
        (what for patterns, what in rules.items() if all(re.search(one, told, re.MULTILINE) for one in patterns)), ""
    )


def _gguf(path: Path) -> Other | None:
    """By the name of its architecture, which comes first of its facts."""
    with open_file(path) as file:
        start = file.read(_START)
    if not start.startswith(b"GGUF"):
        return None
    at = start.find(_ARCHITECTURE) + len(_ARCHITECTURE)
    if at < len(_ARCHITECTURE) or len(start) < at + 12:
        return Other(tr("a GGUF"))
    kind, length = struct.unpack_from("<IQ", start, at)
    name = start[at + 12 : at + 12 + min(length, _LONGEST)] if kind == _STRING else b"?"
    return Other(tr("a GGUF ({name})", name=name.decode("utf-8", "replace")))


def _pickled_names(path: Path) -> list[str]:
    """The texts in the beginning of a pickle, without running it: each stands there behind its length."""
    with open_file(path) as file:
        start = file.read(_START)
    if not start.startswith((b"PK", b"\x80")):
        return []
    names = []
    for found in re.finditer(rb"X(..)\0\0|\x8c(.)", start, re.DOTALL):
        length = int.from_bytes(found[1] or found[2], "little")
        if length <= _LONGEST_NAME and (text := start[found.end() : found.end() + length]).isascii():
            names.append(text.decode("ascii"))
    modules = re.findall(rb"c([\w.]{3,60})\n", start)  # of classes, in the older protocols
    return [*names, *(module.decode("ascii") for module in modules)]

"""The table of the parts' classes against what the installed libraries have, and what pipelines ask for."""

import inspect
import re
import typing
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.families.rules import parts as rules
from studio.families.rules.known import PIPELINES
from studio.families.rules.parts import parts_of

BASES = {"PreTrainedModel", "Gemma2PreTrainedModel", "GemmaPreTrainedModel", "AutoTokenizer", "AutoProcessor"}
"""What signatures name where several classes will do; the folders name one of them."""
NO_PARTS = {"bool", "int", "float", "str", "NoneType", "Ellipsis", "ellipsis"}

REAL: dict[str, dict[str, tuple[str, str]]] = {
    "Stable Diffusion 1.5": {
        "feature_extractor": ("transformers", "CLIPFeatureExtractor"),
        "safety_checker": ("stable_diffusion", "StableDiffusionSafetyChecker"),
        "scheduler": ("diffusers", "PNDMScheduler"),
        "text_encoder": ("transformers", "CLIPTextModel"),
        "tokenizer": ("transformers", "CLIPTokenizer"),
        "unet": ("diffusers", "UNet2DConditionModel"),
        "vae": ("diffusers", "AutoencoderKL"),
    },
    "Stable Diffusion 3.5": {
        "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
        "text_encoder_3": ("transformers", "T5EncoderModel"),
        "tokenizer_3": ("transformers", "T5TokenizerFast"),
        "transformer": ("diffusers", "SD3Transformer2DModel"),
    },
    "FLUX.2": {
        "text_encoder": ("transformers", "Mistral3ForConditionalGeneration"),
        "tokenizer": ("transformers", "PixtralProcessor"),
        "vae": ("diffusers", "AutoencoderKLFlux2"),
    },
    "Qwen-Image": {
        "text_encoder": ("transformers", "Qwen2_5_VLForConditionalGeneration"),
        "tokenizer": ("transformers", "Qwen2Tokenizer"),
        "processor": ("transformers", "Qwen2VLProcessor"),
        "vae": ("diffusers", "AutoencoderKLQwenImage"),
    },
    "Z-Image": {"text_encoder": ("transformers", "Qwen3Model"), "tokenizer": ("transformers", "Qwen2Tokenizer")},
    "Sana": {"text_encoder": ("transformers", "Gemma2Model"), "tokenizer": ("transformers", "GemmaTokenizerFast")},
    "Kolors": {"text_encoder": ("kolors", "ChatGLMModel"), "tokenizer": ("kolors", "ChatGLMTokenizer")},
    "HiDream": {
        "text_encoder_4": ("transformers", "LlamaForCausalLM"),
        "tokenizer_4": ("transformers", "PreTrainedTokenizerFast"),
    },
    "HunyuanDiT": {"text_encoder": ("transformers", "BertModel"), "text_encoder_2": ("transformers", "T5EncoderModel")},
}


def named(annotation: Any) -> set[str]:
    inner = typing.get_args(annotation)
    return {name for each in inner for name in named(each)} if inner else {getattr(annotation, "__name__", "")}


def known(part: str, kind: str) -> bool:
    for library in ("diffusers", "transformers", "kolors", "prx", "ideogram4", "stable_diffusion"):
        try:
            return parts_of(Path("x"), {part: [library, kind]}) == {part: [library, kind]}
        except StudioError:
            continue
    return False


def test_what_the_pipelines_ask_for_is_in_the_table() -> None:
    import diffusers

    checked = 0
    for name in dir(diffusers):
        if not name.endswith("Pipeline") or name not in PIPELINES:
            continue
        make = getattr(diffusers, name).__init__
        hints = typing.get_type_hints(make)
        for part in inspect.signature(make).parameters:
            for kind in named(hints.get(part, str)) - BASES - NO_PARTS - {""}:
                if kind != "KarrasDiffusionSchedulers":
                    assert known(part, kind), (name, part, kind)
                    checked += 1
    assert checked > 300


def test_the_classes_of_the_table_exist() -> None:
    import diffusers
    import transformers

    for classes in rules._ALL:
        for library, names in classes.items():
            module: Any = {"diffusers": diffusers, "transformers": transformers}.get(library)
            module = module or getattr(diffusers.pipelines, library)
            for name in names - {"CLIPFeatureExtractor"}:  # of old folders; diffusers knows its new name
                assert hasattr(module, name), (library, name)


def test_all_schedulers_are_in_the_table() -> None:
    import diffusers

    strange = re.compile(
        r"BlockRefinement|DiscreteDDIM|EntropyBound|MiniMax|RFD4|Flax|KarrasDiffusion"
    )  # of no picture
    for name in dir(diffusers):
        if name.endswith("Scheduler") and not strange.search(name):
            assert known("scheduler", name), name


@pytest.mark.parametrize("model", REAL)
def test_what_real_models_name(model: str) -> None:
    index = {part: list(pair) for part, pair in REAL[model].items()}
    more = {"_class_name": "X", "_ignore": ["a", "b"], "requires_safety_checker": True, "image_encoder": [None, None],
            "add_watermarker": None, "text_encoder_select_layers": [2, 5, 8], "boundary_ratio": 0.9}  # fmt: skip
    assert parts_of(Path("x"), {**index, **more}) == index

"""The classes that the parts of a picture model may be of: its index could name any class of two large libraries.

Many of those look for other models by a name in their settings. None of these does: each builds what its settings
describe, and fills it with the weights beside them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.given_names import is_name
from studio.core.text import tr

Classes = dict[str, frozenset[str]]
"""Library -> names of classes. A library may be a module of diffusers with parts for its own pipeline only."""

_SCHEDULER_NAMES = (
    "Amused", "CMStochasticIterative", "CogVideoXDDIM", "CogVideoXDPM", "CosineDPMSolverMultistep", "DDIM",
    "DDIMInverse", "DDIMParallel", "DDPM", "DDPMParallel", "DDPMWuerstchen", "DEISMultistep", "DPMSolverMultistep",
    "DPMSolverMultistepInverse", "DPMSolverSDE", "DPMSolverSinglestep", "EDMDPMSolverMultistep", "EDMEuler",
    "EulerAncestralDiscrete", "EulerDiscrete", "FlowMapEulerDiscrete", "FlowMatchEulerDiscrete",
    "FlowMatchHeunDiscrete", "FlowMatchLCM", "Helios", "HeliosDMD", "HeunDiscrete", "IPNDM", "KDPM2AncestralDiscrete",
    "KDPM2Discrete", "KarrasVe", "LCM", "LMSDiscrete", "LTXEulerAncestralRF", "PNDM", "Piflow", "RePaint", "SASolver",
    "SCM", "ScoreSdeVe", "TCD", "UnCLIP", "UniPCMultistep", "VQDiffusion",
)  # fmt: skip
_SCHEDULERS: Classes = {"diffusers": frozenset(f"{name}Scheduler" for name in _SCHEDULER_NAMES)}
_NETWORKS: Classes = {
    "diffusers": frozenset((
        "AuraFlowTransformer2DModel", "BriaFibo2Transformer2DModel", "BriaFiboTransformer2DModel",
        "BriaTransformer2DModel", "ChromaTransformer2DModel", "ChronoEditTransformer3DModel",
        "CogVideoXTransformer3DModel", "CogView3PlusTransformer2DModel", "CogView4Transformer2DModel",
        "CosmosTransformer3DModel", "DiTTransformer2DModel", "DreamLiteTransformer2DModel", "DreamLiteUNetModel",
        "ErnieImageTransformer2DModel", "Flux2Transformer2DModel", "Flux3Transformer2DModel", "FluxTransformer2DModel",
        "GlmImageTransformer2DModel", "HeliosTransformer3DModel", "HiDreamImageTransformer2DModel", "HunyuanDiT2DModel",
        "HunyuanImageTransformer2DModel", "HunyuanVideo15Transformer3DModel", "HunyuanVideoTransformer3DModel",
        "Ideogram4Transformer2DModel", "JoyImageEditTransformer3DModel", "Kandinsky3UNet",
        "Kandinsky5Transformer3DModel", "Krea2Transformer2DModel", "LTX2VideoTransformer3DModel",
        "LTXVideoTransformer3DModel", "LongCatImageTransformer2DModel", "Lumina2Transformer2DModel",
        "LuminaNextDiT2DModel", "MochiTransformer3DModel", "NucleusMoEImageTransformer2DModel",
        "OmniGenTransformer2DModel", "OvisImageTransformer2DModel", "PRXTransformer2DModel", "PixArtTransformer2DModel",
        "PriorTransformer", "QwenImage21Transformer2DModel", "QwenImageTransformer2DModel", "SD3Transformer2DModel",
        "SanaTransformer2DModel", "SanaVideoTransformer3DModel", "StableCascadeUNet", "Transformer2DModel",
        "UNet2DConditionModel", "UNet2DModel", "UVit2DModel", "WanTransformer3DModel", "ZImageTransformer2DModel",
    ))
}  # fmt: skip
_AUTOENCODERS: Classes = {
    "diffusers": frozenset((
        "AsymmetricAutoencoderKL", "AutoencoderDC", "AutoencoderKL", "AutoencoderKLCogVideoX", "AutoencoderKLCosmos",
        "AutoencoderKLFlux2", "AutoencoderKLHunyuanImage", "AutoencoderKLHunyuanVideo", "AutoencoderKLHunyuanVideo15",
        "AutoencoderKLLTX2Video", "AutoencoderKLLTXVideo", "AutoencoderKLMochi", "AutoencoderKLQwenImage",
        "AutoencoderKLQwenImage21", "AutoencoderKLWan", "AutoencoderTiny", "ConsistencyDecoderVAE", "VQModel",
    ))
}  # fmt: skip
_GUIDES: Classes = {
    "diffusers": frozenset((
        "ControlNetModel", "ControlNetUnionModel", "FluxControlNetModel", "HunyuanDiT2DControlNetModel",
        "MotionAdapter", "QwenImageControlNetModel", "ReduxImageEncoder", "SD3ControlNetModel", "SanaControlNetModel",
        "T2IAdapter", "ZImageControlNetModel",
    ))
}  # fmt: skip
_ENCODERS: Classes = {
    "transformers": frozenset((
        "BertModel", "CLIPModel", "CLIPTextModel", "CLIPTextModelWithProjection", "CLIPVisionModel",
        "CLIPVisionModelWithProjection", "Gemma2ForCausalLM", "Gemma2Model", "Gemma3ForCausalLM",
        "Gemma3ForConditionalGeneration", "Gemma3Model", "Gemma3TextModel", "GemmaForCausalLM", "GemmaModel",
        "GlmForCausalLM", "GlmImageForConditionalGeneration", "GlmModel", "LlamaForCausalLM", "LlamaModel",
        "LlavaForConditionalGeneration", "MT5EncoderModel", "Mistral3ForConditionalGeneration", "MistralForCausalLM",
        "MistralModel", "Phi3ForCausalLM", "Qwen2ForCausalLM", "Qwen2Model", "Qwen2VLForConditionalGeneration",
        "Qwen2VLModel", "Qwen2_5_VLForConditionalGeneration", "Qwen2_5_VLModel", "Qwen3ForCausalLM", "Qwen3Model",
        "Qwen3VLForConditionalGeneration", "Qwen3VLModel", "Siglip2Model", "Siglip2VisionModel", "SiglipModel",
        "SiglipTextModel", "SiglipVisionModel", "SmolLM3ForCausalLM", "SmolLM3Model", "T5EncoderModel",
        "T5GemmaEncoderModel", "UMT5EncoderModel", "XLMRobertaModel",
    )),
    "ideogram4": frozenset({"Ideogram4PromptEnhancerHead"}),
    "diffusers": frozenset({"Ideogram4PromptEnhancerHead"}),
    "kolors": frozenset({"ChatGLMModel"}),
    "prx": frozenset({"T5GemmaEncoder"}),
}  # fmt: skip
_READERS: Classes = {
    "transformers": frozenset((
        "BertTokenizer", "BertTokenizerFast", "BitImageProcessor", "ByT5Tokenizer", "CLIPFeatureExtractor",
        "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPImageProcessorPil", "CLIPProcessor", "CLIPTokenizer",
        "CLIPTokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast", "Gemma3Processor", "GemmaTokenizer",
        "GemmaTokenizerFast", "GlmImageProcessor", "LlamaTokenizer", "LlamaTokenizerFast", "PixtralProcessor",
        "PreTrainedTokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "Qwen2VLImageProcessor", "Qwen2VLProcessor",
        "Qwen2_5_VLProcessor", "Qwen3VLProcessor", "Siglip2ImageProcessor", "Siglip2ImageProcessorFast",
        "Siglip2ImageProcessorPil", "SiglipImageProcessor", "SiglipImageProcessorFast", "SiglipImageProcessorPil",
        "SiglipProcessor", "T5Tokenizer", "T5TokenizerFast", "TokenizersBackend", "ViTImageProcessor",
        "XLMRobertaTokenizer", "XLMRobertaTokenizerFast",
    )),
    "kolors": frozenset({"ChatGLMTokenizer"}),
}  # fmt: skip
_CHECKERS: Classes = {"stable_diffusion": frozenset({"StableDiffusionSafetyChecker"})}

_BY_PART: tuple[tuple[str, Classes], ...] = (
    ("scheduler", _SCHEDULERS),
    ("tokenizer", _READERS),
    ("processor", _READERS),
    ("feature_extractor", _READERS),
    ("safety_checker", _CHECKERS),
    ("encoder", _ENCODERS),
    ("siglip", _ENCODERS),
    ("vae", _AUTOENCODERS),
    ("unet", _NETWORKS),
    ("transformer", _NETWORKS),
    ("controlnet", _GUIDES),
)
"""How a part's name ends, but for its number -> its classes; the first that fits."""
_ALL = (_SCHEDULERS, _NETWORKS, _AUTOENCODERS, _GUIDES, _ENCODERS, _READERS, _CHECKERS)
"""For a part of another name."""
_NUMBER = re.compile(r"_\d+$")


def parts_of(path: Path, index: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parts of the model at ``path`` that its ``index`` (model_index.json) says are there: [library, class].

    Raises StudioError "model_unusable" for one whose class is not in the table, or that is not said so.
    """
    found: dict[str, list[str]] = {}
    for name, value in index.items():
        kinds = next((classes for end, classes in _BY_PART if _NUMBER.sub("", name).endswith(end)), None)
        if name.startswith("_") or _is_absent(value):
            continue
        if kinds is None and not _is_pair(value):
            continue  # a setting of the pipeline itself
        if not _is_pair(value) or not is_name(name):
            raise _foreign(path, name)
        library, kind = value
        is_known = any(kind in classes.get(library, ()) for classes in (_ALL if kinds is None else (kinds,)))
        if not is_known or (path / name / f"{library}.py").exists():
            raise _foreign(path, name)
        found[name] = value
    return found


def _is_absent(value: object) -> bool:
    """Whether the pipeline was saved without the part, or it is a switch with a part's name in its own."""
    return value is None or isinstance(value, bool) or (isinstance(value, list) and value[:1] == [None])


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)


def _foreign(path: Path, name: str) -> StudioError:
    return StudioError(
        tr(
            "The part {name} of {path} isn't of a type that picture models use, or needs code that comes with the "
            "model, which Triptych never runs.",
            path=path,
            name=name[:100],
        ),
        "model_unusable",
    )

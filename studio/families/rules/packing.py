"""Weights that were packed (quantized): which of them can't be unpacked here, and the sentence for those."""

from pathlib import Path

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.family import Settings

BEYOND_US = frozenset((
    "aqlm", "auto-round", "awq", "bitsandbytes", "bitsandbytes_4bit", "bitsandbytes_8bit", "compressed-tensors", "eetq",
    "fbgemm_fp8", "fouroversix", "fp_quant", "gptq", "higgs", "hqq", "modelopt", "nvfp4", "quanto", "quark", "sinq",
    "spqr", "torchao", "vptq",
))  # fmt: skip
"""Methods that need a library which is no part of Triptych. Others (fp8, mxfp4...) transformers unpacks by itself."""
_LONGEST = 50


def packed_with(config: Settings) -> str:
    """The method by which the weights of this config.json were packed; "" where they weren't."""
    found = config.get("quantization_config")
    if not isinstance(found, dict):
        return ""
    if found.get("load_in_4bit") or found.get("load_in_8bit"):
        return "bitsandbytes"  # of old files, which name no method
    return str(found.get("quant_method") or "?")[:_LONGEST]


def check_packing(path: Path, config: Settings) -> None:
    """Raise StudioError "model_unusable" where nothing here can unpack the weights of the model at ``path``."""
    method = packed_with(config)
    if method.lower() in BEYOND_US:
        raise packed(path, method)


def packed(path: Path, method: str) -> StudioError:
    """The error for a model that can't be unpacked."""
    return StudioError(
        tr(
            "The model {path} is quantised with {method}, which Triptych can't read. Get the unquantised version.",
            path=path,
            method=method,
        ),
        "model_unusable",
    )

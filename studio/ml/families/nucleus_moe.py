"""Nucleus-MoE-Image: latents in patches of a size of its own."""

from typing import Any

from torch import Tensor

from studio.ml.families.code import Code


def _unpack(pipeline: Any, latents: Tensor, width: int, height: int) -> Tensor:
    patch = pipeline.transformer.config.get("patch_size")
    found: Tensor = pipeline._unpack_latents(latents, height, width, patch, pipeline.vae_scale_factor)
    return found


CODE = Code(unpack=_unpack)

"""Nucleus-MoE-Image: latents in patches of a size of its own."""

from typing import Any

from torch import Tensor

from studio.ml.families.code import Code


def _unpack(pipeline: Any, latents: Tensor, width: int, height: int) -> Tensor:
    patch = pipeline.transformer.config.get("patch_size")
    scale = pipeline.vae_scale_factor
    found: Tensor = pipeline._unpack_latents(  # noqa: SLF001  diffusers has no public way
        latents, height, width, patch, scale
    )
    return found


CODE = Code(unpack=_unpack)

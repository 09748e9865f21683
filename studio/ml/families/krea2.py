"""Krea 2: latents in patches."""

from typing import Any

from torch import Tensor

from studio.ml.families.code import Code


def _unpack(pipeline: Any, latents: Tensor, width: int, height: int) -> Tensor:
    found: Tensor = pipeline._unpack_latents(latents, height, width)  # noqa: SLF001  diffusers has no public way
    return found


CODE = Code(unpack=_unpack)

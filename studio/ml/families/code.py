"""What a family's code may be, and where it is found."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from torch import Tensor

Unpack = Callable[[Any, Tensor, int, int], Tensor]
"""(pipeline, latents [1, pixels, channels], width, height of the picture) -> latents [1, C, (1,) h, w]."""


def _nothing(_width: int, _height: int) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Code:
    """What holds for families without a file of their own."""

    call: Callable[[int, int], dict[str, Any]] = _nothing
    """What a pipeline is told of the width and height of its picture, beside these themselves."""
    unpack: Unpack | None = None
    """Back into a picture's shape, where the network takes several pixels of the latents for one."""


@cache
def code_of(family: str) -> Code:
    """The code of the family of that name."""
    name = f"studio.ml.families.{family}"
    code: Code = import_module(name).CODE if find_spec(name) else Code()
    return code


def unpack(pipeline: Any, latents: Tensor, width: int, height: int) -> Tensor:
    """As the pipelines do it that came after FLUX."""
    unpacked: Tensor = pipeline._unpack_latents(  # noqa: SLF001  diffusers has no public way
        latents, height, width, pipeline.vae_scale_factor
    )
    return unpacked

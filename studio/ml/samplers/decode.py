"""Decoding that survives bad luck: too little memory, and formats too coarse for some autoencoders."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.memory import with_less

_BLACK = -1 + 1 / 127.5
"""The lightest that is still shown as black."""


@dataclass
class Decoded:
    """How it went."""

    tiled: bool = False
    in_float32: bool = False
    """Because nothing came out otherwise."""
    black: bool = False
    """All over, all the same."""


@contextmanager
def careful(vae: Any, free: Callable[[], None], found: Decoded) -> Iterator[None]:
    """Within it, ``vae.decode`` tries again with less when memory runs out, and in float32 when no picture comes out.

    ``free`` lets other models go. What was done is said in ``found``. All pipelines call ``vae.decode``, so no family
    needs a decoder of its own here, and no step is computed twice.
    """
    plain = vae.decode

    def lessen() -> None:
        free()
        found.tiled = tile(vae)

    def decode(latents: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        if not torch.isfinite(latents).all():
            raise StudioError(
                tr(
                    "The model produced numbers that {format} can't represent. Choose float32 in Settings and try "
                    "again.",
                    format=str(latents.dtype).removeprefix("torch."),
                ),
                trouble="model_unusable",
            )
        given = latents.to(vae.dtype)
        decoded = with_less(
            lambda: plain(given, *args, **kwargs), lessen, tr("Make the picture smaller, or close other programs.")
        )
        if _is_picture(decoded[0]):
            return decoded
        if vae.dtype == torch.float32:
            found.black = True
            return decoded
        found.in_float32 = True
        coarse = vae.dtype
        vae.to(torch.float32)
        try:
            decoded = with_less(
                lambda: plain(latents.float(), *args, **kwargs),
                lessen,
                tr("Make the picture smaller, or close other programs."),
            )
        finally:
            vae.to(coarse)
        if not _is_picture(decoded[0]):
            found.black = True
        return decoded

    vae.decode = decode
    try:
        yield
    finally:
        del vae.decode
        untile(vae)


def _is_picture(pixels: torch.Tensor) -> bool:
    """False where a number is none, or all are as black as can be: pixels are -1 to 1."""
    return bool(torch.isfinite(pixels).all() and pixels.max() > _BLACK)


def tile(vae: Any) -> bool:
    """Let ``vae`` decode piece by piece, with seams blended. True if it can."""
    able = hasattr(vae, "enable_tiling")
    if able:
        vae.enable_tiling()
    return able


def untile(vae: Any) -> None:
    """Back to the whole picture at once: tiles change it a little."""
    if hasattr(vae, "disable_tiling"):
        vae.disable_tiling()

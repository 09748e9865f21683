"""FLUX.1: latents in patches, and Kontext's own idea of a picture's size."""

from typing import Any

from studio.ml.families.code import Code, unpack


def _call(width: int, height: int) -> dict[str, Any]:
    """Kontext would choose a size near 1024 x 1024, for its reference too."""
    return {"max_area": width * height, "_auto_resize": False}


CODE = Code(call=_call, unpack=unpack)

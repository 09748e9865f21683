"""What the readers of saved generators share: the half of the settings that all of them have."""

import re
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.load.pickle_reader import Shell
from studio.ml.load.pickled_modules import attribute

Tensors = dict[str, Tensor]


def unusable(path: Path, why: str, **values: object) -> StudioError:
    """The error for a file that is there, but no generator; ``why`` is half a sentence."""
    sentence = tr("{path} cannot be used: {why}", path=path, why=tr(why, **values))
    return StudioError(sentence, trouble="model_unusable")


def mapping_of(path: Path, generator: Shell | None, tensors: Tensors) -> dict[str, Any]:
    """The part of the settings that all families have, but for the channels and sizes."""
    if any(name.startswith("mapping.embed_proj.") for name in tensors) or (
        generator is not None and "Superres" in generator.class_name
    ):
        raise unusable(path, "it is a StyleGAN-XL, which Triptych doesn't read. Choose a StyleGAN2 or StyleGAN3.")
    first, embed = tensors.get("mapping.fc0.weight"), tensors.get("mapping.embed.weight")
    if first is None:
        raise unknown(path, generator)
    w_dim, inputs = first.shape
    return {
        "z_dim": inputs if embed is None else inputs - w_dim,
        "w_dim": w_dim,
        "c_dim": 0 if embed is None else embed.shape[1],
        "mapping_layers": sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in tensors),
        "mapping_rate": float(attribute(generator, "mapping.fc0", "bias_gain", 0.01)),
    }


def unknown(path: Path, generator: Shell | None) -> StudioError:
    """The error for a network that no family knows."""
    name = (generator.class_name[:60] if generator is not None else "") or "?"
    return unusable(path, "its contents ({name}) are not a StyleGAN2 or StyleGAN3 that Triptych supports.", name=name)

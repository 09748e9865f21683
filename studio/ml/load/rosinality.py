"""StyleGAN2 generators by the names of rosinality's stylegan2-pytorch and the many programs built on it."""

import re

import msgspec
from torch import Tensor

from studio.families.stylegan2 import FAMILY
from studio.ml.load.generators import Found
from studio.ml.nets.stylegan2 import Config, blur_filter

Tensors = dict[str, Tensor]
SIGN = FAMILY.layers[0]
"""What a state by these names has."""


def understand(state: Tensors, average: Tensor | None) -> Found:
    """The generator of that program with this ``state``, and the average w that was saved beside it.

    The numbers are scaled and used there as in StyleGAN2-ADA; only the names differ, and some empty dimensions. Raises
    one of `pickle_reader.BROKEN` when they don't fit together.
    """
    config = _config_of(state)
    tensors = _renamed(state, config)
    if average is not None and average.ndim and average.shape[-1] == config.w_dim:
        tensors["mapping.w_avg"] = average.reshape(-1, config.w_dim).float().mean(dim=0)  # pSp keeps one for each layer
    return config, tensors


def _config_of(state: Tensors) -> Config:
    blocks = sum(bool(re.fullmatch(r"to_rgbs\.\d+\.bias", name)) for name in state)
    last = ["conv1", *(f"convs.{2 * i + 1}" for i in range(blocks))]
    w_dim = state["conv1.conv.modulation.weight"].shape[1]
    height, width = state["input.input"].shape[2:]
    settings = {
        "z_dim": state["style.1.weight"].shape[1],
        "w_dim": w_dim,
        "resolution": 4 << min(blocks, 16),
        "channels": tuple(state[f"{name}.conv.weight"].shape[1] for name in last),
        "img_channels": state["to_rgb1.bias"].numel(),
        "base": (height, width),
        "mapping_layers": sum(bool(re.fullmatch(r"style\.\d+\.weight", name)) for name in state),
    }
    return msgspec.convert(settings, Config)


def _renamed(state: Tensors, config: Config) -> Tensors:
    """The tensors by our names, without the dimensions of size one before them."""
    blur = state["convs.0.conv.blur.kernel"] / 4 if "convs.0.conv.blur.kernel" in state else blur_filter()
    found = {"synthesis.b4.const": state["input.input"][0]}
    for i in range(config.mapping_layers):
        found |= {f"mapping.fc{i}.{part}": state[f"style.{i + 1}.{part}"] for part in ("weight", "bias")}
    layers = [("b4.conv1", "conv1"), ("b4.torgb", "to_rgb1")]
    for i in range(len(config.channels) - 1):
        block = f"b{8 << i}"
        layers += [(f"{block}.conv{k}", f"convs.{2 * i + k}") for k in (0, 1)] + [(f"{block}.torgb", f"to_rgbs.{i}")]
    noises = 0
    for name, source in layers:
        parts = {
            "weight": state[f"{source}.conv.weight"][0],
            "affine.weight": state[f"{source}.conv.modulation.weight"],
            "affine.bias": state[f"{source}.conv.modulation.bias"],
        }
        if name.endswith("torgb"):
            parts["bias"] = state[f"{source}.bias"].flatten()
            found[f"synthesis.{name.partition('.')[0]}.resample_filter"] = blur
        else:
            parts["bias"] = state[f"{source}.activate.bias"].flatten()
            parts["noise_strength"] = state[f"{source}.noise.weight"].reshape([])
            parts["noise_const"] = state[f"noises.noise_{noises}"][0, 0]
            parts["resample_filter"] = blur
            noises += 1
        found |= {f"synthesis.{name}.{part}": tensor for part, tensor in parts.items()}
    return found

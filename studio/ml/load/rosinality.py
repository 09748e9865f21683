"""StyleGAN2 generators in the checkpoints (.pt) of rosinality's stylegan2-pytorch and the many programs built on it."""

import argparse
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor
from torch.serialization import safe_globals

from studio.ml.load.generators import Found, unusable
from studio.ml.load.pickle_reader import BROKEN
from studio.ml.load.pickled_weights import check_pickled
from studio.ml.nets.generator import Mapping
from studio.ml.nets.stylegan2 import Config, blur_filter

Tensors = dict[str, Tensor]
_AVERAGED = 4096
"""Samples whose average is that of w, as many as the original takes, where a checkpoint doesn't say it."""


def read(path: Path) -> Found:
    """The averaged generator, ``g_ema``, in the checkpoint at ``path``. Raises StudioError.

    The numbers are scaled and used there as in StyleGAN2-ADA; only the names differ, and some empty dimensions.
    """
    content = _load(path)
    state = _generator_in(path, content)
    try:
        config = _config_of(state)
        tensors = _renamed(state, config)
        average = content.get("latent_avg")
        found = average.flatten() if isinstance(average, Tensor) else _average(config, tensors)
        tensors["mapping.w_avg"] = found
    except BROKEN as error:
        raise unusable(path, "its weights do not fit together. Was it changed or cut off?") from error
    return config, tensors


def _load(path: Path) -> dict[Any, Any]:
    try:
        check_pickled(path)
        # Namespace: the options of the training, plain values, which the checkpoints of a training hold besides.
        with safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (OSError, pickle.UnpicklingError, *BROKEN) as error:
        if _is_cut(path):
            raise unusable(path, "it is cut off: its end is missing. Copy or download it again.") from error
        raise unusable(path, "it is no checkpoint of weights alone, or it is damaged.") from error
    return content if isinstance(content, dict) else {}


def _is_cut(path: Path) -> bool:
    """Whether it begins as an archive of torch's, and lacks the table at an archive's end."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" and not zipfile.is_zipfile(path)


def _generator_in(path: Path, content: dict[Any, Any]) -> Tensors:
    """The state of ``g_ema``, or the file's own if it is one."""
    inner = content.get("g_ema", content)
    names = set(inner) if isinstance(inner, dict) else set()
    if not {"style.1.weight", "input.input", "conv1.conv.weight", "to_rgb1.conv.weight"} <= names:
        if "g_ema" not in content and {"g", "d"} & content.keys():
            raise unusable(path, "it lacks g_ema, the averaged generator that makes the pictures.")
        if any(isinstance(name, str) and name.startswith("final_linear.") for name in names):
            raise unusable(path, "it holds a discriminator; pictures come from a generator.")
        raise unusable(path, "there is no StyleGAN2 in it, in the form of stylegan2-pytorch, with g_ema.")
    return {name: tensor for name, tensor in inner.items() if isinstance(name, str) and isinstance(tensor, Tensor)}


def _config_of(state: Tensors) -> Config:
    blocks = sum(bool(re.fullmatch(r"to_rgbs\.\d+\.bias", name)) for name in state)
    last = ["conv1", *(f"convs.{2 * i + 1}" for i in range(blocks))]
    w_dim = state["conv1.conv.modulation.weight"].shape[1]
    settings = {
        "z_dim": state["style.1.weight"].shape[1],
        "w_dim": w_dim,
        "resolution": 4 << min(blocks, 16),
        "channels": tuple(state[f"{name}.conv.weight"].shape[1] for name in last),
        "img_channels": state["to_rgb1.bias"].numel(),
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


def _average(config: Config, tensors: Tensors) -> Tensor:
    """The average w of samples that are the same each time."""
    with torch.device("meta"):  # the sizes may be those of tensors without a number
        mapping = Mapping(config)
    state = {name.removeprefix("mapping."): tensor for name, tensor in tensors.items() if name.startswith("mapping.")}
    whole = {"w_avg": torch.zeros(config.w_dim), **{name: tensor.float() for name, tensor in state.items()}}
    mapping.load_state_dict(whole, assign=True)
    with torch.inference_mode():
        z = torch.randn(_AVERAGED, config.z_dim, generator=torch.Generator().manual_seed(0))
        return mapping.styles(z).mean(dim=0).clone()

"""Generators in our own form: a safetensors file with the weights, and a JSON beside it that says how they fit."""

import json
from dataclasses import asdict
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from studio.core.errors import StudioError
from studio.core.given_names import as_said
from studio.core.text import tr
from studio.files.atomic import replacing
from studio.files.reading import load_json
from studio.ml.load.bounds import check_header
from studio.ml.load.generator_settings import unusable
from studio.ml.load.generators import Found, family_of, networks
from studio.ml.nets.generator import Config, Generator

WEIGHTS, SETTINGS = "generator.safetensors", "generator.json"


def save_generator(generator: Generator, folder: str | Path, dtype: torch.dtype = torch.float32) -> None:
    """Write weights and settings of any generator into ``folder``, each complete or not at all.

    In float32 the pictures stay what they are, to the last bit; float16 halves the file.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in generator.state_dict().items()}
    settings = {"architecture": family_of(generator.config), "version": 1, "config": asdict(generator.config)}
    with replacing(folder / WEIGHTS) as part:
        save_file(tensors, part)
    with replacing(folder / SETTINGS) as part:
        part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> Found:
    """What the weights at ``path`` and the settings beside them hold. Raises StudioError."""
    check_header(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise unusable(path, "the file is damaged or incomplete. Copy or download it again.") from error
    return _read_settings(path.with_suffix(".json")), tensors


def _read_settings(path: Path) -> Config:
    try:
        settings = load_json(path)
    except FileNotFoundError as error:
        raise StudioError(
            tr(
                "{name} is missing: it belongs next to the weights in {folder} and describes the network.",
                name=path.name,
                folder=path.parent,
            ),
            trouble="model_missing",
        ) from error
    except (OSError, ValueError) as error:
        raise unusable(path, "it is not valid JSON. Copy or download the model again.") from error
    kind = settings.get("architecture") if isinstance(settings, dict) else None
    if not isinstance(kind, str) or kind not in networks():
        raise unusable(path, "it describes {kind}; StyleGAN2 and StyleGAN3 can be used.", kind=as_said(kind))
    try:
        config: Config = msgspec.convert(settings.get("config"), networks()[kind].config)
    except (ValueError, OverflowError) as error:  # msgspec's own is a ValueError, and so is half a surrogate pair
        raise unusable(path, "its settings are invalid. Copy or download the model again.") from error
    return config

"""Loads and saves StyleGAN2 generators: our own safetensors files, and the network pickles of StyleGAN2-ADA."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.reading import load_json
from studio.core.text import tr
from studio.ml.load.bounds import check_header
from studio.ml.load.pickle_reader import BROKEN, Rebuilt, attribute, read_pickle, tensors_of
from studio.ml.nets.stylegan2 import Config, Generator

WEIGHTS, SETTINGS = "generator.safetensors", "generator.json"
ARCHITECTURE = "stylegan2"


def load_generator(path: str | Path, device: str | torch.device = "cpu") -> Generator:
    """The generator at `path`: a folder or .safetensors file of ours, or a StyleGAN2-ADA network pickle.

    It computes in float32 whatever the file holds. Raises StudioError when there is none or it cannot be used.
    """
    path = _weights_file(Path(path))
    config, tensors = _read_ours(path) if path.suffix == ".safetensors" else _read_pickle(path)
    try:
        with torch.device("meta"):
            generator = Generator(config)
        _check_shapes(path, generator, tensors)
        whole = {name: tensor.to(torch.float32) for name, tensor in tensors.items()}
        generator.load_state_dict(whole, assign=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise _unusable(path, "its weights do not fit together. Was it changed or cut off?") from error
    return generator.to(device).freeze()


def _check_shapes(path: Path, generator: Generator, tensors: dict[str, Tensor]) -> None:
    """Before any memory is taken: the tensors are the generator's, and the file is as large as all of them."""
    wanted = generator.state_dict()
    fit = wanted.keys() == tensors.keys() and all(wanted[name].shape == tensors[name].shape for name in wanted)
    if not fit or sum(tensor.nbytes for tensor in tensors.values()) > path.stat().st_size:
        raise ValueError


def save_generator(generator: Generator, folder: Path) -> None:
    """Write weights (float16) and settings into `folder`, each complete or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    half = {
        name: tensor.detach().to("cpu", torch.float16).contiguous() for name, tensor in generator.state_dict().items()
    }
    settings = {"architecture": ARCHITECTURE, "version": 1, "config": asdict(generator.config)}
    weights_part, settings_part = folder / f"{WEIGHTS}.part", folder / f"{SETTINGS}.part"
    save_file(half, weights_part)
    settings_part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    weights_part.replace(folder / WEIGHTS)
    settings_part.replace(folder / SETTINGS)


def _unusable(path: Path, why: str, **values: object) -> StudioError:
    sentence = tr("{path} cannot be used: {why}", path=path, why=tr(why, **values))
    return StudioError(sentence, trouble="model_unusable")


def _weights_file(path: Path) -> Path:
    """The file with the weights at `path`, itself a file or a folder with one."""
    if not path.exists():
        sentence = tr("There is no model at {path}. Was it moved or deleted?", path=path)
        raise StudioError(sentence, trouble="model_missing")
    if not path.is_dir():
        return path
    if (path / WEIGHTS).exists():
        return path / WEIGHTS
    pickles = sorted(path.glob("*.pkl"))
    if len(pickles) != 1:
        raise StudioError(
            tr(
                "The folder {path} holds no generator: choose a folder with {file}, or a .pkl file.",
                path=path,
                file=WEIGHTS,
            ),
            trouble="model_missing",
        )
    return pickles[0]


# --- our own files


def _read_ours(path: Path) -> tuple[Config, dict[str, Tensor]]:
    check_header(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise _unusable(path, "the file is damaged or cut off. Copy or download it again.") from error
    _check_names(path, set(tensors))
    return _read_settings(path.with_suffix(".json")), tensors


def _read_settings(path: Path) -> Config:
    try:
        settings = load_json(path)
    except FileNotFoundError as error:
        raise StudioError(
            tr(
                "{name} is missing: it belongs beside the weights in {folder} and says how they fit together.",
                name=path.name,
                folder=path.parent,
            ),
            trouble="model_missing",
        ) from error
    except (OSError, ValueError) as error:
        raise _unusable(path, "it is no JSON. Copy or download the model again.") from error
    kind = settings.get("architecture") if isinstance(settings, dict) else None
    if kind != ARCHITECTURE:
        raise _unusable(path, "it describes {kind}; StyleGAN2 generators can be used so far.", kind=repr(kind))
    try:
        config: Config = msgspec.convert(settings.get("config"), Config)
    except msgspec.ValidationError as error:
        raise _unusable(path, "its settings are wrong ({error}).", error=error) from error
    return config


# --- network pickles


def _read_pickle(path: Path) -> tuple[Config, dict[str, Tensor]]:
    try:
        content, seen = read_pickle(path)
        generator = _generator_in(path, content, seen)
        tensors = tensors_of(generator)
        _check_names(path, set(tensors))
        return _config_of(path, generator, tensors), tensors
    except OSError as error:
        raise _unusable(path, "the file cannot be read.") from error
    except BROKEN as error:
        raise _unusable(path, "it is no network pickle, or it is damaged or cut off. Download it again.") from error


def _generator_in(path: Path, content: Any, seen: set[tuple[str, str]]) -> Rebuilt:
    """G_ema, the averaged generator, or the generator that the file is itself."""
    if any(module.startswith("dnnlib.tflib") for module, _ in seen):
        raise _unusable(
            path,
            "it was made with the old StyleGAN for TensorFlow. Convert it with legacy.py of StyleGAN2-ADA for PyTorch.",
        )
    if isinstance(content, dict):
        found = content.get("G_ema", content.get("G"))
        if found is None and content.get("D") is not None:
            raise _unusable(path, "it holds a discriminator only; pictures come from a generator.")
        content = found
    if not isinstance(content, Rebuilt):
        raise _unusable(path, "there is no generator in it.")
    if "Discriminator" in content.class_name:
        raise _unusable(path, "it holds a discriminator; pictures come from a generator.")
    return content


def _check_names(path: Path, names: set[str]) -> None:
    """Say what the weights are when they are not StyleGAN2's."""
    if any(name.startswith("synthesis.input.") for name in names):
        raise _unusable(path, "it is a StyleGAN3 model, and these are not supported yet. Choose a StyleGAN2 model.")
    if any(re.match(r"b\d+\.fromrgb\.", name) for name in names):
        raise _unusable(path, "it holds a discriminator; pictures come from a generator.")
    if not {"mapping.fc0.weight", "synthesis.b4.const"} <= names:
        raise _unusable(path, "it is no StyleGAN2 generator.")


def _config_of(path: Path, generator: Rebuilt, tensors: dict[str, Tensor]) -> Config:
    """Sizes from the tensors' shapes; the two numbers that leave no trace there from the modules' attributes."""
    if attribute(generator, "synthesis.b4.conv1", "activation", "lrelu") != "lrelu":
        raise _unusable(path, "it uses another activation than StyleGAN2's leaky ReLU.")
    try:
        sizes = sorted(
            int(name.split(".")[1][1:]) for name in tensors if re.fullmatch(r"synthesis\.b\d+\.conv1\.weight", name)
        )
        channels = tuple(len(tensors[f"synthesis.b{size}.conv1.weight"]) for size in sizes)
        w_dim, inputs = tensors["mapping.fc0.weight"].shape
        embed = tensors.get("mapping.embed.weight")
        last = tensors[f"synthesis.b{sizes[-1]}.torgb.weight"]
    except (LookupError, ValueError, TypeError) as error:
        raise _unusable(path, "it is no StyleGAN2 generator that this program knows.") from error
    if any(".skip." in name for name in tensors):
        architecture = "resnet"
    else:
        architecture = "skip" if "synthesis.b4.torgb.weight" in tensors else "orig"
    clamp = attribute(generator, "synthesis.b4.conv1", "conv_clamp")
    return msgspec.convert(
        {
            "z_dim": inputs if embed is None else inputs - w_dim,
            "w_dim": w_dim,
            "resolution": sizes[-1],
            "channels": channels,
            "c_dim": 0 if embed is None else embed.shape[1],
            "img_channels": len(last),
            "mapping_layers": sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in tensors),
            "mapping_rate": float(attribute(generator, "mapping.fc0", "bias_gain", 0.01)),
            "architecture": architecture,
            "clamp": None if clamp is None else float(clamp),
        },
        Config,
    )

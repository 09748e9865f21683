"""Generators in the network pickles of StyleGAN2-ADA and StyleGAN3 for PyTorch. Nothing in them is run."""

import re
from pathlib import Path
from typing import Any

import msgspec
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.generators import Found, unusable
from studio.ml.load.pickle_reader import BROKEN, Rebuilt, Shell, read_pickle
from studio.ml.load.pickled_modules import attribute, tensors_of
from studio.ml.nets import stylegan2, stylegan3

Tensors = dict[str, Tensor]


def read(path: Path) -> Found:
    """The averaged generator in the network pickle at ``path``. Raises StudioError."""
    try:
        content, seen = read_pickle(path)
        generator = _generator_in(path, content, seen)
        return understand(path, generator, tensors_of(generator))
    except OSError as error:
        raise unusable(path, "the file cannot be read.") from error
    except BROKEN as error:
        raise _broken(path) from error


def understand(path: Path, generator: Shell | None, tensors: Tensors) -> Found:
    """The generator with these ``tensors``, and the module that they were saved in, where that is known.

    Raises StudioError, or one of BROKEN when they don't fit together.
    """
    if any(name.startswith("synthesis.input.") for name in tensors):
        return _stylegan3(path, generator, tensors), tensors
    return _stylegan2(path, generator, tensors), tensors


def _broken(path: Path) -> StudioError:
    """A pickle begins with its version and ends with a full stop; half a download has the first only."""
    with path.open("rb") as file:
        begins = file.read(1) == b"\x80"
        file.seek(-1 if begins else 0, 2)
        ends = file.read(1) == b"."
    if begins and not ends:
        return unusable(path, "it is cut off: its end is missing. Copy or download it again.")
    return unusable(path, "it is no network pickle, or it is damaged. Download it again.")


def _generator_in(path: Path, content: Any, seen: set[tuple[str, str]]) -> Rebuilt:
    """G_ema, the averaged generator, or the generator that the file is itself."""
    if any(module.startswith("dnnlib.tflib") for module, _ in seen):
        raise unusable(
            path,
            "it was made with the old StyleGAN for TensorFlow. Convert it with legacy.py of StyleGAN3 for PyTorch.",
        )
    if isinstance(content, dict):
        found = content.get("G_ema", content.get("G"))
        if found is None and content.get("D") is not None:
            raise unusable(path, "it holds a discriminator only; pictures come from a generator.")
        content = found
    if not isinstance(content, Rebuilt):
        raise unusable(path, "there is no generator in it.")
    if "Discriminator" in content.class_name:
        raise unusable(path, "it holds a discriminator; pictures come from a generator.")
    return content


def _mapping(path: Path, generator: Shell | None, tensors: Tensors) -> dict[str, Any]:
    """The part of the settings that both families have, but for the channels and sizes."""
    if any(name.startswith("mapping.embed_proj.") for name in tensors) or (
        generator is not None and "Superres" in generator.class_name
    ):
        raise unusable(path, "it is a StyleGAN-XL, which Triptych doesn't read. Choose a StyleGAN2 or StyleGAN3.")
    first, embed = tensors.get("mapping.fc0.weight"), tensors.get("mapping.embed.weight")
    if first is None:
        raise _unknown(path, generator)
    w_dim, inputs = first.shape
    return {
        "z_dim": inputs if embed is None else inputs - w_dim,
        "w_dim": w_dim,
        "c_dim": 0 if embed is None else embed.shape[1],
        "mapping_layers": sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in tensors),
        "mapping_rate": float(attribute(generator, "mapping.fc0", "bias_gain", 0.01)),
    }


def _unknown(path: Path, generator: Shell | None) -> StudioError:
    name = (generator.class_name[:60] if generator is not None else "") or "?"
    return unusable(path, "what it holds ({name}) is no StyleGAN2 or StyleGAN3 that Triptych knows.", name=name)


def _stylegan2(path: Path, generator: Shell | None, tensors: Tensors) -> stylegan2.Config:
    """Sizes from the tensors' shapes; what leaves no trace there from the modules' attributes."""
    if any(re.match(r"b\d+\.fromrgb\.", name) for name in tensors):
        raise unusable(path, "it holds a discriminator; pictures come from a generator.")
    mapping = _mapping(path, generator, tensors)
    sizes = sorted(
        int(name.split(".")[1][1:]) for name in tensors if re.fullmatch(r"synthesis\.b\d+\.conv1\.weight", name)
    )
    if "synthesis.b4.const" not in tensors or f"synthesis.b{max(sizes, default=0)}.torgb.weight" not in tensors:
        raise _unknown(path, generator)
    if attribute(generator, "synthesis.b4.conv1", "activation", "lrelu") != "lrelu":
        raise unusable(path, "it uses another activation than StyleGAN2's leaky ReLU.")
    if any(".skip." in name for name in tensors):
        architecture = "resnet"
    else:
        architecture = "skip" if "synthesis.b4.torgb.weight" in tensors else "orig"
    clamp = attribute(generator, "synthesis.b4.conv1", "conv_clamp")
    settings = {
        **mapping,
        "resolution": sizes[-1],
        "channels": tuple(len(tensors[f"synthesis.b{size}.conv1.weight"]) for size in sizes),
        "img_channels": len(tensors[f"synthesis.b{sizes[-1]}.torgb.weight"]),
        "architecture": architecture,
        "base": tuple(tensors["synthesis.b4.const"].shape[1:]),
        "clamp": None if clamp is None else float(clamp),
    }
    return msgspec.convert(settings, stylegan2.Config)


def _stylegan3(path: Path, generator: Shell | None, tensors: Tensors) -> stylegan3.Config:
    """Channels and sizes from the layers' names, L0_36_512 and on; the cutoffs from the modules' attributes."""
    mapping = _mapping(path, generator, tensors)
    names = [name.split(".")[1] for name in tensors if re.fullmatch(r"synthesis\.L\d+_\d+_\d+\.weight", name)]
    layers = sorted(tuple(map(int, name[1:].split("_"))) for name in names)
    if len(layers) < 2 or "synthesis.input.freqs" not in tensors:
        raise _unknown(path, generator)
    begin = f"synthesis.L{'_'.join(map(str, layers[0]))}"
    if not {f"{begin}.weight", f"{begin}.down_filter"} <= tensors.keys():
        raise _unknown(path, generator)
    given = attribute(generator, "synthesis", "_init_kwargs", {})
    clamp = attribute(generator, begin, "conv_clamp", 256)
    settings = {
        **mapping,
        "resolution": layers[-1][1],
        "channels": tuple(channels for _, _, channels in layers[:-1]),
        "img_channels": layers[-1][2],
        "kernel": tensors[f"{begin}.weight"].shape[-1],
        "radial": tensors[f"{begin}.down_filter"].ndim == 2,
        "critical": int(attribute(generator, "synthesis", "num_critical", 2)),
        "margin": int(attribute(generator, "synthesis", "margin_size", 10)),
        "first_cutoff": float(attribute(generator, "synthesis.input", "bandwidth", 2.0)),
        "first_stopband": float(given.get("first_stopband", 2**2.1)),
        "last_stopband": float(given.get("last_stopband_rel", 2**0.3)),
        "output_scale": float(attribute(generator, "synthesis", "output_scale", 0.25)),
        "clamp": None if clamp is None else float(clamp),
    }
    return msgspec.convert(settings, stylegan3.Config)

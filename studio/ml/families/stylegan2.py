"""StyleGAN2: its network, and the settings of a saved one."""

import re
from pathlib import Path

import msgspec

from studio.ml.load.generator_settings import Tensors, mapping_of, unknown, unusable
from studio.ml.load.generators import Network
from studio.ml.load.pickle_reader import Shell
from studio.ml.load.pickled_modules import attribute
from studio.ml.nets import stylegan2


def _settings_of(path: Path, generator: Shell | None, tensors: Tensors) -> stylegan2.Config:
    """Sizes from the tensors' shapes; what leaves no trace there from the modules' attributes."""
    if any(re.match(r"b\d+\.fromrgb\.", name) for name in tensors):
        raise unusable(path, "it contains a discriminator; pictures come from a generator.")
    mapping = mapping_of(path, generator, tensors)
    sizes = sorted(
        int(name.split(".")[1][1:]) for name in tensors if re.fullmatch(r"synthesis\.b\d+\.conv1\.weight", name)
    )
    if "synthesis.b4.const" not in tensors or f"synthesis.b{max(sizes, default=0)}.torgb.weight" not in tensors:
        raise unknown(path, generator)
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


NETWORK = Network(stylegan2.Config, stylegan2.Generator, "synthesis.b4.", _settings_of)

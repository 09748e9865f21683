"""StyleGAN3: its network, and the settings of a saved one."""

import re
from pathlib import Path

import msgspec

from studio.ml.load.generator_settings import Tensors, mapping_of, unknown
from studio.ml.load.generators import Network
from studio.ml.load.pickle_reader import Shell
from studio.ml.load.pickled_modules import attribute
from studio.ml.nets import stylegan3


def _settings_of(path: Path, generator: Shell | None, tensors: Tensors) -> stylegan3.Config:
    """Channels and sizes from the layers' names, L0_36_512 and on; the cutoffs from the modules' attributes."""
    mapping = mapping_of(path, generator, tensors)
    names = [name.split(".")[1] for name in tensors if re.fullmatch(r"synthesis\.L\d+_\d+_\d+\.weight", name)]
    layers = sorted(tuple(map(int, name[1:].split("_"))) for name in names)
    if len(layers) < 2 or "synthesis.input.freqs" not in tensors:
        raise unknown(path, generator)
    begin = f"synthesis.L{'_'.join(map(str, layers[0]))}"
    if not {f"{begin}.weight", f"{begin}.down_filter"} <= tensors.keys():
        raise unknown(path, generator)
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


NETWORK = Network(stylegan3.Config, stylegan3.Generator, "synthesis.input.", _settings_of)

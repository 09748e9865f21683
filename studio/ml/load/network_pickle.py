"""Generators in the network pickles of StyleGAN2-ADA and StyleGAN3 for PyTorch. Nothing in them is run."""

from pathlib import Path
from typing import Any

from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.generator_settings import unusable
from studio.ml.load.generators import Found, networks
from studio.ml.load.pickle_reader import BROKEN, Rebuilt, Shell, read_pickle
from studio.ml.load.pickled_modules import tensors_of

Tensors = dict[str, Tensor]


def read(path: Path) -> Found:
    """The averaged generator in the network pickle at ``path``. Raises StudioError."""
    try:
        content, seen = read_pickle(path)
        generator = _generator_in(path, content, seen)
        return understand(path, generator, tensors_of(generator))
    except OSError as error:
        raise unusable(path, "the file can't be read.") from error
    except BROKEN as error:
        raise _broken(path) from error


def understand(path: Path, generator: Shell | None, tensors: Tensors) -> Found:
    """The generator with these ``tensors``, and the module that they were saved in, where that is known.

    Raises StudioError, or one of BROKEN when they don't fit together.
    """
    known = list(networks().values())
    own = next((one for one in known if any(name.startswith(one.layer) for name in tensors)), known[0])
    return own.settings_of(path, generator, tensors), tensors


def _broken(path: Path) -> StudioError:
    """A pickle begins with its version and ends with a full stop; half a download has the first only."""
    with path.open("rb") as file:
        begins = file.read(1) == b"\x80"
        file.seek(-1 if begins else 0, 2)
        ends = file.read(1) == b"."
    if begins and not ends:
        return unusable(path, "it is incomplete: its end is missing. Copy or download it again.")
    return unusable(path, "it is not a network pickle, or it is damaged. Download it again.")


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
            raise unusable(path, "it contains only a discriminator; pictures come from a generator.")
        content = found
    if not isinstance(content, Rebuilt):
        raise unusable(path, "it contains no generator.")
    if "Discriminator" in content.class_name:
        raise unusable(path, "it contains a discriminator; pictures come from a generator.")
    return content

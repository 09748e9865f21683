"""The door to generators: opens StyleGAN2 and StyleGAN3 in all forms that Triptych reads. Other programs may use it."""

from pathlib import Path

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.load import checkpoint, generator_folder, network_pickle
from studio.ml.load.generator_folder import SETTINGS, WEIGHTS, save_generator
from studio.ml.load.generator_settings import unusable
from studio.ml.load.generators import Found, family_of, networks
from studio.ml.load.torch_file import is_pickle, is_torch_file
from studio.ml.nets.generator import Generator

__all__ = ["SETTINGS", "WEIGHTS", "load_generator", "save_generator"]


_AVERAGED = 4096
"""Samples whose average is that of w, as many as the original takes, where a file doesn't say it."""
_AVERAGE = "mapping.w_avg"
_SHOWN = (1, 3, 4)
"""Channels of a picture: grey, colours, colours and transparency."""


def load_generator(path: str | Path, device: str | torch.device = "cpu") -> Generator:
    """The generator at ``path``, ready to make pictures on ``device`` in float32.

    ``path`` is a network pickle (.pkl) of StyleGAN2-ADA or StyleGAN3, a checkpoint (.pt) with such a generator or one
    of stylegan2-pytorch, or what `save_generator` wrote: a .safetensors file with its .json. A folder with one of them
    will do.
    Nothing inside a file is run or imported, whoever made it.

    The generator has ``z_dim``, ``c_dim`` (classes, 0 for none), ``w_dim``, ``num_ws``, ``resolution``, and makes
    pictures in two steps; see `Generator` for what these take::

        w = generator.mapping(z, c=None, psi=1.0, cutoff=None)  # [N, z_dim] -> [N, num_ws, w_dim]
        pictures = generator.synthesis(w, noise="const", transform=None, strength=1.0)  # [N, 3, H, W], -1 to 1

    Raises StudioError, whose text says what is wrong with which file, when there is none or it can't be used.
    """
    path = _weights_file(Path(path))
    if not path.is_file():  # reading a pipe would never end
        raise unusable(path, "it is not a file.")
    config, tensors = _read(path)
    try:
        with torch.device("meta"):
            generator = networks()[family_of(config)].make(config)
        # Copied: a file's own bytes lie in memory anyhow, and some of them stay in the file until they are asked for.
        fitting = _fitting(path, generator, tensors)
        whole = {name: tensor.to(torch.float32, copy=True) for name, tensor in fitting.items()}
        generator.load_state_dict(whole, assign=True)
        if _AVERAGE not in tensors:
            generator.mapping.w_avg = _average(generator)
    except (RuntimeError, TypeError, ValueError, ArithmeticError) as error:
        raise unusable(path, "its weights don't match each other. Was it modified or cut off?") from error
    return generator.to(device).freeze()


def _read(path: Path) -> Found:
    if path.suffix.lower() == ".safetensors":
        return generator_folder.read(path)
    try:
        by_torch, pickled = is_torch_file(path), path.suffix.lower() == ".pkl" or is_pickle(path)
    except OSError as error:
        raise unusable(path, "the file can't be read.") from error
    return network_pickle.read(path) if pickled and not by_torch else checkpoint.read(path)


def _fitting(path: Path, generator: Generator, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Before any memory is taken: the tensors that are the generator's, if the file is as large as all of them.

    Buffers that a fork added are left out, layers that it added are not: pictures would be others without them.
    """
    if generator.config.img_channels not in _SHOWN:
        count = generator.config.img_channels
        raise unusable(path, "its pictures have {count} channels; those with 1, 3 or 4 can be shown.", count=count)
    wanted = generator.state_dict()
    strange = [name for name, tensor in tensors.items() if name not in wanted and tensor.ndim > 1 and "weight" in name]
    if strange:
        raise unusable(path, "it has a layer that no StyleGAN has: {name}.", name=strange[0][:100])
    found = {name: tensor for name, tensor in tensors.items() if name in wanted}
    if any(wanted[name].shape != tensor.shape for name, tensor in found.items()):
        raise ValueError
    if sum(tensor.nbytes for tensor in found.values()) > path.stat().st_size:
        raise ValueError
    # A network may be trained without grain (use_noise=False), or without keeping the average of w.
    spare = {name: size.shape for name, size in wanted.items() if ".noise_" in name or name == _AVERAGE}
    return found | {name: torch.zeros(()).expand(shape) for name, shape in spare.items() if name not in found}


def _average(generator: Generator) -> Tensor:
    """The average w of samples that are the same each time."""
    with torch.inference_mode():
        z = torch.randn(_AVERAGED, generator.z_dim, generator=torch.Generator().manual_seed(0))
        return generator.mapping.styles(z).mean(dim=0).clone()


def _weights_file(path: Path) -> Path:
    """The file with the weights at `path`, itself a file or a folder with one."""
    if not path.exists():
        sentence = tr("There is no model at {path}. Was it moved or deleted?", path=path)
        raise StudioError(sentence, trouble="model_missing")
    if not path.is_dir():
        return path
    if (path / WEIGHTS).exists():
        return path / WEIGHTS
    single = [file for suffix in ("pkl", "pt", "pth") for file in path.glob(f"*.{suffix}")]
    if len(single) != 1:
        raise StudioError(
            tr(
                "The folder {path} contains no generator: choose a folder with {file}, or a .pkl or .pt file.",
                path=path,
                file=WEIGHTS,
            ),
            trouble="model_missing",
        )
    return single[0]

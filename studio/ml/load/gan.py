"""The door to generators: opens StyleGAN2 and StyleGAN3 in all forms that Triptych reads. Other programs may use it."""

from pathlib import Path

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.load import generator_folder, network_pickle, rosinality
from studio.ml.load.generator_folder import SETTINGS, WEIGHTS, save_generator
from studio.ml.load.generators import FAMILIES, family_of, unusable
from studio.ml.nets.generator import Generator

__all__ = ["SETTINGS", "WEIGHTS", "load_generator", "save_generator"]


_READERS = {".safetensors": generator_folder.read, ".pt": rosinality.read, ".pth": rosinality.read}


def load_generator(path: str | Path, device: str | torch.device = "cpu") -> Generator:
    """The generator at ``path``, ready to make pictures on ``device`` in float32.

    ``path`` is a network pickle (.pkl) of StyleGAN2-ADA or StyleGAN3, a checkpoint (.pt) of stylegan2-pytorch with
    ``g_ema``, or what `save_generator` wrote: a .safetensors file with its .json. A folder with one of them will do.
    Nothing inside a file is run or imported, whoever made it.

    The generator has ``z_dim``, ``c_dim`` (classes, 0 for none), ``w_dim``, ``num_ws``, ``resolution``, and makes
    pictures in two steps; see `Generator` for what these take::

        w = generator.mapping(z, c=None, psi=1.0, cutoff=None)  # [N, z_dim] -> [N, num_ws, w_dim]
        pictures = generator.synthesis(w, noise="const", transform=None, strength=1.0)  # [N, 3, H, W], -1 to 1

    Raises StudioError, whose text says what is wrong with which file, when there is none or it can't be used.
    """
    path = _weights_file(Path(path))
    if not path.is_file():  # reading a pipe would never end
        raise unusable(path, "it is no file.")
    config, tensors = _READERS.get(path.suffix.lower(), network_pickle.read)(path)
    try:
        with torch.device("meta"):
            generator = FAMILIES[family_of(config)][1](config)
        _check_shapes(path, generator, tensors)
        # Copied: a file's own bytes lie in memory anyhow, and some of them stay in the file until they are asked for.
        whole = {name: tensor.to(torch.float32, copy=True) for name, tensor in tensors.items()}
        generator.load_state_dict(whole, assign=True)
    except (RuntimeError, TypeError, ValueError, ArithmeticError) as error:
        raise unusable(path, "its weights do not fit together. Was it changed or cut off?") from error
    return generator.to(device).freeze()


def _check_shapes(path: Path, generator: Generator, tensors: dict[str, Tensor]) -> None:
    """Before any memory is taken: the tensors are the generator's, and the file is as large as all of them."""
    wanted = generator.state_dict()
    fit = wanted.keys() == tensors.keys() and all(wanted[name].shape == tensors[name].shape for name in wanted)
    if not fit or sum(tensor.nbytes for tensor in tensors.values()) > path.stat().st_size:
        raise ValueError


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
                "The folder {path} holds no generator: choose a folder with {file}, or a .pkl or .pt file.",
                path=path,
                file=WEIGHTS,
            ),
            trouble="model_missing",
        )
    return single[0]

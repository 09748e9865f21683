"""Autoencoders: the one of a pipeline's folder, or a folder of its own, as a space between pictures."""

import logging
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.reading import load_json
from studio.ml.device import choose
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, first_line, strangers
from studio.ml.load.folder import check_part, more_than_numbers, unusable
from studio.ml.quiet import quiet

log = logging.getLogger(__name__)
KNOWN = ("AutoencoderKL", "AutoencoderTiny")


class Autoencoder:
    """Pictures [N, 3, H, W] in [-1, 1] to latents [N, C, h, w], and back."""

    def __init__(self, vae: Any) -> None:
        self.vae = vae

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        """The latents of ``pictures``: of a distribution its middle."""
        found = self.vae.encode(pictures.to(self.vae.device, self.vae.dtype))
        latents: Tensor = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latents
        return latents

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """The pictures of ``latents``."""
        pictures: Tensor = self.vae.decode(latents.to(self.vae.device, self.vae.dtype)).sample
        return pictures


def load_autoencoder(address: str) -> Autoencoder:
    """The autoencoder at ``address``, on the chosen device, in float32: some give no numbers in coarser formats.

    Nothing is downloaded and no program of the model's is run. Raises StudioError "model_missing" or "model_unusable".
    """
    path = resolve(address)
    quiet()
    folder = path / "vae" if (path / "model_index.json").is_file() else path
    if not folder.is_dir() or not (folder / "config.json").is_file():
        raise unusable("The model {path} holds no autoencoder in the diffusers format.", path=path)
    variant, safetensors = check_part(folder)
    name = _class_of(folder)
    import diffusers

    with strangers(lambda error: _explain(folder, error)), bounded(folder, folder.glob("*")):
        vae = getattr(diffusers, name).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True if safetensors else None,
            variant=variant,
            dtype=torch.float32,
        )
    missing = [key for key, tensor in vae.named_parameters() if tensor.is_meta]
    if missing:
        raise unusable(
            "The model {path} is incomplete: {key} is missing. Download it again.", path=folder, key=missing[0]
        )
    return Autoencoder(vae.eval().requires_grad_(False).to(choose().device))


def _class_of(folder: Path) -> str:
    try:
        config = load_json(folder / "config.json")
    except (OSError, ValueError) as error:
        raise unusable("{file} can't be read. Download the model again.", file=folder / "config.json") from error
    name = config.get("_class_name") if isinstance(config, dict) else None
    if name not in KNOWN:
        raise unusable(
            "{path} is {name}; pictures can be walked between with {known}.",
            path=folder,
            name=repr(name)[:100],
            known=", ".join(KNOWN),
        )
    return str(name)


def _explain(folder: Path, error: BaseException) -> StudioError:
    log.info("could not load %s", folder, exc_info=True)
    if isinstance(error, pickle.UnpicklingError) or "weights_only" in str(error).lower():
        return more_than_numbers(folder)
    return unusable(
        "The model {path} can't be loaded. Is it complete? Download it again if in doubt. ({error})",
        path=folder,
        error=first_line(error),
    )

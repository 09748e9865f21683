"""Autoencoders: the one of a pipeline's folder, or a folder of its own, as a space between pictures."""

from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.families.rules.judge import judge_autoencoder
from studio.files.model_settings import read_settings
from studio.ml.device import choose
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, strangers
from studio.ml.load.explained import not_loaded
from studio.ml.load.folder import check_part, incomplete, unusable
from studio.ml.quiet import quiet
from studio.ml.samplers.preview import Colours, find_colours


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

    @cached_property
    def colours(self) -> Colours:
        """How to paint a preview of its latents."""
        return find_colours(self.vae)


def load_part(address: str) -> Autoencoder:
    """The autoencoder at ``address`` as it takes the place of a pipeline's own: in the format of the other parts."""
    found = load_autoencoder(address)
    found.vae.to(choose().dtype)
    return found


def load_autoencoder(address: str) -> Autoencoder:
    """The autoencoder at ``address``, on the chosen device, in float32: some give no numbers in coarser formats.

    Nothing is downloaded and no program of the model's is run. Raises StudioError "model_missing" or "model_unusable".
    """
    path = resolve(address)
    quiet()
    folder = path / "vae" if (path / "model_index.json").is_file() else path
    if not folder.is_dir() or not (folder / "config.json").is_file():
        raise unusable("The model {path} contains no autoencoder in diffusers format.", path=path)
    return Autoencoder(read_autoencoder(folder).eval().requires_grad_(False).to(choose().device))


def read_autoencoder(folder: Path) -> Any:
    """The network in ``folder`` with all its weights, on the CPU. Raises StudioError "model_unusable"."""
    variant, safetensors = check_part(folder)
    name = judge_autoencoder(folder, read_settings(folder / "config.json"))
    import diffusers

    with strangers(lambda error: not_loaded(folder, error)), bounded(folder, folder.glob("*")):
        vae = getattr(diffusers, name).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True if safetensors else None,
            variant=variant,
            dtype=torch.float32,
        )
    if missing := next((key for key, tensor in vae.named_parameters() if tensor.is_meta), ""):
        raise incomplete(folder, missing)
    return vae

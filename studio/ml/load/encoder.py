"""Encoders that compare pictures by what they see in them: the autoencoder of a picture model, or CLIP's eye."""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from studio.core.override import override
from studio.families.rules.autoencoders import kind_of
from studio.files.model_settings import read_settings
from studio.ml.device import choose
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, strangers
from studio.ml.load.explained import not_loaded
from studio.ml.load.folder import check_part, incomplete, unusable
from studio.ml.load.vae import read_autoencoder
from studio.ml.quiet import quiet

_PARTS = ("vae", "image_encoder", "vision_model", ".")
"""Where in a model's folder an encoder may be."""
_CLIP = ("clip", "clip_vision_model")
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the colours that CLIP was trained with."""


class Encoder(nn.Module):
    """Pictures [N, 3, H, W] in [-1, 1] become features [N, C, ...], one tensor of them."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()

    @override
    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        """In float32, whatever the network computes in."""
        return (self._encode(pictures.to(self.network.dtype)).float(),)

    def _encode(self, pictures: Tensor) -> Tensor:
        raise NotImplementedError


class AutoencoderEye(Encoder):
    """The latents of an autoencoder."""

    @override
    def _encode(self, pictures: Tensor) -> Tensor:
        coded = self.network.encode(pictures)
        latents: Tensor = coded.latents if hasattr(coded, "latents") else coded.latent_dist.mean
        return latents


class ClipEye(Encoder):
    """What CLIP sees in each patch of the picture."""

    @override
    def _encode(self, pictures: Tensor) -> Tensor:
        edge = self.network.config.image_size
        pictures = F.interpolate(pictures, (edge, edge), mode="bicubic", antialias=True)
        mean, spread = (pictures.new_tensor(values)[:, None, None] for values in (_MEAN, _SPREAD))
        seen: Tensor = self.network(((pictures + 1) / 2 - mean) / spread).last_hidden_state
        return seen.transpose(1, 2)


def load_encoder(address: str) -> Encoder:
    """The encoder of the model at ``address``: its own folder, or that of a picture model that has one.

    Raises StudioError "model_missing" or "model_unusable".
    """
    path = resolve(address)
    quiet()
    for part in _PARTS:
        if (path / part / "config.json").is_file() and (found := _load(path / part)) is not None:
            return found.to(choose().device)
    raise unusable("{path} contains no autoencoder or CLIP to compare pictures with.", path=path)


def _load(folder: Path) -> Encoder | None:
    """The encoder in ``folder``; None when there is another kind of model in it."""
    config = read_settings(folder / "config.json")
    if kind_of(config):
        return AutoencoderEye(read_autoencoder(folder))
    return ClipEye(_eye(folder)) if config.get("model_type") in _CLIP else None


def _eye(folder: Path) -> Any:
    """The part of CLIP that sees, with all its weights: a CLIP may have been saved without them."""
    variant, safetensors = check_part(folder)
    from transformers import CLIPVisionModel

    with strangers(lambda error: not_loaded(folder, error)), bounded(folder, folder.glob("*")):
        eye, facts = CLIPVisionModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True if safetensors else None,
            variant=variant,
            dtype=torch.float32,
            output_loading_info=True,
        )
    if missing := sorted(facts["missing_keys"]):
        raise incomplete(folder, missing[0])
    return eye

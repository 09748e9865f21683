"""Encoders that compare pictures by what they see in them: the autoencoder of a picture model, or CLIP's eye."""

import logging
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.reading import load_json
from studio.ml.device import choose
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, first_line, strangers
from studio.ml.load.folder import check_part, unusable
from studio.ml.quiet import quiet

log = logging.getLogger(__name__)
_PARTS = ("vae", "image_encoder", "vision_model", ".")
"""Where in a model's folder an encoder may be."""
_AUTOENCODERS = ("AutoencoderKL", "AutoencoderTiny")
_CLIP = ("clip", "clip_vision_model")
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the colours that CLIP was trained with."""


class Encoder(nn.Module):
    """Pictures [N, 3, H, W] in [-1, 1] become features [N, C, ...], one tensor of them."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        """In float32, whatever the network computes in."""
        return (self._encode(pictures.to(self.network.dtype)).float(),)

    def _encode(self, pictures: Tensor) -> Tensor:
        raise NotImplementedError


class AutoencoderEye(Encoder):
    """The latents of an AutoencoderKL or AutoencoderTiny."""

    def _encode(self, pictures: Tensor) -> Tensor:
        coded = self.network.encode(pictures)
        latents: Tensor = coded.latents if hasattr(coded, "latents") else coded.latent_dist.mean
        return latents


class ClipEye(Encoder):
    """What CLIP sees in each patch of the picture."""

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
    raise unusable("There is no autoencoder and no CLIP in {path} to compare pictures with.", path=path)


def _load(folder: Path) -> Encoder | None:
    """The encoder in ``folder``; None when there is another kind of model in it."""
    try:
        config = load_json(folder / "config.json")
    except (OSError, ValueError) as error:
        raise unusable("{file} can't be read. Download the model again.", file=folder / "config.json") from error
    if not isinstance(config, dict):
        return None
    kind = config.get("_class_name")
    if kind not in _AUTOENCODERS and config.get("model_type") not in _CLIP:
        return None
    check_part(folder)

    def explain(error: BaseException) -> StudioError:
        log.info("could not load %s", folder, exc_info=True)
        return unusable(
            "The model {path} can't be loaded. Is it complete? Download it again if in doubt. ({error})",
            path=folder,
            error=first_line(error),
        )

    given = {"local_files_only": True, "use_safetensors": any(folder.glob("*.safetensors")) or None}
    with strangers(explain), bounded(folder, folder.glob("*")):
        if kind in _AUTOENCODERS:
            import diffusers

            return AutoencoderEye(getattr(diffusers, kind).from_pretrained(folder, **given, dtype=torch.float32))
        from transformers import CLIPVisionModel

        return ClipEye(CLIPVisionModel.from_pretrained(folder, **given, dtype=torch.float32))

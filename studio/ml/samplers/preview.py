"""Previews: latents to colours by one small matrix, found once for each model from its own autoencoder."""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

_INSIDE, _OUTSIDE = 0.99, 1.1
"""Of a picture's numbers this share lies within this range, by the matrix's own error of some percent."""
_LOOKED_AT = 50_000
"""Numbers that tell the range: more would take longer than a preview may."""


@dataclass(frozen=True)
class Colours:
    """``matrix`` [C + 1, 3] takes one latent pixel, with a 1 after it, to RGB in [-1, 1]."""

    matrix: torch.Tensor
    frames: bool
    """The autoencoder is one of films: its latents have a time axis."""

    def paint(self, latents: torch.Tensor) -> torch.Tensor:
        """``latents`` [N, C, h, w] as pictures [N, 3, h, w] in [-1, 1]; who shows them scales them up.

        What guidance predicts in the first steps lies far outside: cut off, it had up to twice the picture's colour. It
        is drawn together instead until few pixels are outside.
        """
        matrix = self.matrix.to(latents.device)
        rgb = torch.einsum("nchw,cr->nrhw", latents.float(), matrix[:-1]) + matrix[-1].view(1, 3, 1, 1)
        some = rgb.abs().flatten(1)
        some = some[:, :: max(some.shape[1] // _LOOKED_AT, 1)]
        reach = torch.quantile(some, _INSIDE, dim=1).view(-1, 1, 1, 1) / _OUTSIDE
        return (rgb / reach.clamp(min=1)).clamp(-1, 1)


def find_colours(vae: Any) -> Colours:
    """Fit the matrix by least squares to how ``vae`` encodes some made-up pictures.

    Published matrices fit the autoencoder they were made for only; this takes one encoding of a few small pictures and
    fits each, fine-tuned ones included.
    """
    first = next(vae.parameters())
    pictures = _colour_fields()
    frames = first.ndim == 5 or any(parameter.ndim == 5 for parameter in vae.parameters())
    with torch.inference_mode():
        given = pictures.to(first.device, first.dtype)
        encoded = vae.encode(given.unsqueeze(2) if frames else given)[0]
        latents = encoded if isinstance(encoded, torch.Tensor) else encoded.mode()  # some give a distribution
        latents = _scaled(vae, latents.float().cpu())
    latents = latents[:, :, 0] if frames else latents
    seen = functional.adaptive_avg_pool2d(pictures, (latents.shape[-2], latents.shape[-1]))
    rows = latents.permute(0, 2, 3, 1).flatten(0, 2)
    rows = torch.cat([rows, torch.ones(len(rows), 1)], dim=1).double()
    wanted = seen.permute(0, 2, 3, 1).flatten(0, 2).double()
    # A little ridge: where channels say the same thing, the weights stay small.
    square = rows.T @ rows + 1e-4 * len(rows) * torch.eye(rows.shape[1], dtype=torch.float64)
    return Colours(torch.linalg.solve(square, rows.T @ wanted).float(), frames)


def _scaled(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """An encoder's latents as pipelines use them."""
    config, shape = vae.config, (1, -1, *[1] * (latents.ndim - 2))
    mean, spread = config.get("latents_mean"), config.get("latents_std")
    scaling = config.get("scaling_factor") or 1.0
    if mean is not None and spread is not None:
        return (latents - torch.tensor(mean).view(shape)) * scaling / torch.tensor(spread).view(shape)
    return (latents - (config.get("shift_factor") or 0.0)) * scaling


def _colour_fields(count: int = 4, edge: int = 128) -> torch.Tensor:
    """Soft fields of colour and hard-edged patches [count, 3, edge, edge] in [-1, 1]; always the same ones."""
    random = torch.Generator().manual_seed(0)
    fields = []
    for cells in (3, 6):
        few = torch.rand(count, 3, cells, cells, generator=random) * 2 - 1
        fields += [functional.interpolate(few, size=(edge, edge), mode=mode) for mode in ("bicubic", "nearest")]
    soft, patches, fine, small = fields
    half = torch.rand(count, 1, 1, 1, generator=random)
    return torch.cat(
        [(half * soft + (1 - half) * fine)[: count // 2], patches[: count // 4], small[: count // 4]]
    ).clamp(-1, 1)

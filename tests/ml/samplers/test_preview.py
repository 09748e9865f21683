"""Previews."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn import functional

from studio.ml.samplers.preview import Colours, find_colours


class Autoencoder(torch.nn.Module):
    """Shrinks by 8 and mixes the colours into 6 channels in a way that can be undone."""

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.config = config
        self.mix = torch.nn.Parameter(torch.randn(6, 3, generator=torch.Generator().manual_seed(1)))

    def encode(self, pictures: torch.Tensor) -> Any:
        latents = torch.einsum("nchw,kc->nkhw", functional.avg_pool2d(pictures, 8), self.mix) + 0.5
        return (latents if self.config.get("plain") else SimpleNamespace(mode=lambda: latents),)

    def latents(self, pictures: torch.Tensor) -> torch.Tensor:
        """As a pipeline would hold them."""
        (latents,) = self.encode(pictures)
        latents = latents if self.config.get("plain") else latents.mode()
        config = self.config
        if "latents_mean" in config:
            mean, spread = (torch.tensor(config[name]).view(1, -1, 1, 1) for name in ("latents_mean", "latents_std"))
            return (latents - mean) / spread
        return (latents - (config.get("shift_factor") or 0)) * config["scaling_factor"]


@pytest.mark.parametrize(
    "config",
    [
        {"scaling_factor": 0.18},
        {"scaling_factor": 0.36, "shift_factor": 0.12},
        {"scaling_factor": 1.0, "shift_factor": None, "plain": True},
        {"latents_mean": [0.1 * n for n in range(6)], "latents_std": [1.0 + n for n in range(6)]},
    ],
)
def test_the_colours_are_found_again(config: dict[str, Any]) -> None:
    vae = Autoencoder(**config)
    picture = torch.rand(1, 3, 64, 64) * 1.6 - 0.8
    painted = find_colours(vae).paint(vae.latents(picture))
    assert (painted - functional.avg_pool2d(picture, 8)).abs().mean() < 0.05


def test_what_guidance_exaggerates_has_no_more_colour_than_the_picture() -> None:
    vae = Autoencoder(scaling_factor=0.18)
    fields = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3)) - 0.5
    colours, picture = find_colours(vae), functional.interpolate(fields, scale_factor=8)
    latents = vae.latents(picture).detach()
    plain = colourful(colours.paint(latents))
    wild = vae.latents(5 * picture).detach()
    assert colourful(colours.paint(wild)) < 2.4 * plain
    both = colours.paint(torch.cat([wild, latents]))
    assert torch.equal(both[1], colours.paint(latents)[0])


def colourful(pictures: torch.Tensor) -> float:
    return float((pictures.amax(1) - pictures.amin(1)).mean())


def test_previews_are_as_small_as_the_latents() -> None:
    colours = Colours(torch.zeros(5, 3), frames=False)
    assert colours.paint(torch.zeros(1, 4, 16, 24)).shape == (1, 3, 16, 24)


def test_wild_latents_give_colours_nevertheless() -> None:
    painted = Colours(torch.ones(5, 3), frames=False).paint(torch.full((1, 4, 2, 2), 1e9))
    assert painted.max() <= 1

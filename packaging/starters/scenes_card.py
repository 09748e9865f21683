"""The model card of Starter Scenes, with what was measured while it was made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Measurements of one build. Times in seconds of training."""

    autoencoder_seconds: float
    denoiser_seconds: float
    denoiser_steps: int
    batch: int
    decoder_seconds: float
    parameters: dict[str, int]
    drawn: int
    wordings: int
    machine: str


CARD = """---
license: cc0-1.0
library_name: diffusers
pipeline_tag: text-to-image
---

# Starter Scenes

A small text-to-image model of flat poster landscapes, 128 x 128 pixels. It ships with Triptych so that a first picture
needs no download and no GPU. All it learned from was drawn by a program: no photograph, no artwork, no other model.

    from diffusers import DiffusionPipeline
    pipeline = DiffusionPipeline.from_pretrained("resources/starters/scenes")
    words = "a white boat on the right on the sea at sunset, a yellow sun on the left"
    picture = pipeline(words, num_inference_steps=20, guidance_scale=4.0).images[0]

## What it knows

- times: day, sunset, night, dawn
- land: mountains, hills (both in colours), sea, desert, city, forest
- one thing or none: balloon, house, tree, boat, kite, rocket; on the left, in the center, on the right
- its colour: red, orange, yellow, green, teal, blue, purple, pink, white, black
- sun or moon with a colour and a side; clouds by day; snow on mountains

## How it is made

The standard parts of Stable Diffusion, each tiny: {vae:.1f} M parameters of `AutoencoderTiny` (8 latent channels
at an eighth of the size), {unet:.1f} M of `UNet2DConditionModel`, {text:.1f} M of `CLIPTextModel`, learned along,
and a tokenizer that knows the captions' words whole and spells others from bytes (40 tokens at most).
It predicts v; DPM-Solver++ draws the samples.

`packaging/starters/scenes.py` drew {drawn} pictures, each with {wordings} captions; all but the last 256 were learned
from. {training} Again, with a GPU where there is one, and on from there:

    python3 packaging/starters/build.py scenes --minutes {minutes:.0f}
    python3 packaging/starters/build.py scenes --minutes {minutes:.0f} --start resources/starters/scenes

## Limits

It draws these scenes and nothing else; words it does not know change little. Round things come out uneven at times, and
what is black in the night soft; where the words name no side, a thing or a moon may be drawn on both; and other sizes
were not in the training.

## Licence

CC0 1.0: weights, pictures and captions are given to the public domain.
"""


def _training(facts: Facts) -> str:
    denoiser = (
        f"the denoiser and the words\n{facts.denoiser_seconds / 60:.1f} minutes "
        f"({facts.denoiser_steps:,} steps of {facts.batch})"
    )
    if not facts.autoencoder_seconds:
        return f"From a finished model, on {facts.machine}: {denoiser}."
    autoencoder = f"the autoencoder {facts.autoencoder_seconds / 60:.1f} minutes"
    decoder = f"the decoder alone {facts.decoder_seconds / 60:.1f} minutes"
    return f"Trained on {facts.machine}: {autoencoder}, {denoiser}, {decoder}."


def card(facts: Facts) -> str:
    """The model's card."""
    seconds = facts.autoencoder_seconds + facts.denoiser_seconds + facts.decoder_seconds
    return CARD.format(
        **{name: count / 1e6 for name, count in facts.parameters.items()},
        drawn=f"{facts.drawn:,}",
        wordings=facts.wordings,
        training=_training(facts),
        minutes=seconds / 60,
    )

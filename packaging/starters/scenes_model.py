"""Starter Scenes: a small latent diffusion model of poster landscapes, in the standard layout of Stable Diffusion."""

import json
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.core.resources import BUNDLED
from studio.files.card import ModelCard, write_card

log = logging.getLogger(__name__)

SIZE = 128
LATENT_CHANNELS = 8
TOKENS = 40
TEXT_WIDTH = 192
START, END = "<|startoftext|>", "<|endoftext|>"
CARD = ModelCard(
    name="Starter Scenes",
    kind="image",
    licence="CC0-1.0",
    summary="Flat poster landscapes: a balloon, house, tree, boat, kite or rocket, by day or night.",
    match=f"{BUNDLED}match",
    defaults={"size": SIZE, "steps": 20, "guidance": 4.0},
)


def autoencoder() -> AutoencoderTiny:
    """128x128x3 to 16x16x8 and back. Without norms, and with little work at high resolutions."""
    vae = AutoencoderTiny(
        encoder_block_out_channels=(64,) * 4,
        decoder_block_out_channels=(64,) * 4,
        num_encoder_blocks=(0, 1, 2, 4),
        num_decoder_blocks=(5, 4, 2, 0),
        latent_channels=LATENT_CHANNELS,
    )
    for part in vae.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
    for part in vae.modules():
        if isinstance(part, AutoencoderTinyBlock):  # each block starts as an identity
            nn.init.zeros_(part.conv[-1].weight)
    return vae


def unet() -> UNet2DConditionModel:
    """A new denoiser."""
    return UNet2DConditionModel(
        sample_size=SIZE // 8,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(64, 96, 128),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=4,  # the number of heads, misnamed in diffusers for compatibility
        cross_attention_dim=TEXT_WIDTH,
        norm_num_groups=16,
        # The pooled text is also added to the time embedding: colours and hours are learned much faster.
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        resnet_time_scale_shift="scale_shift",
    )


def text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """A new text encoder for the tokenizer's vocabulary."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=TEXT_WIDTH * 3,
        projection_dim=TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def scheduler() -> DPMSolverMultistepScheduler:
    """Ends at a signal of 1.6 %, so that the model is trained on almost pure noise, and other schedulers still work."""
    return DPMSolverMultistepScheduler(
        beta_start=0.00085, beta_end=0.02, beta_schedule="scaled_linear", prediction_type="v_prediction", steps_offset=1
    )


def make_tokenizer(texts: Iterable[str], folder: Path) -> CLIPTokenizer:
    """A CLIP tokenizer in `folder` with the words of `texts` as whole tokens, and bytes for all others."""
    words = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=4000, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False),
    )
    learned = json.loads(words.to_str())["model"]
    merges = [tuple(pair) for pair in learned["merges"]]
    tokens = [*alphabet, *(f"{byte}</w>" for byte in alphabet), *("".join(pair) for pair in merges)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys([*tokens, START, END]))}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder, model_max_length=TOKENS)


def assemble(
    vae: AutoencoderTiny, net: UNet2DConditionModel, text: CLIPTextModel, tokenizer: CLIPTokenizer
) -> StableDiffusionPipeline:
    """The parts as one pipeline of diffusers."""
    return StableDiffusionPipeline(
        vae=vae,
        unet=net,
        text_encoder=text,
        tokenizer=tokenizer,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def load(folder: Path) -> StableDiffusionPipeline:
    """Load a finished model in full precision, for further training."""
    return StableDiffusionPipeline.from_pretrained(folder)


def save(pipeline: StableDiffusionPipeline, out: Path) -> None:
    """Write `pipeline` and the studio's model card; other files in `out` stay.

    The large parts are saved in half precision. The text encoder is not: transformers would load it in half precision
    while diffusers loads the rest in full, and the two would not work together.
    """
    for part in (pipeline.unet, pipeline.vae):
        for weight in part.parameters():
            weight.data = weight.data.half()
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    pipeline.save_pretrained(fresh)
    write_card(fresh, CARD)
    for file in fresh.rglob("*.safetensors"):
        file.chmod(0o644)  # they are written with permissions for the owner only
    shutil.copytree(fresh, out, dirs_exist_ok=True)
    shutil.rmtree(fresh)
    log.info("wrote %s", out)

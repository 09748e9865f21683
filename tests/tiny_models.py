"""Tiny real picture models, saved as diffusers folders: random weights, but all of the real code."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
)


def save_stable_diffusion(folder: Path, scaling: float = 0.2) -> Path:
    """A StableDiffusionPipeline of some 0.2 million parameters for 32 x 32 pixels; 16 tokens fit.

    ``scaling`` of its latents: 0.18215 is that of its family.
    """
    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=_vae(channels=4, scaling=scaling),
        text_encoder=CLIPTextModel(_text_config(hidden=16)),
        tokenizer=_tokenizer(folder.parent),
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=16,
            attention_head_dim=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=DPMSolverMultistepScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def save_stable_diffusion_xl(folder: Path) -> Path:
    """A StableDiffusionXLPipeline for 32 x 32 pixels: two text encoders, and sizes as conditions."""
    torch.manual_seed(0)
    tokenizer = _tokenizer(folder.parent)
    pipeline = StableDiffusionXLPipeline(
        vae=_vae(channels=4, scaling=0.2),
        text_encoder=CLIPTextModel(_text_config(hidden=16)),
        text_encoder_2=CLIPTextModelWithProjection(_text_config(hidden=16)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=32,
            attention_head_dim=(2, 4),
            transformer_layers_per_block=(1, 1),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 16,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=DPMSolverMultistepScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1
        ),
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def save_refiner(folder: Path) -> Path:
    """A StableDiffusionXLImg2ImgPipeline of one text encoder, which is told a score: it improves pictures."""
    torch.manual_seed(0)
    pipeline = StableDiffusionXLImg2ImgPipeline(
        vae=_vae(channels=4, scaling=0.2),
        text_encoder=None,
        text_encoder_2=CLIPTextModelWithProjection(_text_config(hidden=16)),
        tokenizer=None,
        tokenizer_2=_tokenizer(folder.parent),
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=16,
            attention_head_dim=(2, 4),
            transformer_layers_per_block=(1, 1),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=5 * 8 + 16,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
        requires_aesthetics_score=True,
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def save_stable_diffusion_3(folder: Path) -> Path:
    """A StableDiffusion3Pipeline for 32 x 32 pixels, saved without its third text encoder, as many are."""
    torch.manual_seed(0)
    tokenizer = _tokenizer(folder.parent)
    pipeline = StableDiffusion3Pipeline(
        vae=_vae(channels=4, scaling=0.4, shift=0.1),
        text_encoder=CLIPTextModelWithProjection(_text_config(hidden=16)),
        text_encoder_2=CLIPTextModelWithProjection(_text_config(hidden=16)),
        text_encoder_3=None,
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        tokenizer_3=None,
        transformer=SD3Transformer2DModel(
            sample_size=8,
            patch_size=1,
            in_channels=4,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=2,
            caption_projection_dim=16,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            out_channels=4,
            pos_embed_max_size=32,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_flux(folder: Path, kind: type = FluxPipeline, guided: bool = True) -> Path:
    """A FluxPipeline for 32 x 32 pixels: packed latents, flow matching, guidance without a negative prompt.

    ``kind``: FluxKontextPipeline has the same parts. ``guided`` False: one distilled to few steps (schnell).
    """
    torch.manual_seed(0)
    tokenizer = _tokenizer(folder.parent)
    t5 = T5Config(vocab_size=len(tokenizer), d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    pipeline = kind(
        vae=_vae(channels=4, scaling=0.4, shift=0.1),
        text_encoder=CLIPTextModel(_text_config(hidden=16)),
        text_encoder_2=T5EncoderModel(t5),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            pooled_projection_dim=16,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=guided,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_clip(folder: Path) -> Path:
    """A CLIPModel for 32 x 32 pixels."""
    torch.manual_seed(0)
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config=_text_config(hidden=16).to_dict(),
        vision_config={**vision, "image_size": 32, "patch_size": 16},
        projection_dim=16,
    )
    CLIPModel(config).save_pretrained(folder)
    _tokenizer(folder.parent).save_pretrained(folder)
    size = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size=size, crop_size=size).save_pretrained(folder)
    return folder


def save_vae(folder: Path, scaling: float, channels: int = 4, levels: int = 3) -> Path:
    """An autoencoder in a folder of its own, which is of the family with this ``scaling``."""
    torch.manual_seed(1)
    _vae(channels, scaling, levels=levels).save_pretrained(folder)
    return folder


def _vae(channels: int, scaling: float, shift: float | None = None, levels: int = 3) -> AutoencoderKL:
    """An autoencoder that shrinks by 2 on each of its ``levels`` but the last."""
    return AutoencoderKL(
        latent_channels=channels,
        block_out_channels=(8,) * (levels - 1) + (16,),
        norm_num_groups=4,
        layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        sample_size=32,
        scaling_factor=scaling,
        shift_factor=shift,
    )


def _text_config(hidden: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=514,
        hidden_size=hidden,
        projection_dim=hidden,
        intermediate_size=2 * hidden,
        num_attention_heads=2,
        num_hidden_layers=2,
        max_position_embeddings=16,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
    )


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's tokenizer without merges: a token a byte."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}), encoding="utf-8")
    merges.write_text("#version: 0.2\n", encoding="utf-8")
    return CLIPTokenizer(str(vocabulary), str(merges), model_max_length=16)

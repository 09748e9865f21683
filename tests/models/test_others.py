"""What a file holds that can't be used yet, by the names in its header."""

import struct
from pathlib import Path

import pytest
import torch

from studio.models.others import what_is
from tests.models.folders import write_safetensors

KINDS = {
    "a LoRA": ["lora_unet_x.lora_down.weight", "lora_te_x.alpha"],
    "a LoRA ": ["transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight"],
    "a LoRA  ": ["lycoris_blocks_0.lokr_w1"],
    "a ControlNet": ["controlnet_cond_embedding.conv_in.weight", "down_blocks.0.x", "time_embedding.linear_1.weight"],
    "a ControlNet ": ["control_model.zero_convs.0.0.weight", "control_model.input_blocks.0.0.weight"],
    "an IP-Adapter": ["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"],
    "a T2I-Adapter": ["conv_in.weight", "body.0.block2.weight"],
    "a textual inversion (embedding)": ["emb_params"],
    "a textual inversion (embedding) ": ["<cat>"],
    "a motion module (AnimateDiff)": ["down_blocks.0.motion_modules.0.temporal_transformer.norm.bias"],
    "an upscaler (ESRGAN)": ["conv_first.weight", "body.0.rdb1.conv1.weight", "conv_last.weight"],
    "an upscaler (ESRGAN) ": ["model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"],
    "an upscaler (SwinIR, HAT or DAT)": ["conv_first.weight", "layers.0.residual_group.blocks.0.norm1.weight"],
    "a face restorer (GFPGAN or CodeFormer) ": ["idx_pred_layer.0.weight", "quantize.embedding.weight"],
    "a BigGAN": ["shared.weight", "blocks.0.0.conv1.weight", "output_layer.1.weight"],
    "a VQGAN": ["quantize.embedding.weight", "decoder.conv_in.weight"],
    "an upscaler": ["body.0.weight", "body.1.weight", "body.2.weight"],
    "a face restorer (GFPGAN or CodeFormer)": ["toRGB.0.weight", "stylegan_decoder.style_mlp.1.weight"],
    "Stable Diffusion 1 in one file": [
        "cond_stage_model.transformer.text_model.x", "first_stage_model.decoder.conv_in.weight",
        "model.diffusion_model.input_blocks.0.0.weight",
    ],
    "Stable Diffusion XL in one file": ["conditioner.embedders.1.model.x", "model.diffusion_model.label_emb.0.0"],
    "Stable Diffusion (UNet) in one file": ["model.diffusion_model.input_blocks.0.0.weight"],
    "Stable Diffusion 3 in one file": ["model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight"],
    "FLUX in one file": ["double_blocks.0.img_attn.qkv.weight", "img_in.weight"],
    "FLUX.2 in one file": ["double_stream_modulation_img.lin.weight", "double_blocks.0.img_attn.qkv.weight"],
    "Qwen-Image in one file": ["txt_norm.weight", "transformer_blocks.0.attn.add_k_proj.weight", "img_in.weight"],
    "Z-Image / Lumina in one file": ["cap_embedder.1.weight", "noise_refiner.0.attention.k_norm.weight"],
    "Wan in one file": ["head.modulation", "patch_embedding.weight", "blocks.0.ffn.0.weight"],
    "a VAE": ["encoder.conv_in.weight", "decoder.up_blocks.0.resnets.0.norm1.weight"],
    "a VAE ": ["encoder.down.0.block.0.conv1.weight", "decoder.mid.block_1.conv1.weight", "quant_conv.weight"],
    "a small VAE for previews (TAESD)": ["1.weight", "3.conv.0.weight", "19.weight"],
    "a text encoder": ["text_model.encoder.layers.0.mlp.fc1.weight"],
    "a text encoder ": ["shared.weight", "encoder.block.0.layer.0.SelfAttention.k.weight"],
    "an image encoder": ["vision_model.encoder.layers.30.layer_norm1.weight"],
    "a CLIP model": ["vision_model.x", "text_model.x", "logit_scale"],
    "a language model in one file": ["model.layers.0.self_attn.q_proj.weight", "lm_head.weight"],
}  # fmt: skip


@pytest.mark.parametrize("what", KINDS)
def test_each_kind_is_known_by_the_names_in_its_header(tmp_path: Path, what: str) -> None:
    spans = enumerate(KINDS[what])
    header = {name: {"dtype": "F32", "shape": [1], "data_offsets": [4 * at, 4 * at + 4]} for at, name in spans}
    found = what_is(write_safetensors(tmp_path / "x.safetensors", header, body=4 * len(header)))
    assert found is not None
    assert found.what == what.strip()
    assert found.whole is ("in one file" in what and "language" not in what)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"params_ema": {"conv_first.weight": 0, "body.0.rdb1.conv1.weight": 0}}, "an upscaler (ESRGAN)"),
        ({"state_dict": {"cond_stage_model.transformer.text_model.x": 0}}, "Stable Diffusion 1 in one file"),
        ({"string_to_param": {"*": 0}, "string_to_token": {"*": 265}}, "a textual inversion (embedding)"),
        ({"image_proj": {"proj.weight": 0}, "ip_adapter": {"1.to_k_ip.weight": 0}}, "an IP-Adapter"),
        ({"layer.weight": 0}, ""),
    ],
)
def test_pickles_are_not_run_to_be_known(tmp_path: Path, zipped: bool, content: object, what: str) -> None:
    def tensors(part: object) -> object:
        return {name: tensors(inner) for name, inner in part.items()} if isinstance(part, dict) else torch.ones(1)

    torch.save(tensors(content), tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    found = what_is(tmp_path / "x.pth")
    assert (found.what if found else "") == what


def test_a_gguf_names_its_architecture(tmp_path: Path) -> None:
    key = b"general.architecture"
    start = struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, len(key)) + key
    (tmp_path / "x.gguf").write_bytes(start + struct.pack("<IQ", 8, 5) + b"llama")
    found = what_is(tmp_path / "x.gguf")
    assert found is not None
    assert found.what == "a GGUF (llama)"


@pytest.mark.parametrize("name", ["x.gguf", "x.safetensors", "x.ckpt", "x.pt", "x.bin"])
@pytest.mark.parametrize(
    "content",
    [b"", b"GGUF", b"GGUF" + b"general.architecture", b"PK", b"\x80\x02X", b"\x80\x02\x8c\xff", b"<html>", bytes(99)],
)
def test_what_is_damaged_is_not_known(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = what_is(tmp_path / name)
    assert found is None or found.what == "a GGUF"

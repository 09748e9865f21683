"""Model folders made by hand: real headers, hardly any numbers."""

import json
import struct
from pathlib import Path
from typing import Any


def write_json(path: Path, data: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def write_safetensors(path: Path, header: dict[str, Any] | None = None, body: int = 24) -> Path:
    """By default two tensors, of 4 and 2 float32 numbers."""
    if header is None:
        header = {
            "__metadata__": {"format": "pt"},
            "b": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
            "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        }
    packed = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(packed)) + packed + bytes(body))
    return path


def picture_model(folder: Path, name: Any = "StableDiffusionPipeline", **parts: Any) -> Path:
    write_json(
        folder / "model_index.json",
        {
            "_class_name": name,
            "_diffusers_version": "0.42.0",
            "requires_safety_checker": False,
            "safety_checker": [None, None],
            "scheduler": ["diffusers", "DDIMScheduler"],
            "unet": ["diffusers", "UNet2DConditionModel"],
            **parts,
        },
    )
    write_json(folder / "scheduler" / "scheduler_config.json", {"_class_name": "DDIMScheduler"})
    write_json(folder / "unet" / "config.json", {})
    write_safetensors(folder / "unet" / "diffusion_pytorch_model.safetensors")
    return folder


def language_model(folder: Path, **config: Any) -> Path:
    write_json(folder / "config.json", {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **config})
    write_json(folder / "tokenizer.json", {})
    write_safetensors(folder / "model.safetensors")
    return folder


def generator(folder: Path, architecture: str = "stylegan2") -> Path:
    write_json(folder / "generator.json", {"architecture": architecture, "version": 1, "config": {}})
    write_safetensors(folder / "generator.safetensors")
    return folder


def network_pickle(path: Path, inside: bytes = b"torch_utils.persistence\n_reconstruct_persistent_obj") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x80\x03}q\x00(X\x05\x00\x00\x00G_emaq\x01c" + inside + b"\n" + bytes(500) + b".")
    return path

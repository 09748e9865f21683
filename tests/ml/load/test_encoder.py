"""Encoders that compare pictures: found in a model's folder, blind to nothing they should see, strangers refused."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionConfig, CLIPVisionModel

from studio.core.errors import StudioError
from studio.ml.load.encoder import AutoencoderEye, ClipEye, load_encoder
from studio.ml.quiet import quiet
from tests.configuring import change_config
from tests.tiny_models import save_clip as save_whole_clip
from tests.tiny_models import save_stable_diffusion


@pytest.fixture(autouse=True)
def on_the_cpu() -> None:
    change_config(device="cpu")
    quiet()


def save_clip(folder: Path) -> Path:
    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=8
    )
    CLIPVisionModel(config).save_pretrained(folder)
    return folder


def test_clip_sees_patches_of_pictures_of_any_size_and_can_be_followed_back(tmp_path: Path) -> None:
    encoder = load_encoder(str(save_clip(tmp_path / "clip")))
    assert isinstance(encoder, ClipEye)
    for size in (16, 64):
        pictures = torch.zeros(2, 3, size, size, requires_grad=True)
        (seen,) = encoder(pictures)
        assert seen.shape == (2, 16, 1 + 4 * 4)
        seen[:, :, 1:].square().sum().backward()
        assert pictures.grad is not None
        assert float(pictures.grad.abs().sum()) > 0
    assert not any(weight.requires_grad for weight in encoder.parameters())


def test_an_autoencoder_is_found_in_its_pipeline_and_alone(tmp_path: Path) -> None:
    pipeline = save_stable_diffusion(tmp_path / "painter")
    pictures = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    inside, alone = (load_encoder(str(folder)) for folder in (pipeline, pipeline / "vae"))
    assert isinstance(inside, AutoencoderEye)
    (a,), (b,) = inside(pictures), alone(pictures)
    assert a.shape == (1, 4, 8, 8)
    assert torch.equal(a, b)
    assert load_encoder("starter:scenes")(pictures)[0].shape[1] == 8


def test_what_is_no_encoder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="to compare pictures with"):
        load_encoder("starter:latents")
    with pytest.raises(StudioError, match="to compare pictures with"):
        load_encoder("starter:writer")
    folder = save_clip(tmp_path / "clip")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(StudioError, match=r"model\.safetensors is damaged"):
        load_encoder(str(folder))
    weights.unlink()
    with pytest.raises(StudioError, match="no weights"):
        load_encoder(str(folder))
    (folder / "config.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(StudioError, match="contains no model settings"):
        load_encoder(str(folder))
    (folder / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudioError, match="can't be read"):
        load_encoder(str(folder))


@pytest.mark.parametrize("kept", ["text_model.", "vision_model.embeddings", "nothing"])
def test_a_clip_without_what_sees_is_refused_and_never_ranks_by_chance(tmp_path: Path, kept: str) -> None:
    folder = save_whole_clip(tmp_path / "clip")
    weights = load_file(folder / "model.safetensors")
    left = {name: tensor for name, tensor in weights.items() if name.startswith(kept)} or {"else": torch.zeros(1)}
    save_file(left, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(StudioError, match="is incomplete") as caught:
        load_encoder(str(folder))
    assert str(folder) in caught.value.message
    assert caught.value.trouble == "model_unusable"


def test_an_autoencoder_that_lacks_weights_is_refused(tmp_path: Path) -> None:
    folder = save_stable_diffusion(tmp_path / "painter") / "vae"
    file = folder / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    weights.pop("encoder.conv_in.weight")
    save_file(weights, file, {"format": "pt"})
    for path in (folder, folder.parent):
        with pytest.raises(StudioError, match=r"is incomplete: encoder\.conv_in\.weight"):
            load_encoder(str(path))


def test_a_clip_in_pickles_is_opened_too(tmp_path: Path) -> None:
    folder = save_clip(tmp_path / "clip")
    pictures = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    (wanted,) = load_encoder(str(folder))(pictures)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    (found,) = load_encoder(str(folder))(pictures)
    assert torch.equal(found, wanted)

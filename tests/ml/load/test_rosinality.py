"""Checkpoints of stylegan2-pytorch, against a network that computes as their program does."""

import argparse
import itertools
import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.gan import load_generator, save_generator

State = dict[str, Tensor]
CHANNELS, W, LAYERS = (24, 20, 16, 12), 16, 4


def blur() -> Tensor:
    tap = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(tap, tap) / 64


def checkpoint(seed: int = 0) -> State:
    """Random weights by the names, and in the shapes, of that program's generator for 32 px."""
    torch.manual_seed(seed)
    state: State = {"input.input": torch.randn(1, CHANNELS[0], 4, 4)}
    for i in range(1, LAYERS + 1):
        state |= {f"style.{i}.weight": torch.randn(W, W) / 0.01, f"style.{i}.bias": torch.randn(W) * 20}

    def modulated(name: str, outputs: int, inputs: int, edge: int) -> None:
        state[f"{name}.conv.weight"] = torch.randn(1, outputs, inputs, edge, edge)
        state[f"{name}.conv.modulation.weight"] = torch.randn(inputs, W)
        state[f"{name}.conv.modulation.bias"] = 1 + 0.1 * torch.randn(inputs)

    def styled(name: str, outputs: int, inputs: int) -> None:
        modulated(name, outputs, inputs, 3)
        state[f"{name}.noise.weight"] = torch.randn(1) * 0.3
        state[f"{name}.activate.bias"] = torch.randn(outputs) * 0.3

    def colours(name: str, inputs: int) -> None:
        modulated(name, 3, inputs, 1)
        state[f"{name}.bias"] = torch.randn(1, 3, 1, 1) * 0.3

    styled("conv1", CHANNELS[0], CHANNELS[0])
    colours("to_rgb1", CHANNELS[0])
    for i, (inputs, outputs) in enumerate(itertools.pairwise(CHANNELS)):
        styled(f"convs.{2 * i}", outputs, inputs)
        state[f"convs.{2 * i}.conv.blur.kernel"] = blur() * 4
        styled(f"convs.{2 * i + 1}", outputs, outputs)
        colours(f"to_rgbs.{i}", outputs)
        state[f"to_rgbs.{i}.upsample.kernel"] = blur() * 4
    for place in range(2 * len(CHANNELS) - 1):
        edge = 2 ** ((place + 5) // 2)
        state[f"noises.noise_{place}"] = torch.randn(1, 1, edge, edge)
    return state


class Plain:
    """The published architecture to the letter: each picture has kernels of its own, and blurs what it widened."""

    def __init__(self, state: State) -> None:
        self.state = state

    def linear(self, x: Tensor, name: str, rate: float = 1.0) -> Tensor:
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        return x @ (weight * rate / math.sqrt(weight.shape[1])).t() + bias * rate

    def styles(self, z: Tensor) -> Tensor:
        x = z / (z.pow(2).mean(dim=1, keepdim=True) + 1e-8).sqrt()
        for i in range(1, LAYERS + 1):
            x = F.leaky_relu(self.linear(x, f"style.{i}", 0.01), 0.2) * 2**0.5
        return x

    def convolved(self, x: Tensor, w: Tensor, name: str, up: bool = False, demodulate: bool = True) -> Tensor:
        weight = self.state[f"{name}.conv.weight"][0]
        outputs, inputs, edge, _ = weight.shape
        pictures = []
        for one, style in zip(x, self.linear(w, f"{name}.conv.modulation"), strict=True):
            kernel = weight / math.sqrt(inputs * edge**2) * style[:, None, None]
            if demodulate:
                kernel = kernel / (kernel.pow(2).sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
            if up:
                wide = F.conv_transpose2d(one[None], kernel.transpose(0, 1), stride=2)
                pictures.append(
                    F.conv2d(F.pad(wide, (1, 1, 1, 1)), (blur() * 4).expand(outputs, 1, 4, 4), groups=outputs)
                )
            else:
                pictures.append(F.conv2d(one[None], kernel, padding=edge // 2))
        return torch.cat(pictures)

    def layer(self, x: Tensor, w: Tensor, name: str, noise: int | None, up: bool = False) -> Tensor:
        x = self.convolved(x, w, name, up)
        if noise is not None:
            x = x + self.state[f"{name}.noise.weight"] * self.state[f"noises.noise_{noise}"]
        return F.leaky_relu(x + self.state[f"{name}.activate.bias"].view(1, -1, 1, 1), 0.2) * 2**0.5

    def colours(self, x: Tensor, w: Tensor, name: str) -> Tensor:
        return self.convolved(x, w, name, demodulate=False) + self.state[f"{name}.bias"]

    def picture(self, w: Tensor, noise: bool = True) -> Tensor:
        """w [N, num_ws, W]."""
        x = self.state["input.input"].repeat(len(w), 1, 1, 1)
        x = self.layer(x, w[:, 0], "conv1", 0 if noise else None)
        image = self.colours(x, w[:, 1], "to_rgb1")
        for i in range(len(CHANNELS) - 1):
            x = self.layer(x, w[:, 2 * i + 1], f"convs.{2 * i}", 2 * i + 1 if noise else None, up=True)
            x = self.layer(x, w[:, 2 * i + 2], f"convs.{2 * i + 1}", 2 * i + 2 if noise else None)
            wide = torch.zeros(len(w), 3, 2 * image.shape[2], 2 * image.shape[3])
            wide[..., ::2, ::2] = image
            kernel = (blur() * 4).expand(3, 1, 4, 4)
            image = F.conv2d(F.pad(wide, (2, 1, 2, 1)), kernel, groups=3)
            image = image + self.colours(x, w[:, 2 * i + 3], f"to_rgbs.{i}")
        return image


def saved(path: Path, content: Any, legacy: bool = False) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def refused(path: Path) -> str:
    with pytest.raises(StudioError) as caught:
        load_generator(path)
    assert str(path) in caught.value.message
    return caught.value.message


@torch.inference_mode()
@pytest.mark.parametrize("noise", ["const", "none"])
@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
def test_pictures_are_those_of_the_original(tmp_path, noise, legacy):
    state, average = checkpoint(), torch.randn(W)
    generator = load_generator(saved(tmp_path / "a.pt", {"g_ema": state, "latent_avg": average}, legacy))
    assert (generator.z_dim, generator.c_dim, generator.w_dim) == (W, 0, W)
    assert (generator.num_ws, generator.resolution) == (8, 32)
    plain, z = Plain(state), torch.randn(2, W)
    w = average + 0.7 * (plain.styles(z) - average)
    assert torch.allclose(generator.mapping(z, psi=0.7), w[:, None].expand(-1, 8, -1), atol=1e-4)
    mixed = torch.randn(2, 8, W)  # a style of its own for each layer
    made, expected = generator.synthesis(mixed, noise), plain.picture(mixed, noise == "const")
    assert expected.std() > 0.1
    assert (made - expected).abs().max() < 1e-3


@torch.inference_mode()
def test_a_checkpoint_of_a_training_is_read(tmp_path):
    """With the options of the training, other networks and an optimizer beside it, and no average."""
    state = checkpoint()
    content = {
        "g": checkpoint(1), "d": {"final_linear.0.weight": torch.ones(2)}, "g_ema": state,
        "g_optim": {"state": {0: {"step": 1, "exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 0.002}]},
        "args": argparse.Namespace(size=32, path="somewhere", augment=False), "ada_aug_p": 0.0,
    }  # fmt: skip
    generator = load_generator(saved(tmp_path / "a.pt", content))
    w = torch.randn(1, 8, W)
    assert (generator.synthesis(w) - Plain(state).picture(w)).abs().max() < 1e-3
    many = Plain(state).styles(torch.randn(20_000, W))
    assert torch.allclose(generator.mapping.w_avg, many.mean(dim=0), atol=0.1)
    assert not torch.allclose(generator.mapping.w_avg, torch.zeros(W), atol=0.1)
    again = load_generator(tmp_path / "a.pt")
    assert torch.equal(again.mapping.w_avg, generator.mapping.w_avg)


@torch.inference_mode()
def test_a_bare_state_is_read_and_half_precision_too(tmp_path):
    state = {name: tensor.half() for name, tensor in checkpoint().items()}
    generator = load_generator(saved(tmp_path / "a.pth", state))
    w = torch.randn(1, 8, W)
    picture = generator.synthesis(w)
    assert picture.dtype == torch.float32
    assert (picture - Plain({name: tensor.float() for name, tensor in state.items()}).picture(w)).abs().max() < 1e-3


@torch.inference_mode()
def test_it_can_be_saved_in_our_form(tmp_path):
    generator = load_generator(saved(tmp_path / "a.pt", {"g_ema": checkpoint()}))
    save_generator(generator, tmp_path / "ours")
    again, w = load_generator(tmp_path / "ours"), torch.randn(1, 8, W)
    assert torch.equal(again.synthesis(w), generator.synthesis(w))
    assert torch.equal(again.mapping.w_avg, generator.mapping.w_avg)


def test_the_file_is_free_when_it_is_read(tmp_path):
    """What is read stays what it is when the file is written over."""
    path = saved(tmp_path / "a.pt", {"g_ema": checkpoint()})
    generator = load_generator(path)
    before = generator.synthesis(torch.ones(1, 8, W))
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert torch.equal(generator.synthesis(torch.ones(1, 8, W)), before)


def test_each_kind_of_wrong_checkpoint_is_named(tmp_path):
    state = checkpoint()
    critic = {"convs.0.0.weight": torch.ones(2), "final_linear.0.weight": torch.ones(2)}
    assert "discriminator" in refused(saved(tmp_path / "d.pt", critic))
    assert "contains no StyleGAN2" in refused(saved(tmp_path / "other.pt", {"layer.weight": torch.ones(3)}))
    assert "contains no StyleGAN2" in refused(saved(tmp_path / "list.pt", [1, 2]))
    short = {name: tensor for name, tensor in state.items() if name != "convs.3.activate.bias"}
    assert "don't match each other" in refused(saved(tmp_path / "short.pt", {"g_ema": short}))
    wide = state | {"convs.2.conv.modulation.bias": torch.ones(99)}
    assert "don't match each other" in refused(saved(tmp_path / "wide.pt", {"g_ema": wide}))
    (tmp_path / "text.pt").write_text("no weights")
    assert "not a weights-only checkpoint" in refused(tmp_path / "text.pt")


@pytest.mark.parametrize("keep", [100, 20_000, -30])
def test_a_checkpoint_cut_off_is_named(tmp_path, keep):
    path = saved(tmp_path / "a.pt", {"g_ema": checkpoint()})
    path.write_bytes(path.read_bytes()[:keep])
    assert "it is incomplete" in refused(path)


class Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
def test_nothing_in_a_checkpoint_is_run(tmp_path, legacy):
    content = {"g_ema": checkpoint(), "args": Hostile(tmp_path / "ran")}
    assert "not a weights-only checkpoint" in refused(saved(tmp_path / "a.pt", content, legacy))
    content = {"g_ema": checkpoint(), "args": argparse.Namespace(inner=Hostile(tmp_path / "ran"))}
    assert "not a weights-only checkpoint" in refused(saved(tmp_path / "b.pt", content, legacy))
    assert not (tmp_path / "ran").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 30_000), value=st.integers(0, 255), legacy=st.booleans())
def test_a_damaged_byte_gives_a_sentence_or_a_generator(tmp_path, place, value, legacy):
    whole = tmp_path / f"{legacy}.whole"
    if not whole.exists():
        saved(whole, {"g_ema": checkpoint(), "args": argparse.Namespace(size=32)}, legacy)
    content = bytearray(whole.read_bytes())
    content[place if place < 15_000 else place - 30_000] = (
        value  # the names lie at the beginning, an archive's at its end
    )
    path = tmp_path / "damaged.pt"
    path.write_bytes(bytes(content))
    message = ""
    try:
        load_generator(path)
    except StudioError as error:
        message = error.message
    assert not message or str(path) in message

"""Generators in the wrappings of other programs: what opens gives the pictures of the plain form, all else is named."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.load.torch_file import read_torch_file
from studio.ml.nets.stylegan2 import Config, Generator
from tests.ml.load.test_gan import DATA, Saved, persistent, reconstructed
from tests.ml.load.test_rosinality import LAYERS, Plain, W, checkpoint

State = dict[str, Tensor]
CANARY = Path(tempfile.gettempdir()) / "TRIPTYCH_CANARY_EXECUTED"
LEGACY = pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])


def saved(path: Path, content: Any, legacy: bool = False) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def refused(path: Path) -> str:
    with pytest.raises(StudioError) as caught:
        load_generator(path)
    assert caught.value.trouble == "model_unusable"
    return caught.value.message


def own(**changes: Any) -> Generator:
    torch.manual_seed(0)
    fields = {"z_dim": 8, "w_dim": 8, "resolution": 16, "channels": (8, 8, 4), "mapping_layers": 2}
    generator = Generator(Config(**{**fields, **changes}))
    for name, tensor in generator.state_dict().items():
        if name.endswith(("noise_strength", "w_avg")):
            tensor.fill_(0.3)
    return generator


def alike(path: Path, generator: Generator, noise: Any = "const") -> bool:
    found, w = load_generator(path), torch.randn(1, generator.num_ws, generator.w_dim)
    same = torch.equal(found.mapping.w_avg, generator.mapping.w_avg)
    return same and torch.allclose(found.synthesis(w, noise), generator.synthesis(w, noise), atol=1e-5)


def as_modules(state: State) -> Saved:
    """The module that StyleGAN2-ADA would have had with this ``state``."""
    tensors = {name: tensor for name, tensor in state.items() if "." not in name}
    inside: dict[str, State] = {}
    for name, tensor in state.items():
        part, _, rest = name.partition(".")
        if rest:
            inside.setdefault(part, {})[rest] = tensor
    return Saved("Generator", tensors, **{part: as_modules(rest) for part, rest in inside.items()})


@torch.inference_mode()
@LEGACY
def test_a_generator_that_was_not_averaged_is_better_than_none(tmp_path: Path, legacy: bool) -> None:
    first, averaged, w = checkpoint(1), checkpoint(), torch.randn(1, 8, W)
    critic = {"convs.0.0.weight": torch.ones(2), "final_linear.0.weight": torch.ones(2)}
    for content, state in (
        ({"g": first, "g_optim": {}}, first),
        ({"g": first, "d": critic}, first),
        ({"g": first, "g_ema": averaged}, averaged),
        ({"generator": {"state_dict": first}}, first),
        ({f"module.{name}": tensor for name, tensor in first.items()}, first),
    ):
        found = load_generator(saved(tmp_path / "a.pt", content, legacy))
        assert (found.synthesis(w) - Plain(state).picture(w)).abs().max() < 1e-3


@torch.inference_mode()
@LEGACY
def test_the_decoder_of_an_encoder_is_read(tmp_path: Path, legacy: bool) -> None:
    state, average, w = checkpoint(), torch.randn(W), torch.randn(1, 8, W)
    inside = {"encoder.input.0.weight": torch.ones(4, 4), **{f"decoder.{name}": each for name, each in state.items()}}
    content = {"state_dict": inside, "latent_avg": average.repeat(8, 1), "opts": {"device": "cuda"}}
    found = load_generator(saved(tmp_path / "psp.pt", content, legacy))
    assert (found.synthesis(w) - Plain(state).picture(w)).abs().max() < 1e-3
    assert torch.allclose(found.mapping.w_avg, average)
    assert found.config.mapping_layers == LAYERS


@torch.inference_mode()
@pytest.mark.parametrize("name", ["sg2_64", "sg3t_128"])
def test_the_state_of_an_official_network_is_read(tmp_path: Path, name: str) -> None:
    network = load_generator(DATA / f"{name}.pkl")
    state = network.state_dict()
    w = torch.randn(1, network.num_ws, network.w_dim)
    for content in (
        state,
        {"G_ema": state, "G": {key: each * 0 for key, each in state.items()}},
        {"ema": {"g": state}},
    ):
        found = load_generator(saved(tmp_path / "a.pt", content))
        assert torch.allclose(found.synthesis(w), network.synthesis(w), atol=1e-5)
        assert torch.equal(found.mapping.w_avg, network.mapping.w_avg)


@torch.inference_mode()
@LEGACY
def test_a_module_that_torch_saved_is_read_and_not_run(tmp_path: Path, legacy: bool) -> None:
    CANARY.unlink(missing_ok=True)
    generator = own()
    with reconstructed():
        saved(tmp_path / "pti.pt", as_modules(generator.state_dict()), legacy)
    assert alike(tmp_path / "pti.pt", generator)
    assert alike(saved(tmp_path / "whole.pt", {"g_ema": own()}, legacy), generator)
    assert not CANARY.exists()


@torch.inference_mode()
def test_a_network_pickle_by_another_name_is_read(tmp_path: Path) -> None:
    generator = own()
    persistent(tmp_path / "a.pt", {"G_ema": as_modules(generator.state_dict())})
    assert alike(tmp_path / "a.pt", generator)
    assert alike(saved(tmp_path / "b.pkl", {"G_ema": generator.state_dict()}), generator)


@torch.inference_mode()
def test_what_a_fork_added_is_left_out_unless_it_is_a_layer(tmp_path: Path) -> None:
    generator = own()
    state = generator.state_dict()
    more = {**state, "synthesis.extra_scale": torch.ones(1), "synthesis.b8.conv0.grid": torch.ones(2, 2)}
    assert alike(persistent(tmp_path / "a.pkl", {"G_ema": as_modules(more)}), generator)
    layer = {**state, "synthesis.b8.attention.weight": torch.ones(4, 4)}
    message = refused(persistent(tmp_path / "b.pkl", {"G_ema": as_modules(layer)}))
    assert "a layer that no StyleGAN has: synthesis.b8.attention.weight" in message


@torch.inference_mode()
def test_a_generator_without_grain_is_read(tmp_path: Path) -> None:
    generator = own()
    bare = {name: tensor for name, tensor in generator.state_dict().items() if ".noise_" not in name}
    path = persistent(tmp_path / "a.pkl", {"G_ema": as_modules(bare)})
    assert alike(path, generator, "none")
    found, w = load_generator(path), torch.randn(1, 6, 8)
    assert torch.equal(found.synthesis(w, "random"), found.synthesis(w, "none"))


@torch.inference_mode()
def test_an_average_that_is_not_there_is_found(tmp_path: Path) -> None:
    generator = own()
    state = generator.state_dict()
    del state["mapping.w_avg"]
    found = load_generator(saved(tmp_path / "a.pt", state))
    many = generator.mapping.styles(torch.randn(20_000, 8)).mean(dim=0)
    assert torch.allclose(found.mapping.w_avg, many, atol=0.1)


@torch.inference_mode()
@pytest.mark.parametrize("base", [(4, 8), (5, 3)])
def test_pictures_are_as_wide_as_what_they_begin_with(tmp_path: Path, base: tuple[int, int]) -> None:
    generator = own(base=base)
    extent = (base[0] * 4, base[1] * 4)
    assert generator.synthesis(torch.zeros(1, 6, 8)).shape == (1, 3, *extent)
    save_generator(generator, tmp_path / "ours")
    pickled = persistent(tmp_path / "a.pkl", {"G_ema": as_modules(generator.state_dict())})
    for path in (pickled, saved(tmp_path / "b.pt", generator.state_dict()), tmp_path / "ours"):
        assert alike(path, generator)
        assert load_generator(path).extent == extent


@torch.inference_mode()
@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_transparent_pictures_are_read(tmp_path: Path, channels: int) -> None:
    generator = own(img_channels=channels)
    assert alike(persistent(tmp_path / "a.pkl", {"G_ema": as_modules(generator.state_dict())}), generator)


@pytest.mark.parametrize("channels", [2, 5, 12])
def test_pictures_that_nobody_can_show_are_named(tmp_path: Path, channels: int) -> None:
    state = own(img_channels=channels).state_dict()
    for path in (persistent(tmp_path / "a.pkl", {"G_ema": as_modules(state)}), saved(tmp_path / "b.pt", state)):
        assert f"its pictures have {channels} channels" in refused(path)


def test_networks_of_another_kind_are_named(tmp_path: Path) -> None:
    big = {"shared.weight": torch.ones(4, 4), "blocks.0.0.conv1.weight": torch.ones(4, 4)}
    assert "it is a BigGAN, which Triptych can't use" in refused(saved(tmp_path / "big.pth", big))
    waves = {**checkpoint(), "to_rgbs.0.iwt.ll": torch.ones(2, 2)}
    assert "it is a SWAGAN" in refused(saved(tmp_path / "waves.pt", {"g_ema": waves}))


@LEGACY
def test_what_torch_saved_is_read_whole(tmp_path: Path, legacy: bool) -> None:
    content = {
        "half": torch.arange(6, dtype=torch.float16).reshape(2, 3).t(),
        "empty": torch.zeros(0),
        "many": torch.ones(3, 3, dtype=torch.bfloat16),
        "shared": [torch.arange(9.0)[3:], {"flag": torch.tensor(True), "count": torch.tensor(7)}],
        "words": ("a", 1, None, {1, 2}),
    }
    found = read_torch_file(saved(tmp_path / "a.pt", content, legacy))
    assert torch.equal(found["half"], content["half"])
    assert found["empty"].shape == (0,)
    assert found["many"].dtype == torch.bfloat16
    assert torch.equal(found["shared"][0], torch.arange(3.0, 9.0))
    assert (found["shared"][1]["flag"].item(), found["shared"][1]["count"].item()) == (True, 7)
    assert found["words"][:3] == ("a", 1, None)


def test_an_archive_that_says_it_is_one_of_several_is_damaged(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"g_ema": checkpoint()})
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x06\x07") + 16
    data[place : place + 4] = (5).to_bytes(4, "little")
    path.write_bytes(data)
    assert "or it is damaged" in refused(path)

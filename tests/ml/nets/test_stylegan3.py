"""StyleGAN3 against the numbers of the public implementation, and where there are none, against what it promises."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.gan import load_generator
from studio.ml.nets.stylegan3 import Config, Generator, Signal, low_pass, signals

DATA = Path(__file__).parents[2] / "data" / "stylegan"
T_128 = Config(z_dim=64, w_dim=64, resolution=128, channels=(*[64] * 10, 57, 43, 32, 32))
SMALL = Config(z_dim=8, w_dim=8, resolution=32, channels=(16,) * 6)
ROUND = replace(SMALL, kernel=1, radial=True)


@pytest.fixture(scope="module")
def reference() -> Generator:
    return load_generator(DATA / "sg3t_128.pkl")


@pytest.fixture(scope="module")
def numbers() -> dict[str, np.ndarray]:
    with np.load(DATA / "sg3t_128.npz") as file:
        return dict(file)


def made_of(config: Config, seed: int = 0) -> Generator:
    torch.manual_seed(seed)
    return Generator(config).freeze()


def farthest(made: Tensor, expected: np.ndarray) -> float:
    return float(np.abs(made.numpy() - expected).max())


@torch.inference_mode()
@pytest.mark.parametrize(
    ("case", "psi", "cutoff"),
    [
        ("s0_psi1.0", 1.0, None),
        ("s0_psi0.7", 0.7, None),
        ("s1_psi0.7", 0.7, None),
        ("s0_psi0.0", 0.0, None),
        ("s0_psi0.5cut4", 0.5, 4),
    ],
)
def test_pictures_are_those_of_the_reference(reference, numbers, case, psi, cutoff):
    w = reference.mapping(torch.from_numpy(numbers[f"{case[:2]}_z"]), psi=psi, cutoff=cutoff)
    if cutoff is None:
        assert farthest(w, numbers[f"{case}_w"]) < 1e-4
    assert farthest(reference.synthesis(w), numbers[f"{case}_img"]) < 1e-3


@torch.inference_mode()
def test_the_picture_is_moved_as_in_the_reference(reference, numbers):
    w, moved = torch.from_numpy(numbers["s0_psi0.7_w"]), torch.from_numpy(numbers["transform"])
    assert farthest(reference.synthesis(w, transform=moved), numbers["s0_transform_img"]) < 1e-3
    each = reference.synthesis(w.expand(2, -1, -1), transform=torch.stack([torch.eye(3), moved]))
    assert farthest(each[0:1], numbers["s0_psi0.7_img"]) < 1e-3
    assert farthest(each[1:2], numbers["s0_transform_img"]) < 1e-3


def test_names_and_shapes_are_those_of_the_reference():
    with torch.device("meta"):
        ours = {f"{name} {tuple(value.shape)}" for name, value in Generator(T_128).state_dict().items()}
    lines = (DATA / "sg3t_128.keys.txt").read_text().splitlines()
    assert ours == {line.removesuffix(" torch.float32") for line in lines}


def strip_local_paths(kind: str, resolution: int) -> Config:
    """The published settings `stylegan3-t` and `stylegan3-r`: R has twice the channels."""
    more = 2 if kind == "r" else 1
    config = Config(512, 512, resolution, (1,) * 14, kernel=1 if more == 2 else 3, radial=more == 2)
    channels = [round(min(16384 * more / signal.cutoff, 512 * more)) for signal in signals(config)[:-1]]
    return replace(config, channels=tuple(channels))


@pytest.mark.parametrize(
    ("kind", "channels"),
    [
        ("t", (512, 512, 512, 512, 512, 512, 512, 323, 203, 128, 81, 51, 32, 32)),
        ("r", (1024, 1024, 1024, 1024, 1024, 1024, 1024, 645, 406, 256, 161, 102, 64, 64)),
    ],
)
def test_the_published_networks_have_these_layers(kind, channels):
    """Their names as in the published 1024 px networks, which hold no numbers here."""
    with torch.device("meta"):
        state = Generator(strip_local_paths(kind, 1024)).state_dict()
    sizes = (36, 36, 52, 52, 84, 148, 148, 276, 276, 532, 1044, 1044, 1044, 1024)
    names = [f"L{i}_{size}_{count}" for i, (size, count) in enumerate(zip(sizes, channels, strict=True))]
    assert [name.split(".")[1] for name in state if name.endswith(".magnitude_ema")] == [*names, "L14_1024_3"]
    edge = 3 if kind == "t" else 1
    filters = {1: {(12, 12), (12,)}, 3: {(12,)}}[edge]
    for name, outputs, inputs in zip(names, channels, (channels[0], *channels), strict=False):
        assert state[f"synthesis.{name}.weight"].shape == (outputs, inputs, edge, edge)
        assert tuple(state[f"synthesis.{name}.down_filter"].shape) in filters
    assert state["synthesis.L0_36_1024.down_filter" if edge == 1 else "synthesis.L0_36_512.down_filter"].ndim == (
        2 if edge == 1 else 1
    )
    assert state[f"synthesis.{names[-1]}.down_filter"].ndim == 1  # the last two layers, critically sampled
    assert state["synthesis.L14_1024_3.weight"].shape == (3, channels[-1], 1, 1)


def test_filters_are_those_of_the_reference(reference):
    state = reference.state_dict()
    fresh = Generator(T_128).state_dict()
    names = [name for name in fresh if name.endswith("_filter")]
    assert len(names) == 28
    assert max(float((state[name] - fresh[name]).abs().max()) for name in names) < 1e-6


@pytest.mark.parametrize(
    ("signal", "taps", "rate", "half"),
    [  # scipy.signal.firwin(taps, cutoff, width=2 * slope, fs=rate)
        (Signal(2.0, 6.0, 16, 36), 12, 32, [0.0007919, 0.01001832, 0.03894952, 0.09241279, 0.15652562, 0.20130185]),
        (
            Signal(10.0, 2.2, 32, 52), 12, 64,
            [-0.04935407, -0.07467455, -0.02912436, 0.08910844, 0.23297682, 0.33106772],
        ),
    ],
)  # fmt: skip
def test_a_filter_for_one_axis_is_scipys(signal, taps, rate, half):
    made = low_pass(taps, signal, rate)
    assert torch.allclose(made, torch.tensor([*half, *half[::-1]]), atol=1e-6)


def test_a_radial_filter_is_the_jinc_in_kaisers_window():
    """Rows computed with scipy.special.j1, scipy.signal.kaiser_atten and kaiser_beta."""
    one = low_pass(12, Signal(2.0, 6.0, 16, 36), 32, radial=True)
    row = [0.00020526, 0.00227863, 0.00819805, 0.01854216, 0.03053336, 0.03875489]
    assert torch.allclose(one[5], torch.tensor([*row, *row[::-1]]), atol=1e-7)
    other = low_pass(12, Signal(10.0, 2.2, 32, 52), 64, radial=True)
    row = [-0.00556589, -0.01172881, -0.01245531, -0.00680054, 0.00199418, 0.00845177]
    assert torch.allclose(other[2], torch.tensor([*row, *row[::-1]]), atol=1e-7)


def test_a_radial_filter_is_alike_in_all_directions():
    """What it leaves of a wave depends on the frequency; filters for each axis leave more on the diagonal."""
    signal = Signal(10.0, 2.2, 32, 52)
    place = (torch.arange(12) - 5.5) / 64

    def left(kernel: Tensor, degrees: float) -> float:
        angle = torch.deg2rad(torch.tensor(degrees))
        wave = 2 * math.pi * 10 * (place[:, None] * torch.sin(angle) + place * torch.cos(angle))
        return float((kernel * torch.cos(wave)).sum())

    round_, row = low_pass(12, signal, 64, radial=True), low_pass(12, signal, 64)
    spread = [max(map(left, [kernel] * 4, (0, 15, 30, 45))) - min(map(left, [kernel] * 4, (0, 15, 30, 45)))
              for kernel in (round_, torch.outer(row, row))]  # fmt: skip
    assert spread[0] < spread[1] / 3


def similarity(one: Tensor, other: Tensor) -> float:
    """PSNR in dB inside the circle that a turn leaves in the picture."""
    size = one.shape[-1]
    edge = torch.linspace(-1, 1, size)
    inside = edge[:, None] ** 2 + edge**2 < 0.8**2
    error = (one - other)[..., inside].square().mean()
    return float(10 * torch.log10((one.amax() - one.amin()) ** 2 / error))


def turn(degrees: float) -> Tensor:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def turned(image: Tensor, matrix: Tensor) -> Tensor:
    """`image` moved as pixels are, with the corners left out of account."""
    grid = F.affine_grid(torch.linalg.inv(matrix)[None, :2], list(image.shape), align_corners=False)
    return F.grid_sample(image, grid, mode="bicubic", align_corners=False)


@torch.inference_mode()
def test_r_follows_a_turn_and_t_does_not():
    found = {}
    for name, config in {"t": SMALL, "r": ROUND}.items():
        each = []
        for seed in range(3):
            generator = made_of(config, seed)
            w = generator.mapping(torch.randn(1, 8))
            each.append(
                similarity(turned(generator.synthesis(w), turn(30)), generator.synthesis(w, transform=turn(30)))
            )
        found[name] = float(np.mean(each))
    assert found["r"] > 50  # dB; measured 60, and 26 for T
    assert found["r"] > found["t"] + 20


@torch.inference_mode()
@pytest.mark.parametrize("config", [SMALL, ROUND], ids=["t", "r"])
def test_both_follow_a_shift(config):
    generator = made_of(config)
    w = generator.mapping(torch.randn(1, 8))
    shift = torch.eye(3)
    shift[0, 2], shift[1, 2] = 4 / 32, 2 / 32  # to the right and down, in whole pixels of every layer
    before, after = generator.synthesis(w), generator.synthesis(w, transform=shift)
    inner = (before[..., 4:-10, 4:-10], after[..., 6:-8, 8:-6])
    spread = float(before.amax() - before.amin())
    assert float((inner[0] - inner[1]).abs().max()) < 0.02 * spread


def test_a_transform_that_flattens_the_picture_is_refused():
    generator = made_of(SMALL)
    with pytest.raises(StudioError, match="flattens"):
        generator.synthesis(generator.mapping(torch.randn(1, 8)), transform=torch.zeros(3, 3))


def test_classes_change_the_picture():
    generator = made_of(replace(SMALL, c_dim=3))
    z, classes = torch.randn(1, 8), torch.eye(3)
    first, second = (generator.mapping(z, classes[i : i + 1]) for i in (0, 1))
    assert torch.equal(generator.mapping(z), first)
    assert not torch.allclose(generator.synthesis(first), generator.synthesis(second), atol=1e-4)


def test_there_is_no_noise():
    generator = made_of(SMALL)
    w = generator.mapping(torch.randn(1, 8))
    still = generator.synthesis(w, "none")
    assert torch.equal(still, generator.synthesis(w, "random", strength=5.0))


@pytest.mark.parametrize("config", [SMALL, ROUND], ids=["t", "r"])
def test_a_batch_gives_the_same_pictures_as_one_by_one(config):
    generator = made_of(config)
    w = generator.mapping(torch.randn(3, 8))
    both = generator.synthesis(w)
    assert both.shape == (3, 3, 32, 32)
    for i in range(3):
        assert torch.allclose(both[i : i + 1], generator.synthesis(w[i : i + 1]), atol=1e-5)


@pytest.mark.parametrize("config", [SMALL, ROUND], ids=["t", "r"])
def test_frozen_and_learning_generators_agree_and_every_weight_learns(config):
    torch.manual_seed(0)
    generator = Generator(config)
    w = generator.mapping(torch.randn(2, 8))
    before = generator.synthesis(w)
    before.square().mean().backward()
    assert all(parameter.grad is not None for parameter in generator.parameters())
    assert torch.allclose(before, generator.freeze().synthesis(w), atol=1e-5)


def test_the_layers_that_take_a_style_are_told():
    generator = made_of(SMALL)
    told = generator.styled()
    assert [place for place, _ in told] == list(range(generator.num_ws))
    assert all(generator.get_submodule(name).affine.weight.shape[1] == 8 for _, name in told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"critical": 6},
        {"resolution": 48},
        {"first_cutoff": 20.0},
        {"first_stopband": 1.0},
        {"first_stopband": 100.0},
        {"last_stopband": 0.5},
        {"last_stopband": float("nan")},
        {"first_cutoff": 1e-6, "first_stopband": 1e-5},
        {"first_cutoff": 0.1, "first_stopband": 0.2, "critical": 5},
    ],
)
def test_settings_that_no_network_has_are_refused(wrong):
    with pytest.raises(ValueError):
        replace(SMALL, **wrong)

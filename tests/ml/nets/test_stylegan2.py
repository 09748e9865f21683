"""StyleGAN2 against the numbers of the public implementation, and against its definition where there are none."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.load.gan import load_generator
from studio.ml.nets.generator import Mapping, modulated_conv2d
from studio.ml.nets.stylegan2 import Config, Generator, blur_filter, modulated_conv2d_up, upsample

DATA = Path(__file__).parents[2] / "data" / "stylegan"
SMALL = Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 4), mapping_layers=2)


@pytest.fixture(scope="module")
def reference() -> Generator:
    return load_generator(DATA / "sg2_64.pkl")


@pytest.fixture(scope="module")
def numbers() -> dict[str, np.ndarray]:
    with np.load(DATA / "sg2_64.npz") as file:
        return dict(file)


def farthest(made: Tensor, expected: np.ndarray) -> float:
    return float(np.abs(made.numpy() - expected).max())


@torch.inference_mode()
@pytest.mark.parametrize(
    ("case", "psi", "cutoff", "noise"),
    [
        ("s0_psi1.0_img", 1.0, None, "const"),
        ("s0_psi0.7_img", 0.7, None, "const"),
        ("s1_psi0.7_img", 0.7, None, "const"),
        ("s0_psi0.0_img", 0.0, None, "const"),
        ("s0_psi0.7_none", 0.7, None, "none"),
        ("s1_psi0.7_none", 0.7, None, "none"),
        ("s0_psi0.5cut4_img", 0.5, 4, "const"),
        ("s1_psi0.5cut4_img", 0.5, 4, "const"),
    ],
)
def test_pictures_are_those_of_the_reference(reference, numbers, case, psi, cutoff, noise):
    z = torch.from_numpy(numbers[f"{case[:2]}_z"]).float()
    w = reference.mapping(z, psi=psi, cutoff=cutoff)
    if f"{case[:9]}_w" in numbers and cutoff is None:
        assert farthest(w, numbers[f"{case[:9]}_w"]) < 1e-4
    assert farthest(reference.synthesis(w, noise=noise), numbers[case]) < 1e-3


def test_a_batch_gives_the_same_pictures_as_one_by_one(reference, numbers):
    z = torch.from_numpy(np.concatenate([numbers["s0_z"], numbers["s1_z"]])).float()
    both = reference.synthesis(reference.mapping(z, psi=0.7))
    for i in (0, 1):
        assert farthest(both[i : i + 1], numbers[f"s{i}_psi0.7_img"]) < 1e-3


def test_classes_are_mapped_as_in_the_reference():
    with np.load(DATA / "sg2_128_cond_mapping.npz") as file:
        known = dict(file)
    mapping = Mapping(Config(z_dim=128, w_dim=128, resolution=128, channels=(128, 128, 128, 128, 64, 32), c_dim=5))
    state = {name.removeprefix("mapping."): torch.from_numpy(known[name]) for name in known if name[0] == "m"}
    mapping.load_state_dict(state)
    for seed in (0, 1):
        z, c = torch.from_numpy(known[f"s{seed}_z"]).float(), torch.eye(5)[seed : seed + 1]
        for psi in (0.0, 0.7):
            assert farthest(mapping(z, c, psi).detach(), known[f"s{seed}_psi{psi}_w"]) < 1e-4


def test_no_class_means_the_first():
    mapping = Mapping(Config(z_dim=8, w_dim=8, resolution=8, channels=(8, 8), c_dim=3))
    z = torch.randn(2, 8)
    assert torch.equal(mapping(z), mapping(z, torch.eye(3)[[0, 0]]))


@pytest.mark.parametrize("case", ["sg2_64", "sg2_128_cond"])
def test_names_and_shapes_are_those_of_the_reference(case):
    config = Config(z_dim=64, w_dim=64, resolution=64, channels=(64, 64, 64, 64, 32), mapping_layers=2)
    if case == "sg2_128_cond":
        config = Config(z_dim=128, w_dim=128, resolution=128, channels=(128, 128, 128, 128, 64, 32), c_dim=5)
    with torch.device("meta"):
        ours = {f"{name} {tuple(value.shape)}" for name, value in Generator(config).state_dict().items()}
    lines = (DATA / f"{case}.keys.txt").read_text().splitlines()
    assert ours == {line.removesuffix(" torch.float32") for line in lines}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("height", "width"), [(5, 7), (2, 1)])
def test_scaled_features_and_scaled_weights_are_the_same(count, height, width):
    """However `widened` and `modulated` bring in the factors, each picture has weights of its own by definition."""
    x, weight, bias = torch.randn(count, 3, height, width), torch.randn(4, 3, 3, 3), torch.randn(4)
    style, factor, blur = torch.randn(count, 3), torch.randn(count, 4), torch.rand(4, 4)
    wide, plain = [], []
    for i in range(count):
        own = weight * style[i, :, None, None] * factor[i, :, None, None, None]
        z = F.conv_transpose2d(x[i : i + 1], own.transpose(0, 1), stride=2)
        wide.append(F.conv2d(F.pad(z, (1, 1, 1, 1)), blur.expand(4, 1, 4, 4), bias, groups=4))
        plain.append(F.conv2d(x[i : i + 1], own, bias, padding=1))
    made = modulated_conv2d_up(x, weight.transpose(0, 1), blur.expand(4, 1, 4, 4), style, factor, bias)
    assert made.shape == (count, 4, 2 * height, 2 * width)
    assert torch.allclose(made, torch.cat(wide), atol=1e-4)
    assert torch.allclose(modulated_conv2d(x, weight, style, factor, bias, 1), torch.cat(plain), atol=1e-4)


def test_upsampling_is_zeros_between_pixels_and_a_filter():
    x, blur = torch.randn(2, 3, 5, 7), torch.rand(4, 4)
    wide = torch.zeros(2, 3, 10, 14)
    wide[..., ::2, ::2] = x
    expected = F.conv2d(F.pad(wide, (2, 1, 2, 1)), (blur * 4).flip(0, 1).expand(3, 1, 4, 4), groups=3)
    assert torch.allclose(upsample(x, blur), expected, atol=1e-5)


def test_upsampling_keeps_an_even_picture_even():
    big = upsample(torch.full((1, 3, 8, 8), 0.5), blur_filter())
    assert big.shape == (1, 3, 16, 16)
    assert torch.allclose(big[..., 2:-2, 2:-2], torch.tensor(0.5))


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_frozen_and_learning_generators_agree(architecture):
    generator = Generator(Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 4), architecture=architecture))
    w = generator.mapping(torch.randn(2, 8))
    before = generator.synthesis(w)
    after = generator.freeze().synthesis(w)
    assert before.shape == (2, 3, 16, 16)
    assert torch.allclose(before, after, atol=1e-4)


def test_freezing_does_not_outlive_a_change_of_the_weights():
    generator = Generator(SMALL).freeze()
    w = generator.mapping(torch.randn(1, 8))
    before = generator.synthesis(w)
    generator.train().requires_grad_(True)
    with torch.no_grad():
        generator.synthesis.b8.conv0.weight.add_(1)
    assert not torch.allclose(before, generator.synthesis(w))


def test_frozen_kernels_are_not_saved():
    generator = Generator(SMALL)
    assert set(generator.state_dict()) == set(generator.freeze().state_dict())


def test_every_weight_learns():
    generator = Generator(SMALL)
    generator.synthesis(generator.mapping(torch.randn(2, 8))).square().mean().backward()
    assert all(parameter.grad is not None for parameter in generator.parameters())


def test_random_noise_is_new_each_time_and_constant_noise_is_not():
    generator = Generator(SMALL).freeze()
    generator.synthesis.b16.conv1.noise_strength.fill_(1.0)
    w = generator.mapping(torch.randn(1, 8))
    assert torch.equal(generator.synthesis(w, "const"), generator.synthesis(w, "const"))
    assert torch.equal(generator.synthesis(w, "none"), generator.synthesis(w, "none"))
    assert not torch.equal(generator.synthesis(w, "random"), generator.synthesis(w, "random"))
    assert not torch.equal(generator.synthesis(w, "const"), generator.synthesis(w, "none"))


def test_strength_is_a_factor_on_the_noise():
    generator = Generator(SMALL).freeze()
    generator.synthesis.b16.conv1.noise_strength.fill_(1.0)
    w = generator.mapping(torch.randn(1, 8))
    assert torch.equal(generator.synthesis(w, strength=0.0), generator.synthesis(w, "none"))
    double = generator.synthesis(w, strength=2.0)
    assert not torch.allclose(double, generator.synthesis(w))
    generator.synthesis.b16.conv1.noise_strength.fill_(2.0)
    assert torch.equal(double, generator.synthesis(w))


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_the_layers_that_take_a_style_are_told(architecture):
    """Changing a style changes what its layers are given, and that of no other."""
    generator = Generator(Config(8, 8, 16, (8, 8, 4), architecture=architecture)).freeze()
    told = generator.styled()
    assert {place for place, _ in told} == set(range(generator.num_ws))
    w, got = torch.randn(1, generator.num_ws, 8), {}
    for _, name in told:
        affine = generator.get_submodule(name).affine
        affine.register_forward_hook(lambda module, given, made, name=name: got.__setitem__(name, given[0]))
    generator.synthesis(w)
    assert got.keys() == {name for _, name in told}
    assert all(torch.equal(got[name], w[:, place]) for place, name in told)


def test_truncation_at_zero_is_the_average():
    mapping = Mapping(SMALL)
    mapping.w_avg.normal_()
    w = mapping(torch.randn(3, 8), psi=0)
    assert torch.allclose(w, mapping.w_avg.expand(3, SMALL.num_ws, 8))


def test_clamp_bounds_what_a_layer_gives():
    config = Config(z_dim=8, w_dim=8, resolution=8, channels=(8, 8), clamp=0.01)
    generator = Generator(config).freeze()
    assert generator.synthesis(generator.mapping(torch.randn(1, 8))).abs().max() <= 0.03


def test_stylegan2_does_not_turn_pictures():
    generator = Generator(SMALL)
    with pytest.raises(StudioError, match="StyleGAN3"):
        generator.synthesis(generator.mapping(torch.randn(1, 8)), transform=torch.eye(3))

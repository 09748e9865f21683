"""A look inside a generator: which layers it has, what comes out of them, and what scaling a channel does."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.activations import draw_activations, record_activations, scale_channels
from studio.ml.nets import stylegan3
from studio.ml.nets.stylegan2 import Config, Generator


class Scale(NamedTuple):
    layer: str
    channel: int
    factor: float


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator(Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 6, 4), mapping_layers=2)).freeze()


@pytest.fixture(scope="module")
def w(generator: Generator) -> Tensor:
    return generator.mapping(torch.randn(2, 8, generator=torch.Generator().manual_seed(1)))


def test_all_layers_are_told_in_order(generator: Generator, w: Tensor) -> None:
    with record_activations(generator, "b8.conv1") as seen:
        generator.synthesis(w)
    assert [tuple(layer) for layer in seen.layers] == [
        ("b4.conv1", 8, 4, 4),
        ("b4.torgb", 3, 4, 4),
        ("b8.conv0", 6, 8, 8),
        ("b8.conv1", 6, 8, 8),
        ("b8.torgb", 3, 8, 8),
        ("b16.conv0", 4, 16, 16),
        ("b16.conv1", 4, 16, 16),
        ("b16.torgb", 3, 16, 16),
    ]
    assert seen.number == 3


def test_the_channels_are_what_the_layer_gave(generator: Generator, w: Tensor) -> None:
    with record_activations(generator, "b4.conv1") as seen:
        generator.synthesis(w)
    block = generator.synthesis.b4
    expected = block.conv1(block.const[None], w[:1, 0], "const", 1.0)[0]
    assert torch.allclose(seen.channels, expected, atol=1e-5)


def test_without_a_name_it_is_a_layer_in_the_middle(generator: Generator, w: Tensor) -> None:
    for name in ("", "b9000.conv7"):
        with record_activations(generator, name) as seen:
            generator.synthesis(w)
        assert seen.layers[seen.number].name == "b16.conv0"


def test_a_scaled_channel_is_scaled_and_no_other(generator: Generator, w: Tensor) -> None:
    with scale_channels(generator, [Scale("b4.conv1", 2, 3.0)]), record_activations(generator, "b4.conv1") as seen:
        made = generator.synthesis(w)
    with record_activations(generator, "b4.conv1") as before:
        plain = generator.synthesis(w)
    assert torch.allclose(seen.channels[2], 3 * before.channels[2], atol=1e-5)
    others = [0, 1, 3, 4, 5, 6, 7]
    assert torch.equal(seen.channels[others], before.channels[others])
    assert not torch.allclose(made, plain, atol=1e-3)


def test_no_scaling_outlives_its_block(generator: Generator, w: Tensor) -> None:
    plain = generator.synthesis(w)
    with pytest.raises(ZeroDivisionError), scale_channels(generator, [Scale("b8.conv0", 0, 0.0)]):
        raise ZeroDivisionError
    assert torch.equal(generator.synthesis(w), plain)
    with scale_channels(generator, [Scale("b8.conv0", 0, 1.0)]):
        assert torch.equal(generator.synthesis(w), plain)


def test_a_last_layer_without_its_channels_gives_grey(generator: Generator, w: Tensor) -> None:
    scales = [Scale(f"b{size}.torgb", channel, 0.0) for size in (4, 8, 16) for channel in range(3)]
    with scale_channels(generator, scales):
        assert not generator.synthesis(w).any()


def test_a_stylegan3_is_looked_into_the_same_way() -> None:
    torch.manual_seed(0)
    generator = stylegan3.Generator(stylegan3.Config(z_dim=8, w_dim=8, resolution=32, channels=(16,) * 6)).freeze()
    w = generator.mapping(torch.randn(1, 8))
    with record_activations(generator, "input") as seen:
        plain = generator.synthesis(w)
    names = [layer.name for layer in seen.layers]
    assert names == ["input", *generator.synthesis.names]
    assert seen.channels.shape == (16, *seen.layers[0][2:])
    assert seen.layers[-1].channels == 3
    with scale_channels(generator, [Scale(names[2], 5, 0.0)]), record_activations(generator, names[3]) as seen:
        made = generator.synthesis(w)
    assert not torch.allclose(made, plain, atol=1e-3)


@pytest.mark.parametrize("scale", [Scale("b4.conv7", 0, 1.0), Scale("b8.conv1", 6, 1.0)])
def test_a_channel_that_is_not_there_is_refused(generator: Generator, w: Tensor, scale: Scale) -> None:
    with pytest.raises(StudioError, match="no channel"), scale_channels(generator, [scale]):
        generator.synthesis(w)


def test_each_channel_goes_from_dark_to_light() -> None:
    ramp = torch.linspace(-3, 9, 100).view(1, 10, 10)
    flat = torch.full((1, 10, 10), 5.0)
    pictures = draw_activations(torch.cat([ramp, 100 * ramp, flat]), 64)
    assert pictures.shape == (3, 3, 10, 10)
    light = pictures[0].mean(dim=0).flatten()
    assert bool((light.diff() > 0).all())
    assert light[0] < -0.8
    assert light[-1] > 0.7
    assert torch.allclose(pictures[0], pictures[1], atol=1e-4)
    assert torch.allclose(pictures[2], pictures[0, :, 0, 0][:, None, None].expand(3, 10, 10), atol=1e-6)


@pytest.mark.parametrize(("size", "shown"), [(64, 64), (65, 33), (256, 64), (4, 4)])
def test_large_channels_are_shown_smaller(size: int, shown: int) -> None:
    assert draw_activations(torch.rand(2, size, size), 64).shape == (2, 3, shown, shown)

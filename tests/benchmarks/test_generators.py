"""A frame of a generator, against its bare convolutions and matrix products: no styles, no noise, no activations."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

import studio.ml  # noqa: F401  before torch, as in the engine: it says how torch's threads wait
from tests.benchmarks.conftest import Table

pytestmark = pytest.mark.timeout(900)
PAIRS = 25
Work = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def channels_at(size: float) -> int:
    """Those of StyleGAN2's config F, a quarter as many, and at most half: a frame of 512 px in a tenth of a second."""
    return round(min(8192 / size, 256))


def products(config: Any, layers: list[int]) -> list[Work]:
    """The mapping's matrices, and for each layer the one that makes a style for its inputs."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    sizes = [(config.w_dim, config.w_dim)] * config.mapping_layers + [(inputs, config.w_dim) for inputs in layers]
    return [
        (F.linear, (torch.randn(1, inner), torch.randn(outer, inner), torch.randn(outer)), {}) for outer, inner in sizes
    ]


def convolution(inputs: int, outputs: int, size: int, edge: int, **options: Any) -> Work:
    """As torch is fastest with it: pixel by pixel in memory."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    groups, transposed = options.get("groups", 1), options.pop("transposed", False)
    x = torch.randn(1, inputs, size, size).contiguous(memory_format=torch.channels_last)
    shape = (inputs, outputs // groups) if transposed else (outputs, inputs // groups)
    kernel = torch.randn(*shape, *options.pop("shape", (edge, edge)))
    if groups == 1:
        kernel = kernel.contiguous(memory_format=torch.channels_last)
    return F.conv_transpose2d if transposed else F.conv2d, (x, kernel), options


def bare_stylegan2(config: Any) -> list[Work]:
    """What StyleGAN2 multiplies; a layer that doubles the size is a transposed convolution and a blur."""
    work: list[Work] = []
    styled: list[int] = []
    before = 0
    for place, channels in enumerate(config.channels):
        size = 4 << place
        if before:
            work.append(convolution(before, channels, size // 2, 3, transposed=True, stride=2))
            work.append(convolution(channels, channels, size + 1, 4, padding=1, groups=channels))
            work.append(convolution(3, 3, size // 2, 4, transposed=True, stride=2, padding=1, groups=3))
            styled.append(before)
        work.append(convolution(channels, channels, size, 3, padding=1))
        work.append(convolution(channels, 3, size, 1))
        styled += [channels, channels]
        before = channels
    return products(config, styled) + work


def bare_stylegan3(config: Any) -> list[Work]:
    """What StyleGAN3-T multiplies: convolutions, and filters along each axis up and down."""
    from studio.ml.nets.stylegan3 import signals

    plan, channels = signals(config), config.channels
    work: list[Work] = []
    for place, outputs in enumerate(channels):
        before, after, inputs = plan[max(place - 1, 0)], plan[place], channels[max(place - 1, 0)]
        work.append(convolution(inputs, outputs, before.size, 3, padding=2))
        rate = 2 * max(before.rate, after.rate)
        up, down, wide = rate // before.rate, rate // after.rate, before.size + 2
        middle = (after.size - 1) * down + 6 * down
        crop = ((wide - 1) * up + 6 * up - middle) // 2
        for size, shape, stride, padding in (
            ((wide, wide), (1, 6 * up), (1, up), (0, crop)), ((wide, middle), (6 * up, 1), (up, 1), (crop, 0)),
        ):  # fmt: skip
            work.append(filtering(outputs, size, shape, stride=stride, padding=padding, transposed=True))
        for size, shape, stride in (((middle, middle), (1, 12), (1, down)), ((middle, after.size), (12, 1), (down, 1))):
            work.append(filtering(outputs, size, shape, stride=stride))
    work.append(convolution(channels[-1], 3, plan[-1].size, 1))
    return products(config, [4, channels[0], *channels]) + work


def filtering(channels: int, size: tuple[int, int], shape: tuple[int, int], **options: Any) -> Work:
    """Each channel for itself."""
    import torch

    function, (x, kernel), options = convolution(channels, channels, 1, 1, shape=shape, groups=channels, **options)
    x = torch.randn(1, channels, *size).contiguous(memory_format=torch.channels_last)
    return function, (x, kernel), options


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compared(generator: Any, bare: list[Work]) -> tuple[float, float, float]:
    """Milliseconds of a frame and of the bare work, and the ratio: medians of pairs, which are disturbed together."""
    import torch

    torch.set_num_threads(1)  # with more, what else runs on the machine decides: they wait for each other
    z = torch.randn(1, generator.z_dim)

    def multiply() -> None:
        for function, given, options in bare:
            function(*given, **options)

    def frame() -> None:
        generator.synthesis(generator.mapping(z, psi=0.7))

    with torch.inference_mode():
        pairs = [(seconds(frame), seconds(multiply)) for _ in range(PAIRS + 3)][3:]
    ours, peer = (median(each) * 1000 for each in zip(*pairs, strict=True))
    return ours, peer, median(own / other for own, other in pairs)


@pytest.mark.parametrize("edge", [64, 128, 256, 512])
def test_a_frame_costs_little_more_than_its_convolutions(table: Table, edge: int) -> None:
    from studio.ml.nets.stylegan2 import Config, Generator

    channels = tuple(channels_at(4 << place) for place in range(edge.bit_length() - 2))
    generator = Generator(Config(512, 512, edge, channels, clamp=256.0)).freeze()
    ours, peer, ratio = compared(generator, bare_stylegan2(generator.config))
    table.add(
        f"a frame of StyleGAN2, {edge} px", f"{ours:.1f} ms, {ratio:.2f}×", f"{peer:.1f} ms, bare products", "1.3×",
        ratio / 1.3,
    )  # fmt: skip
    table.check()


@pytest.mark.parametrize("edge", [64, 128, 256])
def test_a_frame_of_stylegan3(table: Table, edge: int) -> None:
    from dataclasses import replace

    from studio.ml.nets.stylegan3 import Config, Generator, signals

    config = Config(512, 512, edge, (1,) * 14)
    config = replace(config, channels=tuple(min(128, channels_at(2 * each.cutoff)) for each in signals(config)[:-1]))
    ours, peer, ratio = compared(Generator(config).freeze(), bare_stylegan3(config))
    table.add(
        f"a frame of StyleGAN3-T, {edge} px", f"{ours:.1f} ms, {ratio:.2f}×", f"{peer:.1f} ms, bare products", "1.3×",
        ratio / 1.3,
    )  # fmt: skip
    table.check()

"""StyleGAN2's residual discriminator in plain PyTorch, twice differentiable as gradient penalties need it.

After Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), with one thing made cheaper: where
the paper blurs with four taps and then takes every second pixel, this averages each 2x2 cell. Together with the
preceding 3x3 convolution that is one 4x4 convolution with stride two, at less than half the cost.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from studio.core.override import override
from studio.ml.nets.generator import Linear, lrelu

GROUP = 4
"""Group size of the minibatch standard deviation."""


class Convolution(nn.Module):
    """A convolution with scaled weights; `down` halves the size after it."""

    def __init__(self, inputs: int, outputs: int, size: int, down: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.gain, self.down = 1 / math.sqrt(inputs * size * size), down

    @override
    def forward(self, x: Tensor) -> Tensor:  # [N, inputs, H, W] -> [N, outputs, H or H/2, W or W/2]
        kernel = self.weight * self.gain
        if self.down and kernel.shape[-1] == 1:
            return F.conv2d(F.avg_pool2d(x, 2), kernel, self.bias)
        if self.down:
            return F.conv2d(x, blur_kernel(kernel), self.bias, stride=2, padding=1)
        return F.conv2d(x, kernel, self.bias, padding=kernel.shape[-1] // 2)


def blur_kernel(kernel: Tensor) -> Tensor:
    """[O, I, 3, 3] -> [O, I, 4, 4]: with stride two, the mean over 2x2 cells of the kernel's output."""
    return sum((F.pad(kernel, (x, 1 - x, y, 1 - y)) for x in (0, 1) for y in (0, 1)), torch.zeros(())) / 4


class Block(nn.Module):
    """A residual block that halves the resolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv0 = Convolution(inputs, inputs, 3)
        self.conv1 = Convolution(inputs, outputs, 3, down=True)
        self.skip = Convolution(inputs, outputs, 1, down=True, bias=False)

    @override
    def forward(self, x: Tensor) -> Tensor:
        half = math.sqrt(0.5)
        shortcut: Tensor = self.skip(x)
        return shortcut * half + lrelu(self.conv1(lrelu(self.conv0(x))), half)


def minibatch_std(x: Tensor) -> Tensor:
    """[N, 1, H, W]: the standard deviation within each group. It reveals a generator that makes only one picture."""
    group = math.gcd(GROUP, len(x))
    grouped = x.view(group, -1, *x.shape[1:])  # [G, N/G, C, H, W]
    different = (grouped.var(dim=0, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))  # [N/G]
    return different.repeat(group).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])


class Discriminator(nn.Module):
    """Scores [N], high for real ones, of pictures [N, 3, H, W] in [-1, 1]; `channels` at 4, 8, ... pixels."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        down = channels[::-1]
        self.from_rgb = Convolution(3, down[0], 1)
        self.blocks = nn.ModuleList(Block(a, b) for a, b in pairwise(down))
        self.conv = Convolution(channels[0] + 1, channels[0], 3)
        self.hidden = Linear(channels[0] * 16, channels[0])
        self.score = Linear(channels[0], 1)

    @override
    def forward(self, x: Tensor) -> Tensor:
        x = lrelu(self.from_rgb(x))
        for block in self.blocks:
            x = block(x)
        x = lrelu(self.conv(torch.cat([x, minibatch_std(x)], dim=1)))
        scores: Tensor = self.score(lrelu(self.hidden(x.flatten(1))))
        return scores.squeeze(1)

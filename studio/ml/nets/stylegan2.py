"""StyleGAN2's generator in plain PyTorch, with the parameter names of the StyleGAN2-ADA files.

After Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020). How styles and demodulation factors
get into a convolution without a pass over its features is explained in `generator`; features are `channels_last`, which
is fastest for convolutions and blur on a CPU.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from msgspec import Meta
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.override import override
from studio.core.text import tr
from studio.ml.nets import generator
from studio.ml.nets.generator import GAIN, Freezing, Linear, Noise, leaky_relu_, modulated_conv2d, to_rgb

Architecture = Literal["skip", "resnet", "orig"]
Side = Annotated[int, Meta(ge=1, le=64)]


@dataclass(frozen=True)
class Config(generator.Config):
    """`channels` are the feature maps at 4, 8, ... `resolution` pixels."""

    channels: Annotated[tuple[Annotated[int, Meta(ge=1, le=16384)], ...], Meta(min_length=1, max_length=11)]
    architecture: Architecture = "skip"
    clamp: float | None = None
    base: tuple[Side, Side] = (4, 4)
    """Height and width of the constant input; pictures have its aspect ratio."""

    @property
    @override
    def extent(self) -> tuple[int, int]:
        height, width = self.base
        return self.resolution // 4 * height, self.resolution // 4 * width

    @property
    @override
    def num_ws(self) -> int:
        """One style per convolution and one for the last toRGB."""
        return 2 * len(self.channels)


def blur_filter() -> Tensor:
    """The binomial filter that StyleGAN2 blurs with wherever it changes the resolution, [4, 4]."""
    tap = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    return torch.outer(tap, tap)


def upsample(image: Tensor, blur: Tensor) -> Tensor:
    """Twice the size, blurred: [N, C, H, W] -> [N, C, 2H, 2W]."""
    channels = image.shape[1]
    return F.conv_transpose2d(image, (blur * 4).expand(channels, 1, 4, 4), stride=2, padding=1, groups=channels)


def modulated_conv2d_up(x: Tensor, kernel: Tensor, blur: Tensor, style: Tensor, factor: Tensor, bias: Tensor) -> Tensor:
    """`modulated_conv2d` with a kernel [I, O, 3, 3], to twice the size, blurred."""
    groups = len(blur)
    if len(x) > 1:
        x = F.conv_transpose2d(x * style[:, :, None, None], kernel, stride=2)
        return torch.addcmul(bias[:, None, None], F.conv2d(x, blur, padding=1, groups=groups), factor[:, :, None, None])
    if kernel.numel() < x.numel():
        kernel = kernel * style[0, :, None, None, None]
    else:
        x = x * style[:, :, None, None]
    x = F.conv_transpose2d(x, kernel, stride=2)
    return F.conv2d(x, blur * factor[0, :, None, None, None], bias, padding=1, groups=groups)


class SynthesisLayer(Freezing):
    """A modulated 3x3 convolution with noise; `up` doubles the size first."""

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(self, config: Config, inputs: int, outputs: int, size: int, up: bool) -> None:
        super().__init__("kernel", "square", "blur")
        self.up, self.size, self.clamp = up, size, config.clamp
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", blur_filter())
        height, width = (size // 4 * side for side in config.base)
        self.register_buffer("noise_const", torch.randn(height, width))

    @override
    def derive(self) -> tuple[Tensor, Tensor, Tensor]:
        """The kernel in the convolution's layout, the sum of squares over each [O, I], the blur per channel."""
        kernel = self.weight.transpose(0, 1) if self.up else self.weight
        blur = (self.resample_filter.flip(0, 1) * 4).expand(len(self.weight), 1, 4, 4)
        square = self.weight.square().sum(dim=(2, 3))
        return kernel.contiguous(memory_format=torch.channels_last), square, blur

    @override
    def forward(self, x: Tensor, w: Tensor, noise: Noise, strength: float, gain: float = 1.0) -> Tensor:
        """x [N, inputs, size or size/2, ...], w [N, w_dim] -> [N, outputs, size, size]."""
        kernel, square, blur = self.ready()
        style, scale = self.affine(w), GAIN * gain
        demod = (F.linear(style.square(), square) + 1e-8).rsqrt() * scale  # [N, outputs]
        if self.up:
            x = modulated_conv2d_up(x, kernel, blur, style, demod, self.bias * scale)
        else:
            x = modulated_conv2d(x, kernel, style, demod, self.bias * scale, padding=1)
        if noise != "none" and strength != 0:
            grain = self.noise_const if noise == "const" else torch.randn(len(x), 1, *x.shape[2:], device=x.device)
            x = x.add_(grain * (self.noise_strength * (strength * scale)))
        return leaky_relu_(x, None if self.clamp is None else self.clamp * gain)


class ToRGB(nn.Module):
    """A modulated 1x1 convolution from features to colours."""

    def __init__(self, config: Config, inputs: int) -> None:
        super().__init__()
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))
        self.gain, self.clamp = 1 / math.sqrt(inputs), config.clamp

    @override
    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # [N, inputs, H, W] -> [N, 3, H, W]
        x = to_rgb(x, self.weight, self.affine(w) * self.gain, self.bias)
        return x if self.clamp is None else x.clamp(-self.clamp, self.clamp)


class Skip(nn.Module):
    """The shortcut of the `resnet` architecture: a plain 1x1 convolution, upsampled."""

    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.gain = 1 / math.sqrt(inputs)
        self.register_buffer("resample_filter", blur_filter())

    @override
    def forward(self, x: Tensor, gain: float) -> Tensor:
        return upsample(F.conv2d(x, self.weight * (self.gain * gain)), self.resample_filter)


class Block(nn.Module):
    """One resolution: two layers (one at 4 px) and, if the architecture has it, toRGB."""

    resample_filter: Tensor

    def __init__(self, config: Config, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        self.first = inputs == 0
        self.register_buffer("resample_filter", blur_filter())
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, *config.base))
        else:
            self.conv0 = SynthesisLayer(config, inputs, outputs, size, up=True)
        self.conv1 = SynthesisLayer(config, outputs, outputs, size, up=False)
        self.colours = config.architecture == "skip" or size == config.resolution
        if self.colours:
            self.torgb = ToRGB(config, outputs)
        self.shortcut = config.architecture == "resnet" and not self.first
        if self.shortcut:
            self.skip = Skip(inputs, outputs)

    @override
    def forward(
        self, x: Tensor | None, image: Tensor | None, ws: list[Tensor], noise: Noise, strength: float
    ) -> tuple[Tensor, Tensor | None]:
        """The features and the picture so far, at this resolution; `ws` are the styles from this block's first on."""
        if x is None:
            first = self.const.expand(len(ws[0]), -1, -1, -1).contiguous(memory_format=torch.channels_last)
            x = self.conv1(first, ws[0], noise, strength)
        elif self.shortcut:
            half = math.sqrt(0.5)
            y = self.skip(x, half)
            x = y + self.conv1(self.conv0(x, ws[0], noise, strength), ws[1], noise, strength, half)
        else:
            x = self.conv1(self.conv0(x, ws[0], noise, strength), ws[1], noise, strength)
        if image is not None:
            image = upsample(image, self.resample_filter)
        if self.colours:
            colours = self.torgb(x, ws[1 if self.first else 2])
            image = colours if image is None else image.add_(colours)
        return x, image


class Synthesis(nn.Module):
    """From styles to a picture."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.sizes = [4 << i for i in range(len(config.channels))]
        inputs = 0
        for size, outputs in zip(self.sizes, config.channels, strict=True):
            setattr(self, f"b{size}", Block(config, inputs, outputs, size))
            inputs = outputs

    @override
    def forward(
        self, w: Tensor, noise: Noise = "const", transform: Tensor | None = None, strength: float = 1.0
    ) -> Tensor:
        """A picture [N, img_channels, H, W] in about [-1, 1] for styles w [N, num_ws, w_dim]."""
        if transform is not None:
            raise StudioError(
                tr("StyleGAN2 models can't rotate or shift their pictures; that needs a StyleGAN3 model.")
            )
        ws = list(w.unbind(dim=1))
        x: Tensor | None = None
        image: Tensor | None = None
        start = 0
        for size in self.sizes:
            block = getattr(self, f"b{size}")
            x, image = block(x, image, ws[start:], noise, strength)
            start += 1 if block.first else 2
        assert image is not None
        return image


class Generator(generator.Generator):
    """A StyleGAN2."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.synthesis = Synthesis(config)

    @override
    def styled(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        start = 0
        for name, block in self.synthesis.named_children():
            layers = [part for part in ("conv0", "conv1", "torgb") if hasattr(block, part)]
            found += [(start + i, f"synthesis.{name}.{layer}") for i, layer in enumerate(layers)]
            start += 1 if block.first else 2
        return found

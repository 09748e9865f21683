"""StyleGAN2's generator in plain PyTorch, with the parameter names of the StyleGAN2-ADA files.

After Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020). Two things differ from the usual
code, not in what is computed but in how. A style scales a layer's input and a demodulation factor its output, so the
weights stay as they are and a batch needs no weights of its own. And an upsampling convolution with the blur that
follows it is one convolution at the low resolution whose output channels are the four pixels of each 2x2 cell.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from msgspec import Meta
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.nets import generator
from studio.ml.nets.generator import Freezing, Linear, Noise, lrelu

Architecture = Literal["skip", "resnet", "orig"]


@dataclass(frozen=True)
class Config(generator.Config):
    """`channels` are the feature maps at 4, 8, ... `resolution` pixels."""

    channels: Annotated[tuple[Annotated[int, Meta(ge=1, le=16384)], ...], Meta(min_length=1, max_length=11)]
    architecture: Architecture = "skip"
    clamp: float | None = None

    @property
    def num_ws(self) -> int:
        """One style for each convolution and one for the last layer to RGB."""
        return 2 * len(self.channels)


def blur_filter() -> Tensor:
    """The binomial filter that StyleGAN2 blurs with wherever it changes the resolution, [4, 4]."""
    tap = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    return torch.outer(tap, tap)


def up_matrix(blur: Tensor, size: int) -> Tensor:
    """[size*size, 4*9]: takes a `size` x `size` kernel to the four 3x3 kernels that upsample by two, apply it and blur.

    With y the blurred transposed convolution and K the 6x6 convolution of kernel and blur (for 1x1: of the blur alone),
    y[2i+a] = sum over d of x[i+d] K[2-2d+a]: every second value of the mirrored K, starting at 1 - a.
    """
    basis = torch.eye(size * size, device=blur.device, dtype=blur.dtype).view(-1, 1, size, size)
    full = F.conv2d(basis, blur.flip(0, 1)[None, None] * 4, padding=3)  # [size*size, 1, size+3, size+3]
    if size == 1:
        full = F.pad(full, (1, 1, 1, 1))
    full = full.flip(2, 3)
    phases = [full[:, 0, 1 - a :: 2, 1 - b :: 2] for a in (0, 1) for b in (0, 1)]
    return torch.stack(phases, dim=1).reshape(size * size, 36)


def up_kernel(weight: Tensor, blur: Tensor) -> Tensor:
    """weight [O, I, k, k] -> [4*O, I, 3, 3], to be followed by `pixel_shuffle`."""
    o, i, k, _ = weight.shape
    kernel = weight.reshape(o, i, k * k) @ up_matrix(blur, k)  # [O, I, 4*9]
    return kernel.view(o, i, 4, 3, 3).transpose(1, 2).reshape(4 * o, i, 3, 3)


def upsample(image: Tensor, blur: Tensor) -> Tensor:
    """Twice the size, blurred: [N, C, H, W] -> [N, C, 2H, 2W]."""
    kernel = up_kernel(torch.ones(1, 1, 1, 1, device=blur.device, dtype=blur.dtype), blur)
    n, c, h, w = image.shape
    return F.pixel_shuffle(F.conv2d(image.reshape(n * c, 1, h, w), kernel, padding=1), 2).view(n, c, 2 * h, 2 * w)


class Convolution(Freezing):
    """What the layers below share: the kernel to convolve with, and the sum of squares over each kernel, [O, I]."""

    weight: nn.Parameter
    resample_filter: Tensor
    up: bool

    def __init__(self) -> None:
        super().__init__("kernel", "square")

    def work_out(self) -> tuple[Tensor, Tensor]:
        kernel = up_kernel(self.weight, self.resample_filter) if self.up else self.weight
        return kernel, self.weight.square().sum(dim=(2, 3))

    def convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        x = F.conv2d(x, kernel, padding=kernel.shape[-1] // 2)
        return F.pixel_shuffle(x, 2) if self.up else x


class Layer(Convolution):
    """A modulated 3x3 convolution with noise; `up` doubles the size first."""

    noise_const: Tensor

    def __init__(self, config: Config, inputs: int, outputs: int, size: int, up: bool) -> None:
        super().__init__()
        self.up, self.size, self.clamp = up, size, config.clamp
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", blur_filter())
        self.register_buffer("noise_const", torch.randn(size, size))

    def forward(self, x: Tensor, w: Tensor, noise: Noise, strength: float, gain: float = 1.0) -> Tensor:
        """x [N, inputs, size or size/2, ...], w [N, w_dim] -> [N, outputs, size, size]."""
        kernel, square = self.ready()
        style = self.affine(w)  # [N, inputs]
        demod = (F.linear(style.square(), square) + 1e-8).rsqrt()  # [N, outputs]
        x = self.convolve(x * style[:, :, None, None], kernel) * demod[:, :, None, None]
        if noise == "const":
            x = x + self.noise_const * (self.noise_strength * strength)
        elif noise == "random":
            grain = torch.randn(len(x), 1, self.size, self.size, device=x.device)
            x = x + grain * (self.noise_strength * strength)
        return lrelu(x + self.bias[:, None, None], gain, self.clamp)


class ToRGB(nn.Module):
    """A modulated 1x1 convolution from features to colours."""

    def __init__(self, config: Config, inputs: int) -> None:
        super().__init__()
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))
        self.gain, self.clamp = 1 / math.sqrt(inputs), config.clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # [N, inputs, H, W] -> [N, 3, H, W]
        style = self.affine(w) * self.gain
        x = F.conv2d(x * style[:, :, None, None], self.weight, self.bias)
        return x if self.clamp is None else x.clamp(-self.clamp, self.clamp)


class Skip(Convolution):
    """The shortcut of the `resnet` architecture: a plain 1x1 convolution, upsampled."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = True
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.gain = 1 / math.sqrt(inputs)
        self.register_buffer("resample_filter", blur_filter())

    def forward(self, x: Tensor, gain: float) -> Tensor:
        return self.convolve(x, self.ready()[0]) * (self.gain * gain)


class Block(nn.Module):
    """One resolution: two layers (one at 4 px) and, where the architecture has it, their colours."""

    resample_filter: Tensor

    def __init__(self, config: Config, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        self.first = inputs == 0
        self.register_buffer("resample_filter", blur_filter())
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, size, size))
        else:
            self.conv0 = Layer(config, inputs, outputs, size, up=True)
        self.conv1 = Layer(config, outputs, outputs, size, up=False)
        self.colours = config.architecture == "skip" or size == config.resolution
        if self.colours:
            self.torgb = ToRGB(config, outputs)
        self.shortcut = config.architecture == "resnet" and not self.first
        if self.shortcut:
            self.skip = Skip(inputs, outputs)

    def forward(
        self, x: Tensor | None, image: Tensor | None, ws: list[Tensor], noise: Noise, strength: float
    ) -> tuple[Tensor, Tensor | None]:
        """The features and the picture so far, at this size; `ws` are the styles from this block's first on."""
        if x is None:
            x = self.conv1(self.const.expand(len(ws[0]), -1, -1, -1), ws[0], noise, strength)
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
            image = colours if image is None else image + colours
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

    def forward(
        self, w: Tensor, noise: Noise = "const", transform: Tensor | None = None, strength: float = 1.0
    ) -> Tensor:
        """A picture [N, img_channels, H, W] in about [-1, 1] for styles w [N, num_ws, w_dim]."""
        if transform is not None:
            raise StudioError(tr("A StyleGAN2 model cannot turn or shift its pictures; that needs a StyleGAN3 model."))
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

    def styled(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        start = 0
        for name, block in self.synthesis.named_children():
            layers = [part for part in ("conv0", "conv1", "torgb") if hasattr(block, part)]
            found += [(start + i, f"synthesis.{name}.{layer}") for i, layer in enumerate(layers)]
            start += 1 if block.first else 2
        return found

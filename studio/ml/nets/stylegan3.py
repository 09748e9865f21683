"""StyleGAN3's generator in plain PyTorch, T and R, with the parameter names of the published files.

After Karras et al., "Alias-Free Generative Adversarial Networks" (2021). A layer's signal is band-limited to a cutoff
of its own: the layer convolves, upsamples at least twofold, where the leaky ReLU does no harm, and returns through a
low-pass filter. T filters each axis separately; R, with 1x1 convolutions and radial filters, is equivariant to rotation
as well as translation.

How styles and demodulation factors get into a convolution is explained in `generator`. Features are `channels_last`,
where depthwise filtering is cheap.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from msgspec import Meta
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.override import override
from studio.core.text import tr
from studio.ml.nets import generator
from studio.ml.nets.generator import (
    GAIN,
    Freezing,
    Linear,
    Noise,
    leaky_relu_,
    modulated_conv2d,
    normalize,
    to_rgb,
)

TAPS = 6
"""Taps of a filter per sample at the lower one of its two sampling rates."""
Positive = Annotated[float, Meta(gt=0, le=1e6)]


@dataclass(frozen=True)
class Config(generator.Config):
    """`channels` are the feature maps of the input and first layer, and of the other layers."""

    mapping_layers: Annotated[int, Meta(ge=1, le=64)] = 2
    kernel: Literal[1, 3] = 3
    radial: bool = False
    critical: Annotated[int, Meta(ge=0, le=63)] = 2
    """The number of last layers that are critically sampled, with separable filters in any case."""
    margin: Annotated[int, Meta(ge=0, le=256)] = 10
    first_cutoff: Positive = 2.0
    first_stopband: Positive = 2**2.1
    last_stopband: Positive = 2**0.3
    """As a multiple of the last cutoff."""
    output_scale: float = 0.25
    clamp: float | None = 256.0

    def __post_init__(self) -> None:
        """Cutoffs never decrease from layer to layer, and rates are powers of two."""
        if self.resolution & (self.resolution - 1) or self.critical >= len(self.channels):
            raise ValueError("layers and resolution")
        if not self.first_cutoff < min(self.resolution / 2, self.first_stopband) or self.last_stopband <= 1:
            raise ValueError("cutoffs")
        if self.first_stopband > self.resolution / 2 * self.last_stopband:
            raise ValueError("stopbands")
        rates = [signal.rate for signal in signals(self)]
        if any(after > 16 * before for before, after in pairwise(rates)):
            raise ValueError("sampling rates")

    @property
    @override
    def num_ws(self) -> int:
        """One style for the input, one for each layer and one for the colours."""
        return len(self.channels) + 2


@dataclass(frozen=True)
class Signal:
    """A layer's output: `size` pixels at `rate` pixels per picture, band-limited to `cutoff` + `slope`."""

    cutoff: float
    slope: float
    rate: int
    size: int


def signals(config: Config) -> list[Signal]:
    """The signals of each layer and of toRGB: cutoffs grow from the first to the picture's."""
    count = len(config.channels)
    steps = np.minimum(np.arange(count + 1) / (count - config.critical), 1)
    last = config.resolution / 2
    cutoffs = config.first_cutoff * (last / config.first_cutoff) ** steps
    stopbands = config.first_stopband * (last * config.last_stopband / config.first_stopband) ** steps
    rates = np.exp2(np.ceil(np.log2(np.minimum(stopbands * 2, config.resolution))))
    slopes = np.maximum(stopbands, rates / 2) - cutoffs
    sizes = rates + 2 * config.margin
    sizes[-2:] = config.resolution
    return [
        Signal(float(cutoff), float(slope), int(rate), int(size))
        for cutoff, slope, rate, size in zip(cutoffs, slopes, rates, sizes, strict=True)
    ]


def kaiser(taps: int, width: float) -> np.ndarray:
    """The Kaiser window for a transition `width`, as a fraction of half the sampling rate."""
    fall = 2.285 * (taps - 1) * math.pi * width + 7.95  # in dB, by Kaiser's formula
    if fall > 50:
        beta = 0.1102 * (fall - 8.7)
    else:
        beta = 0.5842 * (fall - 21) ** 0.4 + 0.07886 * (fall - 21) if fall > 21 else 0.0
    return np.kaiser(taps, beta)


def low_pass(taps: int, signal: Signal, rate: int, radial: bool = False) -> Tensor:
    """The low-pass filter at `rate` for the band of `signal`: [taps], or [taps, taps] if `radial`."""
    window = kaiser(taps, 2 * signal.slope / (rate / 2))
    place = (np.arange(taps) - (taps - 1) / 2) / rate
    if radial:
        far = np.pi * np.hypot(place[:, None], place)
        taken = torch.special.bessel_j1(torch.from_numpy(2 * signal.cutoff * far)).numpy() / far
        taken *= np.outer(window, window)
    else:
        taken = np.sinc(2 * signal.cutoff * place) * window
    return torch.from_numpy(taken / taken.sum()).float()


class Input(nn.Module):
    """Fourier features of random frequencies, rotated and shifted by the style, and mixed."""

    transform: Tensor
    freqs: Tensor
    phases: Tensor

    def __init__(self, config: Config, signal: Signal) -> None:
        super().__init__()
        self.signal, channels = signal, config.channels[0]
        freqs = torch.randn(channels, 2)
        radii = freqs.norm(dim=1, keepdim=True)
        freqs = freqs / (radii * radii.square().exp().pow(0.25)) * signal.cutoff  # even over a disc
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.affine = Linear(config.w_dim, 4)
        with torch.no_grad():
            self.affine.weight.zero_()
            self.affine.bias[0] = 1.0
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", freqs)
        self.register_buffer("phases", torch.rand(channels) - 0.5)

    @override
    def forward(self, w: Tensor, moved: Tensor | None) -> Tensor:  # [N, w_dim] -> [N, channels, size, size]
        """`moved` is the inverse of the picture's transform, [3, 3] or [N, 3, 3]."""
        place = self.place(w) @ (self.transform if moved is None else moved)  # [N, 3, 3]
        phases = self.phases + (self.freqs @ place[:, :2, 2:]).squeeze(2)  # [N, channels]
        freqs = self.freqs @ place[:, :2, :2]  # [N, channels, 2]
        # A transform that shrinks the picture raises frequencies; those beyond the band fade out.
        beyond = (freqs.norm(dim=2) - self.signal.cutoff) / (self.signal.rate / 2 - self.signal.cutoff)
        size = self.signal.size
        edge = (torch.arange(size, device=w.device) - (size - 1) / 2) / self.signal.rate
        across, down = (freqs[:, None, None, :, axis] for axis in (0, 1))
        x = edge[:, None] * across + edge[:, None, None] * down + phases[:, None, None]  # [N, size, size, channels]
        x = torch.sin(x * (2 * math.pi)) * (1 - beyond).clamp(0, 1)[:, None, None]
        return F.linear(x, self.weight / math.sqrt(len(self.phases))).permute(0, 3, 1, 2)

    def place(self, w: Tensor) -> Tensor:
        """The inverse of the style's rotation and shift, [N, 3, 3]."""
        t = self.affine(w)
        cos, sin, x, y = (t / t[:, :2].norm(dim=1, keepdim=True)).unbind(dim=1)
        none, one = torch.zeros_like(cos), torch.ones_like(cos)
        turn = torch.stack([cos, -sin, none, sin, cos, none, none, none, one], dim=1).view(-1, 3, 3)
        shift = torch.stack([one, none, -x, none, one, -y, none, none, one], dim=1).view(-1, 3, 3)
        return turn @ shift


class Modulated(Freezing):
    """A modulated convolution; `magnitude_ema` is the moving average of its input's mean square in training."""

    magnitude_ema: Tensor

    def __init__(self, config: Config, inputs: int, outputs: int, kernel: int, *names: str) -> None:
        super().__init__(*names)
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("magnitude_ema", torch.ones([]))

    def scaled(self, style: Tensor) -> Tensor:
        """The style, divided by the size that the layer's input had in training."""
        return style * self.magnitude_ema.rsqrt()


class SynthesisLayer(Modulated):
    """A convolution, and a leaky ReLU between two filters, from one signal to the next."""

    up_filter: Tensor
    down_filter: Tensor

    def __init__(
        self, config: Config, inputs: int, outputs: int, before: Signal, after: Signal, critical: bool
    ) -> None:
        super().__init__(config, inputs, outputs, config.kernel, "kernel", "square", "raising", "lowering")
        self.clamp = config.clamp
        rate = 2 * max(before.rate, after.rate)
        self.up, self.down = rate // before.rate, rate // after.rate
        self.register_buffer("up_filter", low_pass(TAPS * self.up, before, rate))
        self.register_buffer("down_filter", low_pass(TAPS * self.down, after, rate, config.radial and not critical))
        # The convolution adds kernel - 1 pixels; what remains after both filters is centred.
        wide = (before.size + config.kernel - 2) * self.up + TAPS * self.up
        self.crop = (wide - (after.size - 1) * self.down - TAPS * self.down) // 2

    @override
    def derive(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Kernels, the sums of their squares [O, I], and the filters per channel."""
        kernel = self.weight * self.weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
        count = len(kernel)
        raising = (self.up_filter * self.up).expand(count, 1, 1, -1)
        lowering = self.down_filter.view(-1, self.down_filter.shape[-1]).expand(count, 1, -1, -1)
        square = kernel.square().sum(dim=(2, 3))
        return kernel.contiguous(memory_format=torch.channels_last), square, raising.contiguous(), lowering.contiguous()

    @override
    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # [N, inputs, size before, ...] -> [N, outputs, size after, ...]
        kernel, square, raising, lowering = self.ready()
        style = normalize(self.affine(w))
        demod = (F.linear(style.square(), square) + 1e-8).rsqrt() * GAIN
        x = modulated_conv2d(x, kernel, self.scaled(style), demod, self.bias * GAIN, padding=kernel.shape[-1] - 1)
        groups, crop, up, down = len(kernel), self.crop, self.up, self.down
        x = F.conv_transpose2d(x, raising, stride=(1, up), padding=(0, crop), groups=groups)
        x = F.conv_transpose2d(x, raising.transpose(2, 3), stride=(up, 1), padding=(crop, 0), groups=groups)
        x = leaky_relu_(x, self.clamp)
        if lowering.shape[2] > 1:
            return F.conv2d(x, lowering, stride=down, groups=groups)
        x = F.conv2d(x, lowering, stride=(1, down), groups=groups)
        return F.conv2d(x, lowering.transpose(2, 3), stride=(down, 1), groups=groups)


class ToRGB(Modulated):
    """The last convolution, to colours."""

    def __init__(self, config: Config, inputs: int) -> None:
        super().__init__(config, inputs, config.img_channels, 1)
        self.clamp, self.gain = config.clamp, 1 / math.sqrt(inputs)

    @override
    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # [N, inputs, H, W] -> [N, img_channels, H, W]
        x = to_rgb(x, self.weight, self.scaled(self.affine(w) * self.gain), self.bias)
        return x if self.clamp is None else x.clamp(-self.clamp, self.clamp)


class Synthesis(nn.Module):
    """From styles to a picture."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.scale = config.output_scale
        plan, channels = signals(config), config.channels
        self.input = Input(config, plan[0])
        self.names: list[str] = []
        for i, outputs in enumerate((*channels, config.img_channels)):
            inputs, before, after = channels[max(i - 1, 0)], plan[max(i - 1, 0)], plan[i]
            if i == len(channels):
                layer: nn.Module = ToRGB(config, inputs)
            else:
                layer = SynthesisLayer(config, inputs, outputs, before, after, i >= len(channels) - config.critical)
            self.names.append(f"L{i}_{after.size}_{outputs}")
            setattr(self, self.names[-1], layer)

    @override
    def forward(
        self, w: Tensor, noise: Noise = "const", transform: Tensor | None = None, strength: float = 1.0
    ) -> Tensor:
        """A picture [N, img_channels, H, W] in about [-1, 1] for styles w [N, num_ws, w_dim]. It has no noise.

        `transform`, [3, 3] or [N, 3, 3], rotates and shifts the picture; its edge is 1, its origin the centre.
        """
        first, *ws = w.unbind(dim=1)
        x = self.input(first, None if transform is None else inverse(transform.to(w)))
        for name, style in zip(self.names, ws, strict=True):
            x = getattr(self, name)(x, style)
        picture: Tensor = x * self.scale
        return picture


def inverse(transform: Tensor) -> Tensor:
    """The matrix that undoes `transform`. Raises StudioError if it is singular."""
    found, trouble = torch.linalg.inv_ex(transform)
    if trouble.any():
        raise StudioError(tr("This transform flattens the picture. Choose one that can be inverted."))
    return torch.as_tensor(found)


class Generator(generator.Generator):
    """A StyleGAN3."""

    turns = True
    config: Config
    synthesis: Synthesis

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.synthesis = Synthesis(config)

    @override
    def styled(self) -> list[tuple[int, str]]:
        return [(i, f"synthesis.{name}") for i, name in enumerate(["input", *self.synthesis.names])]

"""What generators share: their interface, the mapping from z to w, and layers that can be frozen."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from msgspec import Meta
from torch import Tensor, nn

from studio.core.override import override

Noise = Literal["const", "random", "none"]
GAIN = math.sqrt(2)


@dataclass(frozen=True)
class Config:
    """What every generator has; c_dim is the number of classes, 0 for none.

    The bounds are for untrusted files; they are far beyond any trained generator.
    """

    z_dim: Annotated[int, Meta(ge=1, le=16384)]
    w_dim: Annotated[int, Meta(ge=1, le=16384)]
    resolution: Annotated[int, Meta(ge=4, le=4096)]
    channels: Annotated[tuple[Annotated[int, Meta(ge=1, le=16384)], ...], Meta(min_length=1, max_length=64)]
    c_dim: Annotated[int, Meta(ge=0, le=100_000)] = 0
    img_channels: Annotated[int, Meta(ge=1, le=64)] = 3
    mapping_layers: Annotated[int, Meta(ge=1, le=64)] = 8
    mapping_rate: float = 0.01

    @property
    def num_ws(self) -> int:
        """The number of styles of a picture."""
        raise NotImplementedError

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width of a picture."""
        return self.resolution, self.resolution


def lrelu(x: Tensor, gain: float = 1.0, clamp: float | None = None) -> Tensor:
    """Leaky ReLU that keeps the variance, times `gain`, clamped to ±`clamp`."""
    x = F.leaky_relu(x, 0.2) * (GAIN * gain)
    return x if clamp is None else x.clamp(-clamp * gain, clamp * gain)


def normalize(x: Tensor) -> Tensor:
    """Each row scaled to a mean square of 1."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


class Linear(nn.Module):
    """A fully connected layer with equalized learning rate: weights are scaled at run time."""

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.gain, self.rate = rate / math.sqrt(inputs), rate

    @override
    def forward(self, x: Tensor) -> Tensor:  # [N, inputs] -> [N, outputs]
        return torch.addmm(self.bias, x, self.weight.t(), beta=self.rate, alpha=self.gain)


class Mapping(nn.Module):
    """Maps a normal sample z to styles w, with truncation towards their average."""

    w_avg: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        inputs = config.z_dim
        if config.c_dim:
            self.embed = Linear(config.c_dim, config.w_dim)
            inputs += config.w_dim
        for i in range(config.mapping_layers):
            setattr(self, f"fc{i}", Linear(inputs, config.w_dim, rate=config.mapping_rate))
            inputs = config.w_dim
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    @override
    def forward(self, z: Tensor, c: Tensor | None = None, psi: float = 1.0, cutoff: int | None = None) -> Tensor:
        """Styles [N, num_ws, w_dim] for z [N, z_dim].

        `c` [N, c_dim] is one-hot, None the first class. `psi` 1 leaves the styles unchanged, 0 gives the average;
        `cutoff` truncates only this many first layers.
        """
        w = self.styles(z, c).unsqueeze(1).repeat(1, self.config.num_ws, 1)
        if psi == 1:
            return w
        count = self.config.num_ws if cutoff is None else cutoff
        return torch.cat([self.w_avg.lerp(w[:, :count], psi), w[:, count:]], dim=1)

    def styles(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """w [N, w_dim] for z [N, z_dim], before truncation and broadcasting to all layers."""
        x = normalize(z)
        if self.config.c_dim:
            if c is None:
                c = F.one_hot(torch.zeros(len(z), dtype=torch.long, device=z.device), self.config.c_dim)
            x = torch.cat([x, normalize(self.embed(c.to(x.dtype)))], dim=1)
        for i in range(self.config.mapping_layers):
            x = lrelu(getattr(self, f"fc{i}")(x))
        return x


def leaky_relu_(x: Tensor, clamp: float | None = None) -> Tensor:
    """In-place leaky ReLU, clamped to ±`clamp`."""
    x = F.leaky_relu_(x, 0.2)
    if clamp is None:
        return x
    return x.clamp(-clamp, clamp) if x.requires_grad else x.clamp_(-clamp, clamp)


# -- modulated convolutions: inputs times a style, outputs times a demodulation factor ---------------------------------
#
# The published code computes separate weights for each picture of a batch. Scaling the features before and after gives
# the same result with one set of weights; but for a single picture, as a slider needs, there are often fewer weights
# than features, and then the factors are applied to the weights.
#
# Everything is float32. bfloat16 would be accurate enough (40 to 60 dB), but on a Xeon with avx512_bf16 it took 1.2
# times as long for a StyleGAN2 of 64 px, two thirds for one of 256 px, and nearly four times as long for StyleGAN3's
# filters.


def modulated_conv2d(x: Tensor, kernel: Tensor, style: Tensor, factor: Tensor, bias: Tensor, padding: int) -> Tensor:
    """A convolution [O, I, k, k] of `x` times `style` [N, I]; the output times `factor` [N, O], plus `bias` [O]."""
    if len(x) == 1 and kernel.numel() < x.numel():
        return F.conv2d(x, kernel * (factor.t() @ style)[:, :, None, None], bias, padding=padding)
    x = F.conv2d(x * style[:, :, None, None], kernel, padding=padding)
    return torch.addcmul(bias[:, None, None], x, factor[:, :, None, None])


def to_rgb(x: Tensor, kernel: Tensor, style: Tensor, bias: Tensor) -> Tensor:
    """A convolution [O, I, 1, 1] of `x` times `style` [N, I], plus `bias` [O]."""
    style = style[:, :, None, None]
    return F.conv2d(x, kernel * style, bias) if len(x) == 1 else F.conv2d(x * style, kernel, bias)


class Freezing(nn.Module):
    """A layer that computes with values derived from its weights: cached once the weights are final.

    The cache is not part of the state dict; `train()` drops it.
    """

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names
        for name in names:
            self.register_buffer(name, None, persistent=False)

    def derive(self) -> tuple[Tensor, ...]:
        """The derived values, in the order of the names."""
        return ()

    def ready(self) -> tuple[Tensor, ...]:
        """The derived values, cached or computed."""
        kept = tuple(getattr(self, name) for name in self._names)
        return self.derive() if None in kept else kept

    def freeze(self) -> None:
        """Cache the derived values."""
        for name, value in zip(self._names, self.derive(), strict=True):
            setattr(self, name, value.detach())

    @override
    def train(self, mode: bool = True) -> "Freezing":
        if mode:
            for name in self._names:
                setattr(self, name, None)
        super().train(mode)
        return self


class Generator(nn.Module):
    """Makes pictures from normal samples: `mapping` takes z to w, `synthesis` takes w to pictures.

    `mapping(z, c=None, psi=1.0, cutoff=None)` gives styles w [N, num_ws, w_dim] for z [N, z_dim] and classes c
    [N, c_dim]; see `Mapping.forward`.

    `synthesis(w, noise="const", transform=None, strength=1.0)` gives pictures [N, img_channels, H, W] of about -1 to 1.
    `noise` is "const" (always the same), "random" (new each time) or "none", `strength` scales it; StyleGAN3 has no
    noise. `transform`, a 3x3 matrix or one per picture [N, 3, 3], rotates and shifts the picture: x to the right, y
    down, in units of the picture's edge from its centre. Only StyleGAN3 can; others raise StudioError.
    """

    turns: ClassVar[bool] = False
    """Whether its pictures can be turned and shifted."""
    config: Config
    mapping: Mapping
    synthesis: nn.Module

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config, self.mapping = config, Mapping(config)
        self.z_dim, self.c_dim, self.w_dim = config.z_dim, config.c_dim, config.w_dim
        self.num_ws, self.resolution, self.extent = config.num_ws, config.resolution, config.extent

    def styled(self) -> list[tuple[int, str]]:
        """The layers that take a style, from first to last: the index of its style, and the module's name.

        Each of these modules has an `affine` that maps w [N, w_dim] to the scales of its inputs.
        """
        raise NotImplementedError

    def freeze(self) -> "Generator":
        """Prepare for inference: kernels are computed once instead of for every picture."""
        self.eval().requires_grad_(False)
        for module in self.modules():
            if isinstance(module, Freezing):
                module.freeze()
        return self

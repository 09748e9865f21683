"""A generator's inner layers: activations as pictures, and scaling of channels."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.text import tr

_SYNTHESIS = "synthesis."
_COLOURS = torch.tensor([[10, 8, 22], [72, 26, 108], [148, 44, 128], [222, 73, 104], [253, 150, 108], [252, 240, 180]])
"""A colour map from low to high: monotonic in lightness, and safe for colour-blind people."""


class LayerShape(NamedTuple):
    """A layer and the shape of its output; ``name`` is its module's name within the synthesis."""

    name: str
    channels: int
    height: int
    width: int


class Scale(Protocol):
    """A channel of a layer's output, and its scale factor."""

    @property
    def layer(self) -> str:
        """Its name."""

    @property
    def channel(self) -> int:
        """Which of its channels."""

    @property
    def factor(self) -> float:
        """1 leaves it as it is."""


@contextlib.contextmanager
def scale_channels(generator: Any, scales: Iterable[Scale]) -> Iterator[None]:
    """Scale the generator's channels while inside. Raises StudioError for one that it doesn't have."""
    by_layer: dict[str, list[Scale]] = {}
    for scale in scales:
        by_layer.setdefault(scale.layer, []).append(scale)
    with contextlib.ExitStack() as hooks:
        for name, wanted in by_layer.items():
            module = _layers(generator).get(name)
            if module is None:
                raise _strange(wanted[0])
            hooks.callback(module.register_forward_hook(_Scaling(wanted)).remove)
        yield


class _Scaling:
    """A forward hook that scales channels of its layer's output."""

    def __init__(self, scales: list[Scale]) -> None:
        self._scales = scales

    def __call__(self, _module: nn.Module, _given: Any, x: Tensor) -> Tensor:  # [N, C, H, W] -> the same
        factors = torch.ones(x.shape[1], device=x.device, dtype=x.dtype)
        for scale in self._scales:
            if scale.channel >= x.shape[1]:
                raise _strange(scale)
            factors[scale.channel] = scale.factor
        return x * factors[:, None, None]


class Watch:
    """The last pass through the synthesis: all its ``layers`` in order, and ``channels`` [C, H, W] of one of them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str, LayerShape] = {}
        self.channels = torch.zeros(1, 1, 1)

    @property
    def layers(self) -> list[LayerShape]:
        """All layers."""
        return list(self._found.values())

    @property
    def number(self) -> int:
        """The index of the layer that ``channels`` belong to."""
        return list(self._found).index(self._name)

    def note(self, name: str, x: Tensor) -> None:
        """Record ``x`` [N, C, H, W] as the output of the layer ``name``."""
        self._found[name] = LayerShape(name, *x.shape[1:])
        if name == self._name:
            self.channels = x[0].detach().float()


@contextlib.contextmanager
def record_activations(generator: Any, name: str = "") -> Iterator[Watch]:
    """While inside, record the output of the layer ``name`` for the first picture, before scaling.

    An unknown name selects the middle layer.
    """
    modules, styled = _layers(generator), list(dict(generator.styled()).values())
    middle = styled[len(styled) // 2].removeprefix(_SYNTHESIS)
    watch = Watch(name if name in modules else middle)
    with contextlib.ExitStack() as hooks:
        for layer, module in modules.items():
            hook = module.register_forward_hook(lambda _module, _given, x, layer=layer: watch.note(layer, x))
            hooks.callback(hook.remove)
        yield watch


def draw_activations(channels: Tensor, most: int) -> Tensor:
    """Pictures [C, 3, h, w] in [-1, 1] of ``channels`` [C, H, W], at most ``most`` pixels wide and high.

    Each channel is normalised from dark (its minimum) to light (its maximum); a constant one is dark.
    """
    shrink = max(1, -(-max(channels.shape[1:]) // most))
    if shrink > 1:
        channels = F.avg_pool2d(channels[:, None], shrink, ceil_mode=True)[:, 0]
    low = channels.amin(dim=(1, 2), keepdim=True)
    span = channels.amax(dim=(1, 2), keepdim=True) - low
    place = (channels - low) / span.clamp(min=1e-12) * (len(_COLOURS) - 1)
    below = place.long().clamp(max=len(_COLOURS) - 2)
    colours = _COLOURS.to(channels.device, torch.float32)
    mixed = torch.lerp(colours[below], colours[below + 1], (place - below)[..., None])  # [C, h, w, 3]
    return mixed.permute(0, 3, 1, 2) / 127.5 - 1


def _layers(generator: Any) -> dict[str, nn.Module]:
    """The modules that take a style, by their names within the synthesis, in order."""
    return {name.removeprefix(_SYNTHESIS): generator.get_submodule(name) for _, name in generator.styled()}


def _strange(scale: Scale) -> StudioError:
    return StudioError(
        tr(
            "This model has no channel {channel} in layer {layer}. Reset its scale in Layers.",
            channel=scale.channel,
            layer=scale.layer,
        )
    )

"""Drags points of a generated picture to target positions, after DragGAN (Pan et al. 2023).

Each step changes the styles to move what is around each handle a little towards its target (motion supervision, on the
features of one layer), then finds where the handle went (point tracking, on the same features). Features are
interpolated between pixels, so the same code works for every resolution.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from studio.ml.activations import Scale, scale_channels
from studio.ml.inversion import style_statistics
from studio.ml.pictures import shown

FINEST = 128
"""Pixels of the layer whose features are used, as in the paper; small networks use half their resolution."""
_PAPER = 512
"""Picture size for which the paper gives its radii and step."""
_AROUND, _SEARCH, _STEP, _NEAR = 3.0, 12.0, 1.0, 1.0
"""At that size: the supervision radius, the search radius, the step, and the tolerance.
"""
_LEAST_AROUND, _LEAST_SEARCH, _LEAST_STEP, _LEAST_NEAR = 4.0, 5.0, 1.0, 0.7
"""Lower bounds for the same in small pictures, where objects have few pixels."""
_RATE = 0.01
"""Learning rate, in units of the styles' standard deviation."""
_HOLD = 20.0
"""Weight of the mask term."""


@dataclass(frozen=True)
class DragConfig:
    """How to drag. ``handles`` and ``targets`` [N, 2] are (x, y) in pixels from the picture's corner.

    Only the first ``layers`` styles change. ``free`` [H, W] of any size is 1 where the picture may change; None means
    everywhere. ``how``: further arguments of the synthesis.
    """

    handles: Tensor
    targets: Tensor
    layers: int = 6
    free: Tensor | None = None
    how: Mapping[str, Any] = field(default_factory=dict)
    scales: Sequence[Scale] = ()
    """Channels to scale, in the pictures of this drag only: other pictures may be made between its steps."""


@dataclass(frozen=True)
class DragState:
    """The state after a step: ``w`` [num_ws, w_dim], its ``picture`` [C, H, W], and the current handles [N, 2]."""

    w: Tensor
    picture: Tensor
    handles: Tensor
    distance: float
    """The largest distance of a handle from its target, in pixels."""

    arrived: bool


def drag(generator: Any, w: Tensor, config: DragConfig) -> Iterator[DragState]:
    """Drag in the picture of ``w`` [num_ws, w_dim]: yields the state before the first step and after each one.

    Ends when all handles have reached their targets.
    """
    drawing = _FeatureSynthesis(generator, config)
    first = w[: config.layers].clone().requires_grad_()
    adam = torch.optim.Adam([first], lr=_RATE * style_statistics(generator).spread)
    handles, kept = config.handles, drawing.start(w)
    while True:
        whole = torch.cat([first, w[config.layers :]])
        picture, features = drawing.make(whole)
        with torch.no_grad():
            handles = drawing.track(features, handles, kept.handles)
        far = (config.targets - handles).norm(dim=1)
        arrived = bool((far <= drawing.near).all())
        yield DragState(whole.detach(), picture.detach(), handles, float(far.max()), arrived)
        if arrived:
            return
        loss = drawing.motion_loss(features, handles) + _HOLD * drawing.mask_loss(features, kept.features)
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()


@dataclass(frozen=True)
class _Initial:
    """The initial picture's features [1, C, h, w], and those at the handles [N, C]."""

    features: Tensor
    handles: Tensor


class _FeatureSynthesis:
    """Makes pictures together with the features of one layer."""

    def __init__(self, generator: Any, config: DragConfig) -> None:
        self._generator, self._reins = generator, config
        scale, device = generator.resolution / _PAPER, config.handles.device
        self._across = across(generator).to(device)
        self.near = max(_LEAST_NEAR, scale * _NEAR)
        self._step = max(_LEAST_STEP, scale * _STEP)
        disc = _grid(7, device)
        self._around = disc[disc.norm(dim=1) < 1.01] * max(_LEAST_AROUND, scale * _AROUND)
        search = _grid(25, device)
        # The centre comes first: on ties the handle stays where it is.
        self._search = search[search.norm(dim=1).argsort()] * max(_LEAST_SEARCH, scale * _SEARCH)
        self._layer = feature_layer(generator)

    def start(self, w: Tensor) -> _Initial:
        """Record the features that handles and masked places are compared with."""
        with torch.no_grad():
            _, features = self.make(w)
        return _Initial(features, self._read(features, self._reins.handles))

    def make(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """The picture [C, H, W] of ``w`` and its features [1, C, h, w]."""
        seen: list[Tensor] = []
        with scale_channels(self._generator, self._reins.scales):
            handle = self._layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
            try:
                picture = self._generator.synthesis(w[None], **self._reins.how)
            finally:
                handle.remove()
        return shown(picture)[0], _without_margin(seen[0], self._generator)

    def motion_loss(self, features: Tensor, handles: Tensor) -> Tensor:
        """The motion supervision loss: how much the features one step ahead differ from those around each moving
        handle."""
        way = self._reins.targets - handles
        far = way.norm(dim=1, keepdim=True)
        going = (far > self.near)[:, 0]
        step = (way * (self._step / far.clamp_min(self._step)))[going]
        here = handles[going][:, None] + self._around
        there = self._read(features, (here + step[:, None]).flatten(0, 1))
        return (there - self._read(features, here.flatten(0, 1)).detach()).abs().mean()

    def track(self, features: Tensor, handles: Tensor, wanted: Tensor) -> Tensor:
        """Point tracking: the place near each handle with the features most like its initial ones, [N, 2]."""
        places = handles[:, None] + self._search
        found = self._read(features, places.flatten(0, 1)).view(*places.shape[:2], -1)
        best = (found - wanted[:, None]).abs().sum(dim=2).argmin(dim=1)
        nearest: Tensor = places[torch.arange(len(places)), best]
        return nearest.clamp(min=0).minimum(self._across)

    def mask_loss(self, features: Tensor, before: Tensor) -> Tensor:
        """The mask loss: how much has changed outside the free area."""
        if self._reins.free is None:
            return features.new_zeros([])
        free = F.interpolate(self._reins.free[None, None].to(features), features.shape[2:], mode="area")
        return ((features - before) * (1 - free)).abs().mean()

    def _read(self, features: Tensor, places: Tensor) -> Tensor:
        """The interpolated features at ``places`` [K, 2]: [K, C]."""
        grid = (places / self._across * 2 - 1)[None, None]
        read = F.grid_sample(features, grid, padding_mode="border", align_corners=False)
        return read[0, :, 0].T


def across(generator: Any) -> Tensor:
    """Width and height of a picture, [2]."""
    height, width = generator.extent
    return torch.tensor([width, height], dtype=torch.float32)


def _grid(count: int, device: torch.device) -> Tensor:
    """``count`` x ``count`` places from -1 to 1, [K, 2]."""
    line = torch.linspace(-1, 1, count, device=device)
    return torch.cartesian_prod(line, line)


def feature_layer(generator: Any) -> nn.Module:
    """The name of the layer whose features are used: the last one of the chosen size."""
    wanted = max(4, min(FINEST, generator.resolution // 2))
    sizes: dict[str, int] = {}

    def see(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            sizes[name] = _without_margin(output, generator).shape[-2]

        return hook

    layers = {name: generator.get_submodule(name) for _, name in generator.styled() if not name.endswith("torgb")}
    handles = [layer.register_forward_hook(see(name)) for name, layer in layers.items()]
    try:
        with torch.no_grad():
            w = torch.zeros(1, generator.num_ws, generator.w_dim, device=next(generator.parameters()).device)
            generator.synthesis(w, noise="none")
    finally:
        for handle in handles:
            handle.remove()
    best = min(sizes.values(), key=lambda size: abs(size - wanted))
    chosen: nn.Module = layers[[name for name, size in sizes.items() if size == best][-1]]
    return chosen


def _without_margin(features: Tensor, generator: Any) -> Tensor:
    """[N, C, h, w] without StyleGAN3's margin around the picture, which its last layers don't have."""
    margin: int = getattr(generator.config, "margin", 0)
    if not margin or features.shape[-1] == generator.resolution:
        return features
    return features[:, :, margin:-margin, margin:-margin]

"""Dragging: handles come to their targets, with what was around them; what is masked stays."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from studio.core.resources import starters
from studio.ml.dragging import DragConfig, DragState, drag, feature_layer
from studio.ml.load.gan import load_generator
from studio.ml.nets import stylegan3
from studio.ml.nets.stylegan2 import Config, Generator


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def bundled() -> Generator:
    return load_generator(starters() / "latents")


def styles(generator: Any, seed: int) -> Tensor:
    z = torch.from_numpy(np.random.RandomState(seed).randn(1, generator.z_dim)).float()
    return generator.mapping(z, psi=0.7)[0]


def sun(picture: Tensor) -> Tensor:
    """Where the brightest things of the sky are, by their light alone."""
    size = picture.shape[-1]
    light = picture.clamp(-1, 1).sum(dim=0)[: size * 9 // 16]
    light = (light - light.flatten().quantile(0.985)).clamp_min(0)
    y, x = torch.meshgrid(torch.arange(len(light)) + 0.5, torch.arange(size) + 0.5, indexing="ij")
    return torch.stack([(light * x).sum(), (light * y).sum()]) / light.sum()


def pull(generator: Generator, seed: int, way: tuple[float, float], most: int = 100) -> list[DragState]:
    """Drag the sun of the picture by ``way``."""
    w = styles(generator, seed)
    with torch.no_grad():
        handle = sun(generator.synthesis(w[None])[0])[None]
    states = []
    for state in drag(generator, w, DragConfig(handle, handle + torch.tensor([way]))):
        states.append(state)
        if len(states) > most:
            break
    return states


# Seeds of pictures in which nothing is as bright as the sun, no cloud either.
@pytest.mark.parametrize(("seed", "way"), [(4, (-24.0, 8.0)), (24, (12.0, 0.0)), (12, (-24.0, 8.0))])
def test_a_handle_reaches_its_target_within_2_pixels(bundled: Generator, seed: int, way: tuple[float, float]) -> None:
    states = pull(bundled, seed, way)
    first, last = states[0], states[-1]
    assert first.distance == pytest.approx(float(torch.tensor(way).norm()), abs=0.01)
    assert last.arrived
    assert last.distance <= 2
    moved = sun(last.picture) - sun(first.picture)
    assert float((moved - torch.tensor(way)).norm()) < 4  # and the sun is there, not only what the tracking follows


def test_only_the_first_layers_change_and_the_rest_is_left_alone(bundled: Generator) -> None:
    w = styles(bundled, 9)
    before = {name: tensor.clone() for name, tensor in bundled.state_dict().items()}
    place = torch.tensor([[30.0, 20.0]])
    states = list(zip(range(6), drag(bundled, w, DragConfig(place, place + 8, layers=3)), strict=False))
    last = states[-1][1].w
    assert torch.equal(last[3:], w[3:])
    assert not torch.equal(last[:3], w[:3])
    assert torch.equal(w, styles(bundled, 9))
    assert all(torch.equal(tensor, before[name]) for name, tensor in bundled.state_dict().items())
    assert not any(layer._forward_hooks for layer in bundled.modules())


def test_what_is_masked_stays(bundled: Generator) -> None:
    w, size = styles(bundled, 9), bundled.resolution
    handle = torch.tensor([[0.48, 0.31]]) * size
    free = torch.zeros(8, 8)
    free[:4] = 1
    changes = []
    for mask in (None, free):
        reins = DragConfig(handle, handle + torch.tensor([[-0.1 * size, 0.0]]), free=mask)
        states = [state for _, state in zip(range(30), drag(bundled, w, reins), strict=False)]
        changes.append((states[-1].picture - states[0].picture)[:, size * 5 // 8 :].abs().mean())
    assert changes[1] < 0.7 * changes[0]


def test_a_handle_that_is_there_is_not_pulled(bundled: Generator) -> None:
    w, place = styles(bundled, 9), torch.tensor([[30.0, 20.0]])
    (only,) = drag(bundled, w, DragConfig(place, place.clone()))
    assert only.arrived
    assert torch.equal(only.w, w)
    assert only.handles.tolist() == place.tolist()


def test_several_handles_go_their_own_ways(bundled: Generator) -> None:
    w, size = styles(bundled, 9), bundled.resolution
    handles = torch.tensor([[0.48, 0.31], [0.2, 0.8]]) * size
    targets = handles + torch.tensor([[0.08 * size, 0.0], [0.0, 0.0]])
    states = [state for _, state in zip(range(100), drag(bundled, w, DragConfig(handles, targets)), strict=False)]
    assert states[-1].arrived
    assert states[-1].distance <= 2


def test_small_and_large_networks_have_their_layer() -> None:
    small = Generator(Config(4, 4, 8, (4, 4), mapping_layers=1)).freeze()
    assert feature_layer(small) is small.synthesis.b4.conv1
    middle = Generator(Config(4, 4, 64, (4,) * 5, mapping_layers=1, architecture="resnet")).freeze()
    assert feature_layer(middle) is middle.synthesis.b32.conv1
    large = Generator(Config(4, 4, 512, (4,) * 8, mapping_layers=1)).freeze()
    assert feature_layer(large) is large.synthesis.b128.conv1


class Shifting(nn.Module):
    """A network whose features have a margin, as those of a StyleGAN3: w says where its one dot lies."""

    resolution, num_ws, w_dim, z_dim, c_dim, extent = 32, 1, 2, 2, 0, (32, 32)

    class config:  # noqa: N801 - as a generator has it
        margin = 8

    class Dot(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Parameter(torch.ones(1), requires_grad=False)

        def forward(self, place: Tensor) -> Tensor:
            line = torch.arange(48) + 0.5 - 8
            far = (line - place[0, 0, 0]).square()[None, :] + (line - place[0, 0, 1]).square()[:, None]
            return torch.exp(-far / 50)[None, None] * self.one

    class Picture(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dot = Shifting.Dot()

        def forward(self, w: Tensor, noise: str = "const") -> Tensor:
            return self.dot(w)[:, :, 8:-8, 8:-8]

    def __init__(self) -> None:
        super().__init__()
        self.synthesis = self.Picture()

    def styled(self) -> list[tuple[int, str]]:
        return [(0, "synthesis.dot")]

    def mapping(self, z: Tensor, c: Tensor | None) -> Tensor:
        return z[:, None]


def test_a_margin_around_the_picture_is_no_part_of_it() -> None:
    network = Shifting()
    w = torch.tensor([[12.0, 10.0]])
    reins = DragConfig(w.clone(), torch.tensor([[17.0, 13.0]]))
    states = [state for _, state in zip(range(2000), drag(network, w, reins), strict=False)]
    assert states[-1].arrived
    assert (states[-1].w - reins.targets).norm() < 1.5


def test_a_stylegan3_can_be_pulled_at() -> None:
    torch.manual_seed(0)
    config = stylegan3.Config(z_dim=8, w_dim=8, resolution=64, channels=(16,) * 8)
    network = stylegan3.Generator(config).freeze()
    w = styles(network, 0)
    handle = torch.tensor([[32.0, 32.0]])
    states = [state for _, state in zip(range(60), drag(network, w, DragConfig(handle, handle + 6)), strict=False)]
    assert states[-1].distance < states[0].distance - 2
    name = next(name for name in reversed(network.synthesis.names) if "_52_" in name)  # 32 pixels and its margins
    assert feature_layer(network) is network.synthesis.get_submodule(name)

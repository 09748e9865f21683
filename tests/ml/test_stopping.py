"""A network that is asked to stop does so before its next block, and is as it was afterwards."""

import pytest
import torch
from torch import Tensor, nn

from studio.ml.stopping import stoppable


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return self.parts(x)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.begin = nn.Linear(4, 4)
        self.inner = nn.Module()
        self.inner.blocks = nn.ModuleList(Block() for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.begin(x)
        for block in self.inner.blocks:
            x = block(x)
        return x


def test_it_asks_before_each_block_and_each_within() -> None:
    asked: list[int] = []
    network, x = Network(), torch.randn(1, 4)
    before = network(x)
    with stoppable([network, "no network", None], lambda: asked.append(1)):
        assert torch.equal(network(x), before)
    assert len(asked) == 3 + 3 * 2
    network(x)
    assert len(asked) == 9


def test_what_is_raised_ends_the_pass_and_nothing_is_left_behind() -> None:
    network, x, reached = Network(), torch.randn(1, 4), []
    network.inner.blocks[1].parts[1].register_forward_hook(lambda *_: reached.append(1))
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError), stoppable([network], check):
        network(x)
    assert not reached
    network(x)
    assert len(asked) == 5

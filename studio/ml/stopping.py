"""Stopping inside a step, and letting frames in: one step of a large model can take a minute where there is no GPU."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from torch import nn

_DEPTH = 2
"""Blocks, and the blocks within them: a step has some dozens, and asking before each costs nothing to speak of."""


@contextlib.contextmanager
def stoppable(models: Iterable[object], check: Callable[[], None]) -> Iterator[None]:
    """While inside, call ``check`` before each block of those of ``models`` that are networks.

    What it raises ends the pass through the network.
    """
    networks = [model for model in models if isinstance(model, nn.Module)]
    handles = [
        block.register_forward_pre_hook(lambda *_: check()) for model in networks for block in _blocks(model, _DEPTH)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _blocks(module: nn.Module, depth: int) -> Iterator[nn.Module]:
    for child in module.children():
        if not isinstance(child, nn.ModuleList | nn.Sequential):
            yield from _blocks(child, depth)
            continue
        for block in child:
            yield block
            if depth > 1:
                yield from _blocks(block, depth - 1)

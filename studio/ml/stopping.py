"""Stopping within a step, and yielding to frames: one step of a large model can take a minute without a GPU."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from torch import nn

_DEPTH = 2
"""Levels of nested blocks: a step has a few dozen of them, and a check before each costs next to nothing."""


@contextlib.contextmanager
def stoppable(models: Iterable[object], check: Callable[[], None]) -> Iterator[None]:
    """While inside, call ``check`` before each block of the networks among ``models``.

    What it raises aborts the forward pass.
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

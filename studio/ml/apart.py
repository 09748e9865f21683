"""Isolates one computation from another that it interrupts."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import torch

from studio.ml import device


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Reset torch to its defaults while inside, and restore its state afterwards.

    That is: gradients, inference mode, autocast, and all random number generators. Otherwise a generator loaded while a
    text is written could never be used for gradients, and a frame with random noise would change the noise of the
    interrupted picture.
    """
    where = device.choose().device
    chance = torch.get_rng_state()
    own = torch.get_device_module(where) if where != "cpu" else None
    chance_there = own.get_rng_state() if own is not None else None
    chance_of_numpy, chance_of_python = np.random.get_state(), random.getstate()
    try:
        with contextlib.ExitStack() as modes:
            modes.enter_context(torch.inference_mode(mode=False))
            modes.enter_context(torch.enable_grad())
            for kind in {"cpu", where.partition(":")[0]}:
                modes.enter_context(torch.autocast(kind, enabled=False))
            yield
    finally:
        torch.set_rng_state(chance)
        if own is not None:
            own.set_rng_state(chance_there)
        np.random.set_state(chance_of_numpy)
        random.setstate(chance_of_python)

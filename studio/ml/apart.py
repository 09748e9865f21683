"""Computing something in the middle of something else, which must not notice."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import torch

from studio.ml import device


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """While inside, torch is as a program begins with it; afterwards it is as it was before.

    That is: gradients, inference mode, autocast, and all random numbers. A generator that is loaded while a
    text is being written would otherwise have weights that can never be searched with, and a frame with grain of its
    own would give the picture in the making another grain.
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

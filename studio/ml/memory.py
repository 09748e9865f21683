"""Handles running out of memory: free what is possible, retry with less, then report it."""

import gc
from collections.abc import Callable
from typing import TypeVar

import torch

from studio.core.errors import StudioError, is_out_of_memory
from studio.core.text import tr

T = TypeVar("T")


def free_cache() -> None:
    """Release torch's cached GPU memory."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.xpu.is_available():
        torch.xpu.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def with_less(work: Callable[[], T], lessen: Callable[[], None], advice: str) -> T:
    """``work()``; if memory runs out, ``lessen()`` and ``work()`` once more.

    ``advice`` says what a person can do if that fails as well: StudioError "out_of_memory".
    """
    try:
        return work()
    except (RuntimeError, MemoryError, OSError) as error:
        if not is_out_of_memory(error):
            raise
    # Outside the except clause: the error's traceback keeps the tensors alive that filled the memory.
    lessen()
    free_cache()
    try:
        return work()
    except (RuntimeError, MemoryError, OSError) as error:
        if not is_out_of_memory(error):
            raise
        raise StudioError(
            tr("There is not enough memory for this. {advice}", advice=advice), trouble="out_of_memory"
        ) from error

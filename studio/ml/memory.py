"""What happens when memory runs out: free what can be freed, try once more with less, then say so."""

import gc
from collections.abc import Callable
from typing import TypeVar

import torch

from studio.core.errors import StudioError, is_out_of_memory
from studio.core.text import tr

Made = TypeVar("Made")


def free_cache() -> None:
    """Give back what torch keeps for later: to the card, or with no card to nobody in particular."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.xpu.is_available():
        torch.xpu.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def with_less(work: Callable[[], Made], lessen: Callable[[], None], advice: str) -> Made:
    """``work()``; if memory runs out, ``lessen()`` and ``work()`` once more.

    ``advice`` says what a person can do when that fails as well: StudioError "out_of_memory".
    """
    try:
        return work()
    except (RuntimeError, MemoryError, OSError) as error:
        if not is_out_of_memory(error):
            raise
    # Outside of the except clause: the error's traceback holds on to the tensors that filled the memory.
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

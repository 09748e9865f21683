"""Keeps the model libraries silent and offline: what matters reaches people through errors and events."""

import os
import sys
import threading

import tqdm  # type: ignore[import-untyped]

from studio.core.offline import go_offline


def quiet() -> None:
    """Turn off output and network access of diffusers and transformers.

    Call it before the first import of either.
    """
    go_offline()
    # Hide `kernels`: it fetches code from the hub, or from its cache, for a name in a model's settings. Both libraries
    # work without it.
    sys.modules.setdefault("kernels", None)  # type: ignore[arg-type]
    # Else tqdm creates a system-wide semaphore for its bars, and Python complains about it when the engine ends.
    tqdm.tqdm.set_lock(threading.RLock())
    # Torchvision is not part of Triptych; transformers warns about it whenever diffusers loads a processor.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import huggingface_hub.constants

    huggingface_hub.constants.HF_HUB_OFFLINE = True  # another program may have imported it before
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()

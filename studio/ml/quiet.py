"""Keeps the model libraries silent and off the network: what matters reaches people through errors and events."""

import os
import sys
import threading

import tqdm  # type: ignore[import-untyped]

from studio.core.offline import go_offline


def quiet() -> None:
    """Switch off what diffusers and transformers print, and what they would look up elsewhere.

    Call it before the first import of either.
    """
    go_offline()
    # What is not there can't fetch programs: `kernels` takes them from the hub, or from what it fetched earlier, for a
    # name in a model's settings. Both libraries compute without it.
    sys.modules.setdefault("kernels", None)  # type: ignore[arg-type]
    # Else tqdm makes a semaphore of the whole system's for its bars, and Python complains of it when the engine ends.
    tqdm.tqdm.set_lock(threading.RLock())
    # Torchvision is not part of Triptych; transformers says so each time diffusers asks for a processor of its own.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import huggingface_hub.constants

    huggingface_hub.constants.HF_HUB_OFFLINE = True  # another program may have imported it before it came to us
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()

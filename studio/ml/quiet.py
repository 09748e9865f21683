"""Keeps the model libraries from writing to the terminal: what matters reaches people through errors and events."""

import os
import threading

import tqdm  # type: ignore[import-untyped]


def quiet() -> None:
    """Switch off what diffusers and transformers print. Call it before the first import of diffusers."""
    # Else tqdm makes a semaphore of the whole system's for its bars, and Python complains of it when the engine ends.
    tqdm.tqdm.set_lock(threading.RLock())
    # Torchvision is not part of Triptych; transformers says so each time diffusers asks for a processor of its own.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()

"""Keeps the model libraries from writing to the terminal: what matters reaches people through errors and events."""

import os


def quiet() -> None:
    """Switch off what diffusers and transformers print. Call it before the first import of diffusers."""
    # Torchvision is not part of Triptych; transformers says so each time diffusers asks for a processor of its own.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()

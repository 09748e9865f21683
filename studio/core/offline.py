"""Keeps the model libraries off the network: whatever a model's folder names, it is looked up nowhere."""

import os

SWITCHES = {
    "HF_HUB_OFFLINE": "1",  # read once, when huggingface_hub is imported: so before anything else is
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",  # whoever is asked in spite of all that gets no token of the person's
    "USE_HUB_KERNELS": "NO",
}
"""Of huggingface_hub, transformers and kernels. diffusers and peft ask through huggingface_hub."""


def go_offline() -> None:
    """Set the switches for this process and those that it starts, whatever the environment says."""
    os.environ.update(SWITCHES)

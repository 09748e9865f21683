"""Which schedulers a picture model can use, told without loading it."""

from pathlib import Path

from studio.core.errors import StudioError
from studio.models.headers import read_json
from studio.models.shelf import Model

_DIFFUSION = (
    "DPM++ 2M",
    "DPM++ 2M Karras",
    "DPM++ 2M SDE",
    "DPM++ 2M SDE Karras",
    "DPM++ 2S",
    "Euler",
    "Euler a",
    "Heun",
    "DPM2",
    "DPM2 a",
    "DDIM",
    "DDPM",
    "PLMS",
    "DEIS",
    "UniPC",
)
_FLOW = ("Flow Euler",)


def schedulers_of(model: Model) -> tuple[str, ...]:
    """The names that an image request may give for ``model``; none when that can't be told."""
    try:
        config = read_json(Path(model.path) / "scheduler" / "scheduler_config.json")
    except StudioError:
        return ()
    name = str(config.get("_class_name", ""))
    if name.startswith("FlowMatch"):
        return _FLOW
    if name == "LCMScheduler":
        return ("LCM",)
    return _DIFFUSION

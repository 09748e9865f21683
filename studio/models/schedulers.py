"""Which schedulers a picture model can use, told without loading it."""

from pathlib import Path

from studio.core.errors import StudioError
from studio.core.schedulers import DIFFUSION, FLOW, LCM
from studio.files.model_settings import read_settings

_DIFFUSION_CLASSES = (
    "CogVideoXDDIM", "CogVideoXDPM", "DDIM", "DDIMParallel", "DDPM", "DDPMParallel", "DEISMultistep",
    "DPMSolverMultistep", "DPMSolverMultistepInverse", "DPMSolverSDE", "DPMSolverSinglestep", "EulerAncestralDiscrete",
    "EulerDiscrete", "HeunDiscrete", "KDPM2AncestralDiscrete", "KDPM2Discrete", "LMSDiscrete", "PNDM", "SASolver",
    "UniPCMultistep",
)  # fmt: skip
BY_CLASS: dict[str, tuple[str, ...]] = {
    **{f"{name}Scheduler": DIFFUSION for name in _DIFFUSION_CLASSES},
    **{f"{name}Scheduler": FLOW for name in ("FlowMatchEulerDiscrete", "LTXEulerAncestralRF")},
    "LCMScheduler": LCM,
}
"""A model's own scheduler -> the names that can take its place; what is not here has none but its own."""


def schedulers_of(folder: Path) -> tuple[str, ...]:
    """The names that an image request may give for the model in ``folder``; none when that can't be told."""
    try:
        config = read_settings(folder / "scheduler" / "scheduler_config.json")
    except StudioError:
        return ()
    return BY_CLASS.get(str(config.get("_class_name", "")), ())

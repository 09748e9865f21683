"""The schedulers that a request may name, in the words of AUTOMATIC1111 and of people; what diffusers calls each."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Scheduler(msgspec.Struct, frozen=True):
    """A class of diffusers and the settings that make it what its name says."""

    class_name: str
    settings: Mapping[str, Any] = {}


_ODE = {"algorithm_type": "dpmsolver++"}
_SDE = {"algorithm_type": "sde-dpmsolver++"}
_KARRAS = {"use_karras_sigmas": True}
# Left out on purpose: LMSDiscrete needs scipy and DPMSolverSDE torchsde, which are no part of Triptych; EDMEuler is
# listed by diffusers as compatible, but it scales its input in the way of models that were trained for it.
_DIFFUSION = {
    "DPM++ 2M": Scheduler("DPMSolverMultistepScheduler", {**_ODE, "use_karras_sigmas": False}),
    "DPM++ 2M Karras": Scheduler("DPMSolverMultistepScheduler", {**_ODE, **_KARRAS}),
    "DPM++ 2M SDE": Scheduler("DPMSolverMultistepScheduler", _SDE),
    "DPM++ 2M SDE Karras": Scheduler("DPMSolverMultistepScheduler", {**_SDE, **_KARRAS}),
    "DPM++ 2S": Scheduler("DPMSolverSinglestepScheduler", _ODE),
    "Euler": Scheduler("EulerDiscreteScheduler"),
    "Euler a": Scheduler("EulerAncestralDiscreteScheduler"),
    "Heun": Scheduler("HeunDiscreteScheduler"),
    "DPM2": Scheduler("KDPM2DiscreteScheduler"),
    "DPM2 a": Scheduler("KDPM2AncestralDiscreteScheduler"),
    "DDIM": Scheduler("DDIMScheduler"),
    "DDPM": Scheduler("DDPMScheduler"),
    "PLMS": Scheduler("PNDMScheduler", {"skip_prk_steps": True}),
    "DEIS": Scheduler("DEISMultistepScheduler"),
    "UniPC": Scheduler("UniPCMultistepScheduler"),
}
_CONSISTENCY = {"LCM": Scheduler("LCMScheduler")}
_FLOW = {"Flow Euler": Scheduler("FlowMatchEulerDiscreteScheduler")}
NAMED: dict[str, Scheduler] = {**_DIFFUSION, **_CONSISTENCY, **_FLOW}
SCHEDULERS = tuple(NAMED)

_DIFFUSION_CLASSES = (
    "CogVideoXDDIM", "CogVideoXDPM", "DDIM", "DDIMParallel", "DDPM", "DDPMParallel", "DEISMultistep",
    "DPMSolverMultistep", "DPMSolverMultistepInverse", "DPMSolverSDE", "DPMSolverSinglestep", "EulerAncestralDiscrete",
    "EulerDiscrete", "HeunDiscrete", "KDPM2AncestralDiscrete", "KDPM2Discrete", "LMSDiscrete", "PNDM", "SASolver",
    "UniPCMultistep",
)  # fmt: skip
BY_CLASS: dict[str, tuple[str, ...]] = {
    **{f"{name}Scheduler": tuple(_DIFFUSION) for name in _DIFFUSION_CLASSES},
    **{f"{name}Scheduler": tuple(_FLOW) for name in ("FlowMatchEulerDiscrete", "LTXEulerAncestralRF")},
    "LCMScheduler": tuple(_CONSISTENCY),
}
"""A model's own scheduler -> the names that can take its place; what is not here has none but its own."""

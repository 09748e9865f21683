"""The schedulers that a request may name, in the words of AUTOMATIC1111 and of people.

Which settings of diffusers each stands for, ``studio.ml`` knows.
"""

DIFFUSION = (
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
LCM = ("LCM",)
FLOW = ("Flow Euler",)
SCHEDULERS = (*DIFFUSION, *LCM, *FLOW)

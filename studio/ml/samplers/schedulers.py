"""Schedulers under the names that people know, and which of them a model's own one can give way to."""

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.schedulers import NAMED, Scheduler

_ZERO_SNR = "rescale_betas_zero_snr"
_LEAST_KEPT = 2.0**-24
"""Of the picture, squared, at the last step of training with zero terminal SNR; diffusers' number."""


def names(scheduler: Any) -> list[str]:
    """The names that ``make`` takes for a model whose own scheduler is ``scheduler``."""
    possible = {cls.__name__ for cls in scheduler.compatibles} | {type(scheduler).__name__}
    return [name for name, named in NAMED.items() if named.class_name in possible]


def name_of(scheduler: Any) -> str:
    """How ``scheduler`` is called: a name from the table that fits its settings, else that of its class."""
    config = scheduler.config
    fitting = [
        (len(named.settings), name)
        for name, named in NAMED.items()
        if named.class_name == type(scheduler).__name__
        and all(config.get(key) == value for key, value in named.settings.items())
    ]
    return max(fitting)[1] if fitting else type(scheduler).__name__.removesuffix("Scheduler")


def make(own: Any, name: str) -> Any:
    """A fresh scheduler ``name`` in place of ``own``; "" is one just like ``own``. Class names are understood too.

    Raises StudioError when there is none of that name or the model can't use it.
    """
    if not name.strip():
        return type(own).from_config(own.config, **_betas(own, type(own)))
    wanted = name.strip().lower().removesuffix("scheduler").replace(" ", "")
    for known, named in NAMED.items():
        aliases = (known.lower().replace(" ", ""), named.class_name.lower().removesuffix("scheduler"))
        if wanted in aliases and known in names(own):
            return _convert(own, named)
    raise StudioError(
        tr(
            "This model can't use the scheduler {name}. It can use: {names}.",
            name=name,
            names=", ".join(names(own)) or name_of(own),
        )
    )


def _convert(own: Any, named: Scheduler) -> Any:
    import diffusers

    settings = dict(named.settings)
    # Defaults that are wrong for latents, where the model's own scheduler knows no such setting: DDIM and DDPM would
    # cut the latents off at 1.
    if "clip_sample" not in own.config:
        settings["clip_sample"] = False
    cls = getattr(diffusers, named.class_name)
    known = {key: value for key, value in settings.items() if key in cls._get_init_keys(cls)}
    return cls.from_config(own.config, **known, **_betas(own, cls))


def _betas(own: Any, cls: Any) -> dict[str, Any]:
    """The noise of a model that was trained with zero terminal SNR, for a scheduler ``cls`` that has no word for it.

    As in those that have, the last step keeps a trace of the picture: their sigmas would be infinite otherwise.
    """
    if not own.config.get(_ZERO_SNR) or _ZERO_SNR in cls._get_init_keys(cls):
        return {}
    from diffusers import DDIMScheduler

    kept = DDIMScheduler.from_config(own.config).alphas_cumprod.double()
    kept[-1] = min(_LEAST_KEPT, float(kept[-2]))
    before = torch.cat([torch.ones(1, dtype=kept.dtype), kept[:-1]])
    return {"trained_betas": (1 - kept / before).tolist()}


@dataclass
class Step:
    """What a scheduler was given at its last step."""

    output: torch.Tensor
    """What the network predicted: noise, velocity or the clean latents, as the scheduler's config says."""
    timestep: float
    latents: torch.Tensor


@contextmanager
def watched(scheduler: Any) -> Iterator[Callable[[], Step | None]]:
    """Yields a function that tells the latest step of ``scheduler``.

    The pipelines' callbacks hand out the latents after the step only; what the model believes the finished picture to
    be follows from what went into it.
    """
    plain = scheduler.step
    last: list[Step] = []

    @functools.wraps(plain)  # pipelines look at the signature to see what else a scheduler takes
    def step(model_output: Any, timestep: Any, sample: Any, *args: Any, **kwargs: Any) -> Any:
        last[:] = [Step(model_output, float(timestep), sample)]
        return plain(model_output, timestep, sample, *args, **kwargs)

    scheduler.step = step
    try:
        yield lambda: last[0] if last else None
    finally:
        del scheduler.step


def clean_latents(scheduler: Any, step: Step) -> torch.Tensor:
    """The finished latents as the model expects them at ``step``; float32, in the shape that the pipeline uses."""
    output, latents = step.output.float(), step.latents.float()
    kind = scheduler.config.get("prediction_type", "")
    if kind == "sample":
        return output
    if kind == "flow_prediction" or "FlowMatch" in type(scheduler).__name__:
        sigma = step.timestep / float(scheduler.config.num_train_timesteps)
        return latents - sigma * output
    kept = getattr(scheduler, "alphas_cumprod", None)
    if kept is None:
        return latents
    alpha = _between(kept, step.timestep)
    signal, noise = math.sqrt(alpha), math.sqrt(1 - alpha)
    if float(getattr(scheduler, "init_noise_sigma", 1.0)) != 1.0:
        latents = latents * signal  # these schedulers add noise without shrinking the picture
    if kind == "v_prediction":
        return latents * signal - output * noise
    return (latents - output * noise) / max(signal, 1e-4)


def _between(table: torch.Tensor, place: float) -> float:
    """``table`` at ``place``, which need not be a whole number."""
    low = min(max(int(place), 0), len(table) - 1)
    high, share = min(low + 1, len(table) - 1), place % 1
    return float(table[low]) * (1 - share) + float(table[high]) * share

"""The peers: the same pipeline and the same generator in a plain script, asked line by line; answers milliseconds."""

import sys
import time
from typing import Any

import studio.ml  # noqa: F401  before torch, as in the engine: it says how torch's threads wait
from studio.core.engine_config import EngineConfig, configure
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.runs.compose import Composer
from studio.features.latent.runs.latent import Maker
from studio.features.latent.tasks.latent import LatentTask
from studio.ml.device import choose, use_cores
from studio.ml.latents import Truncation
from studio.ml.load.address import resolve
from studio.ml.load.gan import load_generator
from studio.ml.load.image import load_pipeline
from studio.ml.quiet import quiet

PROMPT = "a red balloon over teal mountains at sunset"


class Nobody:
    """A context in which nobody listens."""

    def free(self) -> None:
        """Nothing is kept."""


def pipeline() -> Any:
    """One call of the pipeline, with nothing around it."""
    import torch

    loaded = load_pipeline("starter:scenes").pipeline

    def call(edge: int, steps: int) -> None:
        loaded(
            prompt=PROMPT,
            width=edge,
            height=edge,
            num_inference_steps=steps,
            guidance_scale=4.0,
            generator=torch.Generator("cpu").manual_seed(1),
            output_type="pt",
        )

    return call


def generator() -> Any:
    """One picture of the generator."""
    loaded = load_generator(resolve("starter:latents"), choose().device)
    place = [0.6]

    def call(_edge: int, _steps: int) -> None:
        place[0] += 0.001
        w = Composer(loaded, Truncation(place[0], 0, choose().device)).styles([LatentPoint((0,), (1.0,))])
        Maker(loaded, LatentTask(noise="const")).make(w, Nobody())  # type: ignore[arg-type]

    return call


if __name__ == "__main__":
    configure(EngineConfig(dtype=sys.argv[2]))
    use_cores()
    quiet()
    work = {"pipeline": pipeline, "generator": generator}[sys.argv[1]]()
    for line in sys.stdin:
        edge, steps = map(int, line.split())
        begin = time.perf_counter()
        work(edge, steps)
        print(f"{(time.perf_counter() - begin) * 1000:.3f}", flush=True)

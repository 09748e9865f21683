"""The tasks of the studio, computed in milliseconds: program, engine and child are real, the models are not.

Named as the child's models: there, and nowhere else, the tasks get these runners.
"""

import io
import time
from typing import Any

from PIL import Image

from studio.core.context import Context
from studio.core.facts import ThingFacts
from studio.core.values import Asset, Result, words
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.write.tasks.write import WriteTask
from tests.engine.runners import Models as _Models

HERE = "tests.faults.runners"
SIZE = 48
PACE = 0.004
"""Seconds of a step."""


class Models(_Models):
    """What the child is started with."""

    def __init__(self) -> None:
        super().__init__()
        ImageTask.runner, WriteTask.runner = f"{HERE}:generate", f"{HERE}:write"
        WalkTask.runner, LatentTask.runner = f"{HERE}:walk", f"{HERE}:render"

    def warm(self) -> dict[str, Any]:
        return {"device": "cpu", "dtype": "float32", "why": "nothing is computed"}


def colour_of(seed: int) -> tuple[int, int, int]:
    """What a picture of this seed looks like all over."""
    return (seed * 97 % 251, seed * 31 % 251, seed * 57 % 251)


def text_of(seed: int) -> str:
    """What a text of this seed says."""
    return " ".join(f"word{(seed * place) % 997}" for place in range(1, 400))


def picture(seed: int, /, **notes: Any) -> Asset:
    return Asset(kind="pixels", data=bytes(colour_of(seed)) * SIZE**2, width=SIZE, height=SIZE, notes=notes)


def generate(task: ImageTask, context: Context) -> Result:
    """Previews and pictures of one colour, as many as were asked for."""
    for index in range(task.count):
        seed = max(task.seed, 0) + index
        for step in range(task.steps):
            time.sleep(PACE)
            context.progress(index * task.steps + step + 1, task.count * task.steps, "Step")
            if context.wants_preview():
                context.preview(picture(seed), index)
        context.made(picture(seed, seed=seed, index=index, width=SIZE, height=SIZE))
    return Result()


def write(task: WriteTask, context: Context) -> Result:
    """A text, word by word."""
    text = text_of(max(task.seed, 0))
    for place, word in enumerate(text.split()[: task.length], 1):
        time.sleep(PACE / 10)
        context.words(f"{word} ")
        context.progress(place, task.length, "Word")
    context.made(words(text, ThingFacts(seed=max(task.seed, 0))))
    return Result()


def walk(task: WalkTask, context: Context) -> Result:
    """Twenty frames, as single pictures or as one animated one."""
    frames = [Image.new("RGB", (SIZE, SIZE), colour_of(number)) for number in range(20)]
    for done in range(len(frames)):
        time.sleep(PACE)
        context.progress(done + 1, len(frames), "Frame")
    notes = {"width": SIZE, "height": SIZE, "frames": len(frames)}
    if task.format == "png":
        context.made(Asset(kind="clip", format="png", frames=tuple(_png(frame) for frame in frames), notes=notes))
    else:
        file = io.BytesIO()
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
        context.made(Asset(kind="clip", format="gif", data=file.getvalue(), notes=notes))
    return Result()


def render(task: LatentTask, context: Context) -> Result:
    """A picture for each seed."""
    for seed in task.seeds:
        context.made(picture(seed, seed=seed, width=SIZE, height=SIZE))
    return Result()


def _png(frame: Image.Image) -> bytes:
    file = io.BytesIO()
    frame.save(file, "PNG")
    return file.getvalue()

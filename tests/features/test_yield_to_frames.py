"""Frames that are made in the middle of every long request: they come within a step, and leave no trace in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from studio.core.context import Models
from studio.core.engine_config import configured
from studio.core.events import Done, Made, Message, Progress
from studio.core.task import Task
from studio.core.values import Asset, Job
from studio.engine.local import LocalEngine
from studio.engine.perform import no_frame_job, perform
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.points.point import Scale
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.questions import DirectionsTask
from studio.features.latent.tasks.search import DragTask, InvertTask
from studio.features.latent.tasks.vae import VaeFilmTask
from studio.features.write.tasks.write import WriteTask
from studio.ml.cache import ModelCache
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from studio.ml.quiet import quiet
from tests.configuring import change_config
from tests.engine.serving import Serving
from tests.tiny_models import save_stable_diffusion
from tests.tiny_writer import save_writer

SCALES = (Scale("b8.conv0", 0, 3.0),)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of each kind, and a picture."""
    quiet()
    torch.set_num_threads(1)  # threads that wait for each other take longest where the work is smallest
    root = tmp_path_factory.mktemp("models")
    save_stable_diffusion(root / "sd")
    save_writer(root / "writer")
    torch.manual_seed(0)
    save_generator(
        Generator(Config(z_dim=8, w_dim=8, resolution=16, channels=(8, 8, 8), mapping_layers=2)), root / "gan"
    )
    Image.effect_noise((16, 16), 90).convert("RGB").save(root / "picture.png")
    return root


@pytest.fixture(autouse=True)
def _on_the_cpu() -> None:
    change_config(device="cpu")


def host_of(kind: str, folder: Path, name: str = "tuned") -> Job:
    """A short one of each long request."""
    picture = str(folder / "picture.png")
    latent = {
        "latent": LatentTask(seeds=tuple(range(12)), noise="random"),
        "walk": WalkTask(seeds=(1, 2), seconds=0.4, format="png", even=True),
        "invert": InvertTask(image=picture, steps=4, fine=4, tune=4, folder=str(folder / name)),
        "drag": DragTask(pulls=((0.2, 0.2, 0.9, 0.9),), steps=4, scales=SCALES),
    }
    if kind in latent:
        return Job(task=latent[kind], model=str(folder / "gan"))
    if kind == "image":
        task: Task = ImageTask(prompt="a boat", width=32, height=32, steps=4, seed=7, count=2)
    elif kind == "vae":
        task = VaeFilmTask(first=picture, second=picture, size=64, seconds=0.2, format="png")
    else:
        return Job(task=WriteTask(mode="draft", prompt="the cat", length=12, seed=3), model=str(folder / "writer"))
    return Job(task=task, model=str(folder / "sd"))


def made(job: Job, models: Models, frame_job: Callable[[float], bool] = no_frame_job) -> list[Asset]:
    """What ``job`` makes."""
    torch.manual_seed(1)
    said: list[Message] = []
    final = perform(job, models, said.append, lambda: False, frame_job)
    assert isinstance(final, Done), final
    assets = [message.asset for message in said if isinstance(message, Made) and message.job == job.id]
    return [Asset(kind=one.kind, data=one.data, frames=one.frames) for one in assets]


@pytest.mark.parametrize("kind", ["image", "write", "latent", "walk", "invert", "drag", "vae"])
def test_frames_leave_no_trace_in_what_is_made_meanwhile(kind: str, folder: Path) -> None:
    models = ModelCache(budget=1)
    alone = made(host_of(kind, folder, "alone"), models)
    asks: list[Task] = [
        LatentTask(noise="random", scales=SCALES), DirectionsTask(), WalkTask(seeds=(1, 2), at=(3,), noise="random"),
    ]  # fmt: skip
    ends: list[Any] = []

    def frame_job(seconds: float) -> bool:
        if seconds:
            return False
        frame = Job(task=asks[len(ends) % len(asks)], model=str(folder / "gan"), lane="frames")
        ends.append(perform(frame, models, lambda _: None, lambda: False))
        return True

    models.free()
    assert made(host_of(kind, folder, "not alone"), models, frame_job) == alone
    assert ends
    assert all(isinstance(end, Done) for end in ends), ends


def test_a_model_that_is_opened_meanwhile_can_be_searched_in_later(folder: Path) -> None:
    """Weights that were loaded while a text was written would be of the kind that no gradient goes through."""
    models = ModelCache()

    def frame_job(seconds: float) -> bool:
        frame = Job(task=LatentTask(), model=str(folder / "gan"), lane="frames")
        assert isinstance(perform(frame, models, lambda _: None, lambda: False), Done)
        return False

    made(host_of("write", folder), models, frame_job)
    generator = models.get(str(folder / "gan"), load_generator)
    assert not any(weight.is_inference() for weight in generator.parameters())
    assert made(host_of("drag", folder), models)


def test_the_frames_model_does_not_drive_out_the_one_at_work(folder: Path) -> None:
    models, loaded = ModelCache(budget=1), []

    def frame_job(seconds: float) -> bool:
        frame = Job(task=LatentTask(), model=str(folder / "gan"), lane="frames")
        perform(frame, models, lambda _: None, lambda: False)
        loaded.append(set(models.loaded()))
        return False

    made(host_of("image", folder), models, frame_job)
    assert all(str(folder / "sd") in there for there in loaded)


def test_a_model_for_which_there_is_no_memory_beside_the_one_at_work_waits(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, ends = ModelCache(), []

    def frame_job(seconds: float) -> bool:
        frame = Job(task=LatentTask(), model=str(folder / "gan"), lane="frames")
        monkeypatch.setattr("studio.ml.device.memory", lambda _: (1000, 1000))
        ends.append(perform(frame, models, lambda _: None, lambda: False))
        monkeypatch.undo()
        return False

    change_config(memory_mb=100)
    made(host_of("write", folder), models, frame_job)
    assert ends[0].trouble == "out_of_memory"
    assert "alongside the running request" in ends[0].message


@pytest.mark.parametrize("kind", ["image", "write", "latent", "walk", "invert", "drag", "vae"])
def test_a_frame_comes_before_the_step_after_the_next_one(kind: str, folder: Path) -> None:
    """It is asked for in the middle of the work, in the very moment of a step."""
    engine = LocalEngine(ModelCache(), configured())
    host = host_of(kind, folder)
    if kind == "invert":
        host = Job(task=InvertTask(image=str(folder / "picture.png"), steps=4, fine=4), model=host.model)
    frame = Job(task=LatentTask(seeds=(3,)), model=str(folder / "gan"), lane="frames")
    steps: list[str] = []

    class Asking(Serving):
        def _hear(self, message: Message) -> None:
            if isinstance(message, Progress) and message.job == host.id and message.stage != "Loading":
                steps.append(message.stage)
                if len(steps) == 1:
                    engine.submit(frame)
            if isinstance(message, Made) and message.job == frame.id:
                steps.append("frame")
            super()._hear(message)

    with Asking(engine) as serving:
        engine.submit(host)
        assert isinstance(serving.final(host.id), Done)
    assert "frame" in steps[:3]

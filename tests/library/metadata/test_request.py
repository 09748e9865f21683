"""Requests as metadata, and back."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.saved import job_from_data
from studio.core.values import Asset, Job
from studio.families.rules.schedulers import SCHEDULERS
from studio.features import task_types
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.library.metadata.infotext import Infotext, read_infotext, write_infotext
from studio.library.metadata.request import infotext_of, read_record, record, record_to_json
from studio.library.metadata.samplers import schedule_left, scheduler_of
from studio.library.metadata.tools.automatic1111 import generation_of
from studio.library.metadata.tools.generation import Generation
from tests.library import things


def made(prompt: str = "a cat", **fields: object) -> dict[str, object]:
    job = things.image_job(prompt, **fields)
    return record(job, things.pixels(9, scheduler="DPM++ 2M Karras"), "Starter Scenes", 12.5, "it")


def test_the_whole_request_comes_back() -> None:
    job = things.image_job("猫 and 'dog'\n\"bird\"", negative="x", count=4, seed=-1)
    data = read_record(record_to_json(record(job, things.pixels(9), "m", 1.0, "it")))
    assert data is not None
    back = job_from_data(data["job"], task_types())
    assert back == msgspec.structs.replace(job, task=msgspec.structs.replace(job.task, seed=9))


def test_the_used_seed_is_written() -> None:
    assert record(things.image_job(seed=-1), things.pixels(9), "m", 0.0, "it")["job"]["task"]["seed"] == 9


@pytest.mark.parametrize(
    ("task", "own"),
    [
        (LatentTask(seeds=(3, 4, 5)), LatentTask(seeds=(4,))),
        (LatentTask(points=(LatentPoint((1,)), LatentPoint((2,)))), LatentTask(points=(LatentPoint((2,)),))),
        (LatentTask(seeds=(3,)), LatentTask(seeds=(3,))),
    ],
)
def test_of_several_seeds_or_points_its_own_is_written(task: LatentTask, own: LatentTask) -> None:
    data = record(Job(task=task), things.pixels(9, index=1), "m", 0.0, "it")
    assert job_from_data(data["job"], task_types()).task == own


def test_a_walk_keeps_all_its_seeds() -> None:
    walk = WalkTask(seeds=(1, 2, 3))
    data = record(Job(task=walk), Asset(kind="clip", format="mp4", notes={"frames": 9}), "m", 0.0, "it")
    assert job_from_data(data["job"], task_types()).task == walk


def test_parameters_as_automatic1111_writes_them() -> None:
    text = write_infotext(infotext_of(made("a cat, sitting", negative="dog", image="/x.png", strength=0.5)))
    first, second, third = text.split("\n")
    assert (first, second) == ("a cat, sitting", "Negative prompt: dog")
    pairs = read_infotext(text).pairs
    assert third.startswith("Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4.0, Seed: 9, Size: 32x32")
    assert (pairs["Model"], pairs["Denoising strength"]) == ("Starter Scenes", "0.5")


def test_settings_come_back() -> None:
    known = generation_of(read_infotext(write_infotext(infotext_of(made(negative="dog", guidance=6.5, steps=30)))))
    assert (known.tool, known.prompt, known.negative, known.steps) == ("Triptych", "a cat", "dog", 30)
    assert (known.guidance, known.seed, known.width, known.height) == (6.5, 9, 32, 32)
    assert scheduler_of(known.sampler, known.schedule) == "DPM++ 2M Karras"


@pytest.mark.parametrize(
    "pairs",
    [
        {"Steps": "many", "Seed": "", "Size": "large", "CFG scale": "nan", "Denoising strength": "inf"},
        {"Steps": "9" * 10_000, "Size": "x"},
    ],
)
def test_what_is_named_wrongly_is_left_out(pairs: dict[str, str]) -> None:
    assert generation_of(Infotext("a", "", pairs)) == Generation(tool="AUTOMATIC1111", prompt="a")


@pytest.mark.parametrize(
    ("sampler", "schedule", "name"),
    [
        ("Euler a", "", "Euler a"),
        ("Euler", "Automatic", "Euler"),
        ("DPM++ 2M", "Karras", "DPM++ 2M Karras"),
        ("DPM++ 2M Karras", "", "DPM++ 2M Karras"),
        ("dpmpp_2m", "Karras", "DPM++ 2M Karras"),
        ("DPM++ 2M SDE Karras", "Karras", "DPM++ 2M SDE Karras"),
        ("Euler a", "Karras", "Euler a"),
        ("Euler - euler_a", "", "Euler a"),
        ("DDIM", "", "DDIM"),
        ("uni_pc", "", "UniPC"),
        ("UniPC", "", "UniPC"),
        ("DPM fast", "", ""),
        ("", "Karras", ""),
        ("k_euler_ancestral", "karras", "Euler a"),
        ("dpmpp_2m_sde_gpu", "karras", "DPM++ 2M SDE Karras"),
        ("dpmpp_2m_k", "", "DPM++ 2M Karras"),
        ("DPM++ 2M SDE Exponential", "", "DPM++ 2M SDE"),
        ("dpmpp_2s_ancestral", "normal", ""),
        ("kdpm_2_a", "", "DPM2 a"),
        ("DPM++ SDE Karras", "", ""),
    ],
)
def test_samplers(sampler: str, schedule: str, name: str) -> None:
    assert scheduler_of(sampler, schedule) == name


def test_a_schedule_that_is_lost_is_known() -> None:
    assert schedule_left("Euler", "Karras") == "Karras"
    assert schedule_left("DPM++ 2M SDE Exponential") == "Exponential"
    assert schedule_left("dpmpp_2m", "sgm_uniform") == "SGM Uniform"
    assert [schedule_left("DPM++ 2M", timing) for timing in ("Karras", "Automatic", "normal", "")] == [""] * 4


def test_every_scheduler_has_its_name() -> None:
    for name in SCHEDULERS:
        data = {**made(), "notes": {"scheduler": name}}
        known = generation_of(infotext_of(data))
        assert scheduler_of(known.sampler, known.schedule) == name


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", '{"triptych": 2, "job": {"task": {}}}', '{"triptych": 1}', '{"triptych": 1, "job": []}',
     '{"triptych": 1, "job": {"task": 3}}', "[" * 100_000],
)  # fmt: skip
def test_what_is_not_ours(text: str) -> None:
    assert read_record(text) is None


def test_a_record_with_less_than_ours() -> None:
    data = read_record('{"triptych": 1, "job": {"task": {}}, "notes": 3, "extra": NaN}')
    assert data is not None
    assert (data["model_name"], data["notes"]) == ("", {})
    assert math.isnan(data["extra"])
    assert infotext_of(data).pairs == {"Version": "Triptych"}


@given(st.text())
def test_any_prompt_can_be_written(prompt: str) -> None:
    for text in (record_to_json(made(prompt)), write_infotext(infotext_of(made(prompt)))):
        text.encode("utf-8")
    assert json.loads(record_to_json(made(prompt)))["job"]["task"]["negative"] == ""

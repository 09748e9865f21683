"""Flags made from the fields of real tasks."""

import argparse
from typing import Any

import pytest

from studio.cli.flags import add_flags, read_task
from studio.cli.values import read_address, read_numbers
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.task import Task
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.write.tasks.write import Turn, WriteTask


def parse(task_type: type[Task], *words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_flags(parser, task_type)
    return vars(parser.parse_args(words))


def task(task_type: type[Task], *words: str, **defaults: Any) -> Task:
    return read_task(task_type, parse(task_type, *words), defaults)


@pytest.mark.parametrize("task_type", task_types().values(), ids=lambda each: each.kind)
def test_every_field_has_a_flag_and_its_help(task_type: type[Task]) -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, task_type)
    shown = " ".join(parser.format_help().split())
    for field in describe(task_type):
        flag = field.name.removesuffix("s") if field.several else field.name
        assert (field.name.upper() if field.role == "prompt" else f"--{flag.replace('_', '-')}") in shown
        assert " ".join(field.help.split())[:30] in shown


def test_nothing_given_is_the_task_as_it_is() -> None:
    assert task(ImageTask) == ImageTask()


def test_each_kind_of_flag() -> None:
    assert task(ImageTask, "a fox", "--guidance", "2.5", "--seed", "-1") == ImageTask(prompt="a fox", guidance=2.5)
    assert task(WriteTask, "--stop", "END", "--stop", "\n", "--mode", "chat") == WriteTask(
        stop=("END", "\n"), mode="chat"
    )
    assert task(LatentTask, "--seeds", "0-2,9", "--seeds", "4", "--psi", "-0.5") == LatentTask(
        seeds=(0, 1, 2, 9, 4), psi=-0.5
    )
    assert task(WalkTask, "--no-loop", "--format", "gif") == WalkTask(loop=False, format="gif")


def test_what_has_no_plain_form_is_json() -> None:
    assert task(LatentTask, "--points", '[{"seeds": [1, 2], "weights": [0.5, 0.5]}]') == LatentTask(
        points=(LatentPoint(seeds=(1, 2), weights=(0.5, 0.5)),)
    )
    assert task(WriteTask, "--history", '[{"role": "user", "text": "hello"}]') == WriteTask(
        history=(Turn("user", "hello"),)
    )


def test_the_models_own_settings_come_before_the_tasks_and_after_what_was_given() -> None:
    defaults = {"size": 64, "steps": 7, "guidance": 3.0, "unknown": 1, "image": "/home/me/private.png"}
    assert task(ImageTask, "--steps", "9", "--width", "32", **defaults) == ImageTask(
        steps=9, guidance=3.0, width=32, height=64
    )


@pytest.mark.parametrize(
    ("task_type", "words", "sentence"),
    [
        (ImageTask, ("--steps", "0"), "0 is not between 1 and 150"),
        (ImageTask, ("--steps", "many"), "'many' is not a whole number"),
        (ImageTask, ("--guidance", "nan"), "nan is not between 0 and 30"),
        (WalkTask, ("--size", "3"), "3 is not a multiple of 2"),
        (LatentTask, ("--noise", "loud"), "invalid choice: 'loud'"),
        (LatentTask, ("--seeds", "9-3"), "9-3 runs backwards"),
        (LatentTask, ("--seeds", "0-4000000000"), "covers more than"),
        (LatentTask, ("--seeds", "some"), "'some' is not a list of numbers"),
        (LatentTask, ("--points", "{"), "this is not valid JSON"),
        (LatentTask, ("--seed", "3"), "unrecognized arguments: --seed 3"),
    ],
)
def test_a_wrong_flag_is_refused(
    task_type: type[Task], words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(task_type, *words)
    assert exit_.value.code == 2
    assert sentence in capsys.readouterr().err


def test_json_of_the_wrong_shape_names_the_field() -> None:
    with pytest.raises(StudioError, match="Points has the wrong type"):
        task(LatentTask, "--points", '[{"seeds": "b"}]')


def test_numbers() -> None:
    assert read_numbers("0-3,8") == [0, 1, 2, 3, 8]
    assert read_numbers("5") == [5]


def test_a_model_that_is_not_there() -> None:
    assert read_address("starter:scenes") == "starter:scenes"
    with pytest.raises(StudioError, match="no model at"):
        read_address("nowhere/at all")


@pytest.mark.parametrize("text", ["4294967296", "18446744073709551615", "0,4294967290-4294967296"])
def test_seeds_that_no_generator_knows_are_a_wrong_flag(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not between 0 and 4294967295"):
        read_numbers(text)
    assert read_numbers("4294967295") == [2**32 - 1]

"""Flags of groups, of choices between types, and of lists."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from studio.cli.flags import add_flags, read_task
from studio.core.errors import StudioError
from studio.core.task import Task
from tests.composed import ComposedTask, FromNoise, FromPicture, Inpaint, Lora, Region, Sampling, Vae


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(allow_abbrev=False)
    add_flags(made, ComposedTask)
    return made


def task(*words: str, **defaults: Any) -> Task:
    return read_task(ComposedTask, vars(parser().parse_args(words)), defaults)


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ((), ComposedTask()),
        (("--sampling-steps", "9", "--sampling-ancestral", "yes"), ComposedTask(sampling=Sampling(9, True))),
        (("--start", "picture"), ComposedTask(start=FromPicture())),
        (("--start", "picture", "--start-strength", "0.3"), ComposedTask(start=FromPicture(strength=0.3))),
        (("--start-strength", "0.3"), ComposedTask(start=FromPicture(strength=0.3))),
        (("--start-fill", "noise", "--start-path", "/a.png"), ComposedTask(start=Inpaint("/a.png", fill="noise"))),
        (
            ("--part", "lora:path=/ink.safetensors,weight=-0.5", "--part", r"vae:path=starter:scenes", "--part", "vae"),
            ComposedTask(parts=(Lora("/ink.safetensors", -0.5), Vae("starter:scenes"), Vae())),
        ),
        (
            ("--region", '"words=sky, blue","at=0-2,7"', "--region", "words=sea"),
            ComposedTask(regions=(Region("sky, blue", (0, 1, 2, 7)), Region("sea"))),
        ),
        (("--guide", "vae"), ComposedTask(guide=Vae())),
        (("--style-steps", "3"), ComposedTask(style=Sampling(3))),
    ],
)
def test_flags_become_structs(words: tuple[str, ...], made: Task) -> None:
    assert task(*words) == made


def test_paths_inside_are_named_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert task("--start-path", "x.png", "--start-mask", "m.png", "--part", "vae:path=v") == ComposedTask(
        start=Inpaint(str(tmp_path / "x.png"), str(tmp_path / "m.png")), parts=(Vae(str(tmp_path / "v")),)
    )


def test_help_tells_the_types_and_what_each_takes() -> None:
    shown = " ".join(parser().format_help().split())
    for words in (
        "--start {noise,picture,inpaint}", "noise, picture (path, strength), inpaint (path, mask, fill)",
        "--start-path VALUE", "--part KIND:NAME=VALUE,...", "lora (path, weight), vae (path)",
        "--region NAME=VALUE,...", "--sampling-steps VALUE",
    ):  # fmt: skip
        assert words in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--start", "nothing"), "invalid choice: 'nothing'"),
        (("--part", "ink"), "'ink' is not one of lora, vae"),
        (("--part", "vae:weight=1"), "vae: weight is not one of its settings: path"),
        (("--part", "lora:weight"), "'weight' is not of the form NAME=VALUE"),
        (("--part", "lora:weight=9"), "9.0 is not between -2 and 2"),
    ],
)
def test_a_wrong_flag_is_refused(words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        task(*words)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--start-path", "x.png"), "Choose one with --start: picture, inpaint"),
        (("--start", "noise", "--start-path", "x.png"), "path is not one of its settings: -"),
        (("--start", "picture", "--start-strength", "7"), "--start: 7.0 is not between 0.05 and 1"),
        (("--sampling-ancestral", "perhaps"), "'perhaps' is not yes or no"),
        (("--start", "inpaint", "--start-fill", "red"), "Start has the wrong type"),
        (("--part", r"vae:path=\\server\share\x"), "on another machine"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence.replace("\\", "\\\\")):
        task(*words)


def test_a_models_card_names_no_files_inside_either() -> None:
    card = {"start": {"type": "picture", "path": "/home/me/x.png"}, "sampling": {"steps": 4}}
    assert task(**card) == ComposedTask(start=FromNoise(), sampling=Sampling(4))

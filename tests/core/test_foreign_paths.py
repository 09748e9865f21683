"""Paths of other machines and devices: never opened, wherever a request is read."""

import json
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
import pytest

from studio.app.finder import Finder
from studio.app.line_file import SavedRun, read_line, write_line
from studio.cli.flags import read_task
from studio.core import declare
from studio.core.errors import StudioError
from studio.core.fields import FILES, Field, describe, names_of
from studio.core.foreign_paths import leads_elsewhere
from studio.core.saved import job_from_data, job_to_data
from studio.core.task import Task
from studio.core.values import Job
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.search import InvertTask
from studio.library.metadata.request import FILES as NAMES
from tests.hostile.dropping import NO_INDEX, NO_INPUTS

ELSEWHERE = [
    "//attacker.example/share/x.png", r"\\attacker.example\share\x.png", r"\/attacker.example\share\x.png",
    "/\\attacker.example/share/x.png", " //attacker.example/x", r"\\?\UNC\attacker.example\share\x.png",
    "//?/UNC/attacker.example/share", r"\\.\pipe\name", r"\??\UNC\attacker.example\share", r"\\?\GLOBALROOT\Device",
    "file://attacker.example/share/x.png", "FILE:///home/x.png", "smb://host/share", "http://host/x.png",
    "data:image/png;base64,AAAA", "/net/attacker.example/share/x.png", "/Network/Servers/host/x.png", "/dev/stdin",
    "CON", r"C:\pictures\nul.png", "c:/x/COM1", r"\\?\C:\x\aux.txt", "lpt¹.png",
]  # fmt: skip
HERE = [
    "", "/home/me/x.png", "/home/con/aux/nul.png", r"C:\Users\me\x.png", "D:/x.png", r"\\?\C:\Users\me\x.png",
    "starter:scenes", "photo.png", "/net", "/network.png", "/dev/shm/x.png", "/home/me/a:b.png", "/home/me//x.png",
]  # fmt: skip


BAD = r"\\server\share\x.png"


@pytest.mark.parametrize("path", ELSEWHERE)
def test_paths_that_lead_elsewhere(path: str) -> None:
    assert leads_elsewhere(path)
    data = job_to_data(Job(task=ImageTask(image=path, prompt="x")))
    task = job_from_data(json.loads(json.dumps(data)), task_types()).task
    assert isinstance(task, ImageTask)
    assert (task.image, task.prompt) == ("", "x")


@pytest.mark.parametrize("path", HERE)
def test_paths_of_this_machine(path: str) -> None:
    assert not leads_elsewhere(path)


NAMING = [
    (kind, field) for kind in task_types().values() for field in describe(kind) if field.role in FILES
]  # fmt: skip
each_naming = pytest.mark.parametrize(
    ("kind", "field"), NAMING, ids=[f"{kind.kind}.{field.name}" for kind, field in NAMING]
)


def planted(kind: type[Task], field: Field) -> Task:
    """A request that names another machine in ``field``."""
    value = (BAD, "/home/me/x.png") if field.type == "texts" else BAD
    return kind.from_values({field.name: value})


def left(task: Task, field: Field) -> object:
    value = getattr(task, field.name)
    return list(value) if field.type == "texts" else value


@each_naming
def test_no_way_in_brings_another_machines_path(kind: type[Task], field: Field, tmp_path: Path) -> None:
    """The saved queue, a row of the library, a file's own words, settings kept over a restart."""
    job = Job(task=planted(kind, field))
    kept = ["/home/me/x.png"] if field.type == "texts" else ""
    write_line(tmp_path / "queue.json", (SavedRun(job),))
    ((run,), _) = read_line(tmp_path / "queue.json", task_types())
    assert left(run.job.task, field) == kept
    finder = Finder(NO_INDEX, NO_INPUTS, task_types(), lambda kind: [])
    data = json.loads(json.dumps(job_to_data(job)))
    row, missing = finder.job_of_row(data)
    assert left(row.task, field) == kept
    assert missing == ("x.png",)
    record = {"job": data, "model_name": "", "notes": {}}
    assert BAD not in str(job_to_data(finder.job_of_file(record, "/home/me/y.png")[0]))
    assert left(kind.from_data(job.task.to_data()), field) == kept


@each_naming
def test_on_the_command_line_each_is_refused(kind: type[Task], field: Field) -> None:
    with pytest.raises(StudioError, match="on another machine"):
        read_task(kind, {field.name: getattr(planted(kind, field), field.name)}, {})


class Weight(msgspec.Struct, frozen=True, tag="weight"):
    path: Annotated[str, declare.input_file("", "")] = ""


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    weight: Weight = Weight()


class Deep(Task, frozen=True, kw_only=True):
    kind: ClassVar[str] = "deep"
    runner: ClassVar[str] = "none:none"

    parts: Annotated[tuple[Weight | Picture, ...], declare.nested("", "")] = ()
    only: Annotated[Picture | None, declare.nested("", "")] = None


def test_it_is_found_however_deep_it_lies() -> None:
    good = Weight("/home/me/x.png")
    task = Deep(parts=(good, Weight(BAD), Picture(Weight(BAD))), only=Picture(Weight(BAD)))
    assert Deep.read_data(json.loads(json.dumps(task.to_data()))) == (
        Deep(parts=(good, Weight(), Picture()), only=Picture()), (BAD, BAD, BAD)
    )  # fmt: skip
    with pytest.raises(StudioError, match="on another machine"):
        read_task(Deep, {"parts": msgspec.to_builtins(task.parts)}, {})


def test_an_encoder_may_be_a_bundled_one() -> None:
    assert InvertTask.from_data({"encoder": "starter:scenes"}).encoder == "starter:scenes"


def test_what_is_written_into_files_knows_the_same_fields() -> None:
    assert {name for task in task_types().values() for name in names_of(task, FILES)} == NAMES


def test_a_saved_request_waits_until_the_person_has_seen_that_its_picture_is_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "queue.json"
    jobs = [Job(task=ImageTask(image=image)) for image in ("//attacker.example/x.png", "/home/me/x.png")]
    write_line(path, tuple(map(SavedRun, jobs)))
    (elsewhere, here), notice = read_line(path, task_types())
    assert (elsewhere.job.task, elsewhere.begun) == (ImageTask(), True)
    assert "attacker.example" in elsewhere.message
    assert (here.job, here.begun, notice) == (jobs[1], False, "")


@pytest.mark.parametrize("path", ["//attacker.example/x.png", "file://attacker.example/x.png"])
def test_on_the_command_line_it_is_refused_in_words(path: str) -> None:
    with pytest.raises(StudioError, match="on another machine"):
        read_task(ImageTask, {"prompt": "x", "image": path}, {})

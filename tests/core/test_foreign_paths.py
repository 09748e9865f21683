"""Paths of other machines and devices: never opened, wherever a request is read."""

import json
from pathlib import Path

import pytest

from studio.app.line_file import SavedRun, read_line, write_line
from studio.cli.flags import read_task
from studio.core.errors import StudioError
from studio.core.fields import describe
from studio.core.foreign_paths import leads_elsewhere, without_foreign_paths
from studio.core.saved import job_from_data, job_to_data
from studio.core.values import Job
from studio.features import task_types
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.search import InvertTask
from studio.features.latent.tasks.vae import VaeTask
from studio.library.metadata.request import FILES

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


def test_every_field_that_names_files_is_looked_at() -> None:
    bad, good = "//host/x.png", "/home/me/x.png"
    task, gone = without_foreign_paths(VaeTask(first=bad, second=good, more=(good, bad), less=(bad,)))
    assert (task.first, task.second, task.more, task.less) == ("", good, (good,), ())
    assert len(gone) == 3
    assert without_foreign_paths(InvertTask(encoder=bad))[0].encoder == ""
    assert without_foreign_paths(InvertTask(encoder="starter:scenes"))[0].encoder == "starter:scenes"


def test_what_is_written_into_files_knows_the_same_fields() -> None:
    named = {field.name for task in task_types().values() for field in describe(task) if field.names_files}
    assert named == FILES


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

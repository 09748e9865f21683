"""The front door, as a person comes through it: real starts of a small project."""

import os
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import small_project
from tests.small_project import BASE, ROOT, Small, told

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the copies of environments that these tests make need POSIX")


class First(NamedTuple):
    """The first start of a project in a folder with a space and Chinese in its name."""

    project: Small
    run: "subprocess.CompletedProcess[str]"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of all small projects."""
    return small_project.make_wheels(tmp_path_factory.mktemp("packages") / "wheels")


@pytest.fixture(scope="session")
def first(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> First:
    """The first start, done once for all tests."""
    project = Small(small_project.make(tmp_path_factory.mktemp("first") / "my 工作室"), wheels)
    return First(project, project.start("image", "a fox"))


@pytest.fixture
def fresh(wheels: Path, tmp_path: Path) -> Small:
    """A project that was never started."""
    return Small(small_project.make(tmp_path / "fresh" / "my 工作室"), wheels)


@pytest.fixture
def ready(first: First, tmp_path: Path) -> Small:
    """A project whose set-up is done."""
    folder = tmp_path / "my 工作室"
    shutil.copytree(first.project.folder, folder, symlinks=True)
    return Small(folder, first.project.wheels)


def test_the_first_start_sets_up_and_goes_on(first: First) -> None:
    said = told(first.run)
    assert Path(said["prefix"]) == first.project.venv
    assert said["argv"] == ["image", "a fox"]
    assert "GB to download" in first.run.stderr
    assert "Creating" in first.run.stderr


def test_a_later_start_says_nothing_and_keeps_the_persons_folder(ready: Small) -> None:
    run = ready.start("image", "a fox", "--yes")
    assert run.stderr == ""
    assert told(run) == {"prefix": str(ready.venv), "argv": ["image", "a fox"], "folder": str(ready.folder.parent)}


def test_the_exit_status_comes_through(ready: Small) -> None:
    assert ready.start("image", "--fail").returncode == 3


def test_what_is_half_made_is_made_anew(ready: Small) -> None:
    ready.stamp.write_text("unfinished\n\n", encoding="utf-8")
    rest = ready.venv / "half a package"
    rest.touch()
    run = ready.start("image")
    assert told(run)["prefix"] == str(ready.venv)
    assert not rest.exists()


def test_a_failed_download_is_told_and_leaves_it_unfinished(fresh: Small) -> None:
    small_project.require(fresh.folder, ("torch==2.13.*", "nowhere-to-be-found"))
    run = fresh.start("image")
    assert run.returncode == 1
    assert "pip couldn't install everything" in run.stderr
    assert fresh.stamp.read_text(encoding="utf-8").startswith("unfinished")


def test_a_persons_own_environment_beside_it_is_kept(ready: Small) -> None:
    ready.stamp.unlink()
    own = ready.venv / "something of their own"
    own.touch()
    assert told(ready.start("image"))["prefix"] == str(ready.venv)
    assert own.exists()
    assert ready.start("image").stderr == ""


def test_an_environment_that_was_entered_is_used(ready: Small) -> None:
    own = ready.folder.parent / "own"
    ready.venv.rename(own)
    run = small_project.start(ready.folder, ready.wheels, "image", python=str(own / "bin" / "python"))
    assert told(run)["prefix"] == str(own)
    assert not ready.venv.exists()


def test_its_own_environment_can_be_entered_and_is_still_made_anew(ready: Small) -> None:
    python = str(ready.venv / "bin" / "python")
    assert small_project.start(ready.folder, ready.wheels, "image", python=python).stderr == ""
    ready.stamp.write_text("unfinished\n\n", encoding="utf-8")
    assert told(small_project.start(ready.folder, ready.wheels, "image", python=python))["prefix"] == str(ready.venv)


def test_the_tests_are_set_up_and_run_in_the_project(ready: Small) -> None:
    said = told(ready.start("test", "--yes", "-k", "fox"))
    assert said == {"prefix": str(ready.venv), "argv": ["-k", "fox"], "folder": str(ready.folder)}
    assert ready.start("test").stderr == ""
    assert ready.start("image").stderr == ""


def test_uv_is_asked_for_a_build_of_torch_which_is_remembered(ready: Small) -> None:
    run = ready.start("image", "--torch", "cpu")
    assert "uv was asked: pip install --python" in run.stderr
    assert "--torch-backend cpu --upgrade torch==2.13.*" in run.stderr
    small_project.require(ready.folder, ("torch==2.13.*", "other"))
    assert "--torch-backend cpu" in ready.start("image").stderr
    subprocess.run([ready.venv / "bin" / "python", "-c", "import other"], check=True)


def test_torch_is_changed_without_making_all_anew(ready: Small) -> None:
    mark = ready.venv / "mark"
    mark.touch()
    assert "--torch-backend auto" in ready.start("image", "--torch=auto").stderr
    assert ready.start("image").stderr == ""
    assert mark.exists()


def test_a_build_that_cannot_be_had_leaves_all_as_it_was(ready: Small) -> None:
    run = ready.start("image", "--torch", "wrong")
    assert run.returncode == 1
    assert "uv couldn't install the wrong build of torch" in run.stderr
    assert ready.start("image").stderr == ""


def test_two_starts_at_once_make_one_environment(fresh: Small) -> None:
    command = [BASE, str(fresh.folder / "main.py"), "image"]
    env = small_project.surroundings(fresh.wheels)
    runs = [
        subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    words = [run.communicate(timeout=100)[1].decode() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum("Creating" in said for said in words) == 1


def test_a_person_at_a_terminal_is_asked(fresh: Small) -> None:
    import pty

    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [BASE, str(fresh.folder / "main.py"), "image"],
        env=small_project.surroundings(fresh.wheels),
        stdin=theirs,
        stderr=subprocess.PIPE,
    )
    os.write(ours, b"n\n")
    _, words = run.communicate(timeout=100)
    assert run.returncode == 1
    assert words.decode().endswith("Continue? [Y/n] Nothing was changed.\n")
    assert not fresh.venv.exists()


def test_without_a_screen_the_command_line_is_named(fresh: Small, ready: Small) -> None:
    for project in (fresh, ready):
        run = project.start()
        assert run.returncode == 1
        assert "There is no display" in run.stderr
        assert "python3 main.py image" in run.stderr
    assert "download" not in run.stderr


def test_help_and_doctor_work_before_the_set_up(fresh: Small) -> None:
    assert "doctor" in fresh.start("--help").stdout
    run = fresh.start("doctor")
    assert run.returncode == 1
    assert "not done yet" in run.stdout
    assert "python3 main.py" in run.stdout.splitlines()[-1]
    assert not fresh.venv.exists()


def test_a_folder_that_cannot_be_written_is_told(fresh: Small) -> None:
    fresh.venv.write_text("in the way", encoding="utf-8")
    run = fresh.start("image")
    assert run.returncode == 1
    assert "Setup can't continue" in run.stderr


def test_an_older_python_reads_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        runpy.run_path(str(ROOT / "main.py"), run_name="__main__")


def test_importing_it_does_nothing() -> None:
    code = "import sys; before = set(sys.modules); import main; print(sorted(set(sys.modules) - before))"
    run = subprocess.run([BASE, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['main']"


def test_a_start_costs_little_more_than_python_itself(ready: Small) -> None:
    """Two interpreters start; what the door itself does must not dwarf that."""

    def shortest(run: Callable[[], object]) -> float:
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
        return min(times)

    bare = shortest(lambda: subprocess.run([BASE, "-c", "pass"], check=True))
    assert shortest(lambda: ready.start("image")) < 12 * bare

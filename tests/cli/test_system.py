"""What Linux must bring, found out on this one; apt-get is one of our own here."""

import gc
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from studio.cli import bootstrap, environment, main, system
from studio.core.errors import StudioError

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux splits these off")
MISSING = {"libnowhere.so.7": "libnowhere7", "libnone.so.1": "libnone1", "libnone-extra.so.1": "libnone1"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux that lacks some libraries."""
    monkeypatch.setattr(system, "_ALWAYS", {"libc.so.6": "libc6", "libnowhere.so.7": "libnowhere7"})
    monkeypatch.setattr(system, "_SCREEN", {"libnone.so.1": "libnone1"})


def test_libraries_that_are_missing(bare: None) -> None:
    assert system.missing_libraries(screen=False) == {"libnowhere.so.7": "libnowhere7"}
    assert list(system.missing_libraries(screen=True)) == ["libnowhere.so.7", "libnone.so.1"]


def test_the_window_is_not_opened_without_them(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(system, "is_debian", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StudioError) as error:
        system.check_window()
    assert str(error.value).endswith("sudo apt-get install libnowhere7")


def test_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "is_debian", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert system.advice(MISSING).endswith("sudo apt-get install libnone1 libnowhere7")
    monkeypatch.setattr(system, "is_debian", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == "dnf" else None)
    assert "sudo dnf install 'libnowhere.so.7()(64bit)'" in system.advice(MISSING)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "libnowhere.so.7, libnone.so.1" in system.advice(MISSING)
    assert "\n" not in system.advice(MISSING)


def test_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StudioError, match="There is no display"):
        system.check_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    system.check_screen()


def write_apt(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """An apt-get that notes what it is asked and then runs ``script``."""
    notes = folder / "asked"
    folder.mkdir()
    (folder / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> "{notes}"\n{script}\n', encoding="utf-8")
    (folder / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return notes


def test_root_has_apt_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    notes = write_apt(tmp_path / "bin", monkeypatch, "exit 0")
    system.install(MISSING)
    assert notes.read_text(encoding="utf-8") == "install -y --no-install-recommends libnone1 libnowhere7\n"
    assert "Installing system packages with apt-get: libnone1 libnowhere7" in capfd.readouterr().err


def test_apt_without_its_lists_gets_them_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = tmp_path / "lists"
    notes = write_apt(tmp_path / "bin", monkeypatch, f'if [ "$1" = update ]; then : > "{lists}"; fi; [ -e "{lists}" ]')
    system.install(MISSING)
    words = [line.split()[0] for line in notes.read_text(encoding="utf-8").splitlines()]
    assert words == ["install", "update", "install"]


def test_apt_that_fails_ends_in_the_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_apt(tmp_path / "bin", monkeypatch, "exit 100")
    with pytest.raises(StudioError, match="are missing"):
        system.install(MISSING)


def without_ensurepip(monkeypatch: pytest.MonkeyPatch, python: str) -> None:
    monkeypatch.setattr(system, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    monkeypatch.setattr(system, "is_debian", lambda: True)
    monkeypatch.setattr(sys, "executable", python)


def test_debian_has_split_off_what_makes_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system.missing_venv() == {}
    without_ensurepip(monkeypatch, "/usr/bin/python-of-debian")
    assert system.missing_venv() == {"ensurepip": f"python3.{sys.version_info[1]}-venv"}


def test_no_package_helps_a_python_that_is_not_the_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    without_ensurepip(monkeypatch, "/opt/python/bin/python3")
    with pytest.raises(StudioError, match="lacks the module ensurepip"):
        system.missing_venv()


def opening(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Come in as one does once there is an environment; returns what the window was started with."""
    opened: list[object] = []
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setattr("studio.shell.start.main", lambda given: (opened.append(given), 0)[1])
    assert main(argv) == (0 if opened else 1)
    gc.enable()
    return opened


def brought(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries that are missing until apt-get was asked for them."""
    loads = system._loads
    monkeypatch.setattr(system, "_loads", lambda name: loads(name) or notes.exists())


def test_root_has_them_installed_when_there_is_an_environment_already(
    bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The second start, too, and one in an environment of one's own: they may have been removed since."""
    notes = write_apt(tmp_path / "bin", monkeypatch, "exit 0")
    brought(notes, monkeypatch)
    monkeypatch.setattr(system, "can_install", lambda: True)
    assert opening([], monkeypatch) == [[]]
    assert notes.read_text(encoding="utf-8") == "install -y --no-install-recommends libnone1 libnowhere7\n"
    assert "Installing system packages with apt-get: libnone1 libnowhere7" in capfd.readouterr().err


def test_everybody_else_is_told_the_command(
    bare: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "is_debian", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert opening([], monkeypatch) == []
    assert capfd.readouterr().err.strip().endswith("sudo apt-get install libnone1 libnowhere7")


def test_packages_that_bring_nothing_are_said_not_looped_over(
    bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    notes = write_apt(tmp_path / "bin", monkeypatch, "exit 0")
    monkeypatch.setattr(system, "can_install", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(system, "is_debian", lambda: True)
    assert opening([], monkeypatch) == []
    assert len(notes.read_text(encoding="utf-8").splitlines()) == 1
    assert capfd.readouterr().err.strip().endswith("with:  apt-get install libnone1 libnowhere7"), "root needs no sudo"


def test_the_tests_have_them_installed_as_well(bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = write_apt(tmp_path / "bin", monkeypatch, "exit 0")
    brought(notes, monkeypatch)
    handed: list[object] = []
    monkeypatch.setattr(system, "can_install", lambda: True)
    monkeypatch.setattr(system, "tests_want_screen", lambda: True)
    monkeypatch.setattr(bootstrap, "_hand_over", lambda python, arguments: (handed.append(arguments), 0)[1])
    monkeypatch.chdir(tmp_path)
    assert bootstrap._continue_in("python3", bootstrap.Asked(["test", "-k", "fox"])) == 0
    assert "libnone1 libnowhere7" in notes.read_text(encoding="utf-8")
    assert handed == [["-m", "pytest", "-k", "fox"]]


def test_a_library_that_is_gone_from_the_environment_is_said_and_the_next_start_makes_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def gone(argv: list[str]) -> int:
        raise ModuleNotFoundError("No module named 'msgspec.json'", name="msgspec.json")

    monkeypatch.setattr(environment, "inside", lambda: True)
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "triptych-stamp")
    monkeypatch.setattr("studio.cli.make.main", gone)
    assert main(["image"]) == 1
    assert "msgspec.json is missing from it. Start again" in capfd.readouterr().err
    assert (tmp_path / "triptych-stamp").read_text(encoding="utf-8").startswith("unfinished")


OTHER = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""A locale that has no letters but ASCII's."""


def test_a_locale_without_letters_becomes_utf8() -> None:
    program = """
import sys
from pathlib import Path
from studio.cli import main
print(sys.getfilesystemencoding(), *sys.argv[1:], flush=True)
main(["image", "--help"])
"""
    command = [sys.executable, "-c", program, "a fox"]
    run = subprocess.run(command, cwd=ROOT, env={**os.environ, **OTHER}, capture_output=True, check=False)
    assert run.stdout.decode("utf-8").splitlines()[:2] == ["ascii a fox", "utf-8 a fox"]


def test_a_picture_is_named_and_told_in_any_locale(tmp_path: Path) -> None:
    """By a command whose prompt and folder are Chinese."""
    command = [sys.executable, "main.py", "image", "画 a kite", "--steps", "1", "--out"]
    home = {"TRIPTYCH_HOME": str(tmp_path / "家")}
    run = subprocess.run(
        [os.fsencode(word) for word in (*command, str(tmp_path / "画室"))],
        cwd=ROOT,
        env={**os.environ, **OTHER, **home},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (picture,) = (tmp_path / "画室").iterdir()
    assert run.stdout.decode("utf-8").strip() == str(picture)
    assert "画-a-kite" in picture.name


def test_a_locale_that_python_does_not_know_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> tuple[str, str]:
        raise ValueError("unknown locale: xx")

    monkeypatch.setattr("locale.getlocale", unknown)
    assert system.language() == ""

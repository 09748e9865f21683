"""What Linux must bring, found out on this one; apt-get is one of our own here."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from studio.cli import system
from studio.core.errors import StudioError

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
    with pytest.raises(StudioError) as error:
        system.check_window()
    assert str(error.value).endswith("sudo apt-get install libnowhere7")


def test_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "is_debian", lambda: True)
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
    with pytest.raises(StudioError, match="no screen here"):
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

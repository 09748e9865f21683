"""The report on what is here and what is missing."""

import pytest

from studio.cli import doctor, environment, main, system
from studio.core.engine_config import DEFAULTS
from studio.library.paths import find_paths

REAL = system.missing_libraries
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def fine(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """An engine that says what it runs on at once; the same dictionary can be changed."""
    facts: dict[str, object] = {"device": "cpu", "dtype": "float32", "why": "no GPU", "memory_free": 4_000_000_000}
    monkeypatch.setattr(doctor, "_ask_engine", lambda config: (facts, ""))
    monkeypatch.setattr(system, "missing_libraries", lambda screen: {})
    return facts


def test_the_real_engine_says_what_it_runs_on() -> None:
    facts, trouble = doctor._ask_engine(DEFAULTS)
    assert trouble == ""
    assert facts is not None
    assert {"device", "dtype", "why", "versions"} <= facts.keys()


def test_all_is_well(fine: dict[str, object], capsys: Capture) -> None:
    assert main(["doctor"]) == 0
    words = capsys.readouterr().out
    for part in ("torch", "PySide6_Essentials", "no GPU", "4.0 GB", str(find_paths().pictures), "starter:scenes"):
        assert part in words
    assert words.splitlines()[-1].strip() == "Everything is installed."


def test_a_card_that_torch_cannot_use_is_named_with_its_mend(fine: dict[str, object], capsys: Capture) -> None:
    fine |= {"cuda_missing": True, "mend": "python3 main.py --torch auto"}
    assert main(["doctor"]) == 1
    assert "python3 main.py --torch auto" in capsys.readouterr().out.splitlines()[-1]


def test_libraries_that_are_missing(fine: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(environment, "lacking", lambda tests=False: ["torch==2.13.*"])
    monkeypatch.setattr(system, "missing_libraries", lambda screen: {"libnowhere.so.7": "libnowhere7"})
    assert main(["doctor"]) == 1
    words = capsys.readouterr().out
    assert "libnowhere" in words
    assert "1 library is missing. Install" in words
    assert "Device" not in words


def test_libraries_of_the_window_are_looked_for_without_a_screen_too(
    fine: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    lost = ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0")
    monkeypatch.setattr(system, "missing_libraries", REAL)
    monkeypatch.setattr(system, "_loads", lambda name: name not in lost)
    assert main(["doctor"]) == 1
    words = capsys.readouterr().out
    assert "none: only the command line" in words
    assert "missing: libxcb-cursor.so.0, libxkbcommon-x11.so.0" in words
    assert "Everything is installed." not in words


def test_an_engine_that_does_not_start(
    fine: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(doctor, "_ask_engine", lambda config: (None, "its last words"))
    assert main(["doctor"]) == 1
    assert "its last words" in capsys.readouterr().out


def test_a_bundled_model_that_is_missing(
    fine: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: Capture
) -> None:
    monkeypatch.setattr("studio.core.resources.RESOURCES", tmp_path_factory.mktemp("none"))
    assert main(["doctor"]) == 1
    assert "The bundled model for latent is missing" in capsys.readouterr().out

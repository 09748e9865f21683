"""The front door's own options, taken out of the command line."""

from pathlib import Path

import pytest

from studio.cli import environment, opens_window
from studio.cli.bootstrap import SPREAD, TORTURE, Asked, _tests, enter, read
from tests.torture.conftest import BEGIN, END, merged


def test_its_options_may_stand_anywhere() -> None:
    assert read(["--yes", "image", "a fox"]) == Asked(["image", "a fox"], yes=True)
    assert read(["test", "--yes", "-k", "fox"]) == Asked(["test", "-k", "fox"], yes=True)
    assert read(["--torch", "cpu", "doctor"]) == Asked(["doctor"], torch="cpu")
    assert read(["--torch=auto"]) == Asked([], torch="auto")
    assert read([]) == Asked([])


@pytest.mark.parametrize("words", [["--torch"], ["--torch", "--yes"], ["--torch="]])
def test_a_build_must_be_named(words: list[str]) -> None:
    with pytest.raises(ValueError, match="--torch needs"):
        read(words)


def test_without_a_command_the_window_opens() -> None:
    assert opens_window([])
    assert opens_window(["--engine", "local"])
    assert not opens_window(["--help"])
    assert not opens_window(["image"])


def test_the_whole_suite_is_spread_over_the_cores_and_what_is_picked_is_not() -> None:
    assert _tests([]) == [*SPREAD]
    assert _tests(["-x", "--reruns=1"]) == [*SPREAD, "-x", "--reruns=1"]
    for picked in (["tests/cli"], ["-k", "fox"], ["-n", "0"], ["-p", "no:xdist"]):
        assert _tests(picked) == picked


def test_the_long_tests_are_one_word() -> None:
    assert _tests(["-k", "fox"]) == ["-k", "fox"]
    assert _tests(["-x", "--torture"]) == [*TORTURE, "-x"]


def test_the_table_keeps_the_rows_of_other_runs() -> None:
    head = "| what was done | tried, and what was counted | failed |\n|---|---|---|\n"
    kept, row = "| fuzzed (atheris), an hour: png | png: 9 | 0 |\n", "| `tests/cli/test_bootstrap.py`: Doors | 7 | 1 |"
    gone = "| jobs | 3 | 0 |\n| `tests/gone.py`: Gone | 4 | 0 |\n"
    once = merged(f"before\n{BEGIN}\n{head}{kept}{gone}{END}\nafter\n", f"{head}| jobs | 5 | 0 |\n{row}")
    assert once == f"before\n{BEGIN}\n{head}{kept}| jobs | 5 | 0 |\n{row}\n{END}\nafter\n"
    assert merged(once, f"{head}| jobs | 6 | 0 |") == once.replace("| jobs | 5", "| jobs | 6")


class Closed(type(Path())):  # type: ignore[misc]
    """A file in a folder that one may not enter."""

    def stat(self, *, follow_symlinks: bool = True) -> object:
        raise PermissionError(13, "Permission denied", str(self))


@pytest.mark.parametrize("words", [["doctor"], [], ["image", "a fox"]])
def test_an_environment_of_another_user_is_explained(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stamp").write_text(f"{environment.fingerprint()}\n\n")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", Closed(tmp_path / ".venv" / "bin" / "python"))
    monkeypatch.setattr(environment, "is_virtual", lambda: False)
    monkeypatch.setattr(environment, "lacking", lambda tests=False: ["numpy"])
    assert enter(words) == 1
    assert f"You don't have permission to use {tmp_path / '.venv'}" in capsys.readouterr().err


def test_only_what_the_package_asks_for_makes_an_environment_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pyproject.toml"
    monkeypatch.setattr(environment, "PROJECT", file)
    file.write_text('[project]\ndependencies = ["numpy"]\n\n[tool.ruff]\nline-length = 100\n')
    before = environment.fingerprint()
    file.write_text('[project]\ndependencies = ["numpy"]\n\n[tool.ruff]\nline-length = 120\n')
    assert environment.fingerprint() == before
    file.write_text('[project]\ndependencies = ["numpy>=2"]\n\n[tool.ruff]\nline-length = 100\n')
    assert environment.fingerprint() != before

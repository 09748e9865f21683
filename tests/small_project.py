"""A project folder of a few files with main.py, so that its set-up takes seconds; its packages are wheels made here."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BASE = str(getattr(sys, "_base_executable", sys.executable))
"""The Python outside of any environment."""

# Instead of the studio's own command line, which needs the real libraries: says where it runs, and with what.
PROBE = '''"""Says where it runs."""
import json, os, sys
def main(argv):
    print(json.dumps({"prefix": sys.prefix, "argv": list(argv), "folder": os.getcwd()}))
    return 3 if "--fail" in argv else 0
'''
PYTEST = (
    'import json, os, sys\nprint(json.dumps({"prefix": sys.prefix, "argv": sys.argv[1:], "folder": os.getcwd()}))\n'
)
UV = 'import os, sys\nprint("uv was asked:", *sys.argv[1:])\nsys.exit("--torch-backend wrong" in " ".join(sys.argv))\n'
WHEELS = {
    "torch-2.13.0": ("torch", ""),
    "small-1.0": ("small", ""),
    "other-1.0": ("other", ""),
    "pytest-9.2.0": ("pytest", PYTEST),
    "uv-0.13.0": ("uv/__main__", UV),
}


def make(folder: Path, dependencies: tuple[str, ...] = ("torch==2.13.*", "small>=1")) -> Path:
    """Lay the project out in ``folder``, with its packages in a folder beside it."""
    (folder / "studio").mkdir(parents=True)
    shutil.copy(ROOT / "main.py", folder)
    shutil.copy(ROOT / "studio" / "__init__.py", folder / "studio")
    for part in ("cli", "core"):
        shutil.copytree(ROOT / "studio" / part, folder / "studio" / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "studio" / "cli" / "make.py").write_text(PROBE, encoding="utf-8")
    require(folder, dependencies)
    return folder


def require(folder: Path, dependencies: tuple[str, ...], tests: tuple[str, ...] = ("pytest>=9.2",)) -> None:
    """Write its ``pyproject.toml``."""
    project = {"dependencies": list(dependencies), "test": list(tests)}
    text = (
        f'[project]\nname = "triptych"\ndependencies = {json.dumps(project["dependencies"])}\n'
        f"[project.optional-dependencies]\ntest = {json.dumps(project['test'])}\n"
    )
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def make_wheels(folder: Path) -> Path:
    """A package index of a few wheels."""
    folder.mkdir(parents=True)
    for full, (module, code) in WHEELS.items():
        name, version = full.split("-")
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{full}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{module}.py", code)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


def surroundings(wheels: Path, **more: str) -> dict[str, str]:
    """The environment variables of a start: no screen, and pip sees ``wheels`` only."""
    dropped = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in dropped and not name.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), **more}


def start(
    folder: Path, wheels: Path, *arguments: str, python: str = BASE, **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run its ``main.py`` from another folder, without a terminal."""
    return subprocess.run(
        [python, str(folder / "main.py"), *arguments],
        cwd=folder.parent,
        env=surroundings(wheels, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def told(run: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """What the probe said."""
    assert run.returncode in (0, 3), run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    return said


class Small(NamedTuple):
    """A project folder, its packages, and its start."""

    folder: Path
    wheels: Path

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / "triptych-stamp"

    def start(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return start(self.folder, self.wheels, *arguments, **more)

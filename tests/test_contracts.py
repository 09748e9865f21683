"""The house keeps its own rules: imports go down only, the window knows no torch, files stay short."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
LONGEST = 400
"""Lines of a file."""
LONGER: set[str] = set()
"""Files that are longer for a good reason, which stands here."""

VIOLATIONS = {
    "studio/core/values.py": ("import numpy", "core stands on nothing but msgspec"),
    "studio/files/reading.py": ("import platformdirs", "files stands on nothing but core, msgspec and psutil"),
    "studio/core/crop.py": ("import studio.files", "Floors: imports go down only"),
    "studio/ui/planted.py": ("import studio.app", "ui knows core only"),
    "studio/app/planted.py": ("import torch", "The window's process never imports torch"),
    "studio/shell/planted.py": ("import studio.ml.pool", "The window's process never imports torch"),
    "studio/cli/planted.py": ("import torch", "The window's process never imports torch"),
    "studio/engine/planted.py": ("import studio.library", "Floors: imports go down only"),
    "studio/ml/planted.py": ("import PySide6.QtCore", "Compute and storage know no Qt"),
    "studio/features/image/tasks/image.py": ("import studio.library", "Tasks know core only"),
    "studio/features/image/runs/image.py": ("import studio.app", "Runners know no window"),
    "studio/features/write/ui/panel.py": ("import studio.engine", "Panels know neither torch nor the engine"),
    "studio/features/latent/ui/planted.py": ("import studio.features.image", "Rooms do not know each other"),
    "studio/features/image/tasks/planted.py": (
        "import studio.features.image.ui.panel",
        "In a room: what is seen and what computes stand on what can be asked",
    ),
    "studio/features/write/ui/planted.py": (
        "import studio.features.write.runs.row",
        "In a room: what is seen and what computes stand on what can be asked",
    ),
    "studio/features/latent/points/planted.py": (
        "import studio.features.latent.tasks.latent",
        "In a room: what is seen and what computes stand on what can be asked",
    ),
    "studio/features/latent/ui/widgets/planted.py": (
        "import studio.features.latent.ui.explore.frames",
        "In the Latent room's window: imports go down only",
    ),
}


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package, where something can be planted in it."""
    shutil.copytree(ROOT / "studio", tmp_path / "studio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept() -> None:
    run = lint(ROOT)
    assert run.returncode == 0, run.stdout


def test_what_is_forbidden_is_caught(copy: Path) -> None:
    """Each violation alone would take a while: all are planted at once, and each contract must be broken."""
    for name, (line, _) in VIOLATIONS.items():
        path = copy / name
        before = path.read_text(encoding="utf-8") if path.exists() else '"""Planted."""\n'
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    run = lint(copy)
    assert run.returncode != 0
    words = " ".join(run.stdout.split())
    for name, (line, contract) in VIOLATIONS.items():
        assert f"{contract} BROKEN" in words
        importer = name.removesuffix(".py").replace("/", ".")
        imported = line.split()[1].split(".Qt")[0]
        assert f"{importer} -> {imported}" in words or f"{importer} is not allowed to import {imported}" in words


def test_every_contract_is_tried() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for _, contract in VIOLATIONS.values()}


def test_the_windows_process_imports_no_torch() -> None:
    code = (
        "import sys, studio.shell.start\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'accelerate', 'peft'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT))
        for folder in ("studio", "packaging", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert long == LONGER


def test_the_project_names_no_registry() -> None:
    """Where packages come from is the person's own setting."""
    texts = [path for path in ROOT.glob("*.*") if path.suffix in (".py", ".toml", ".md")] + [
        *(ROOT / "studio").rglob("*.py"),
        *(ROOT / ".ci").glob("*"),
    ]
    registries = ("py" + "pi.org", "pythonhosted" + ".org", "download.py" + "torch.org", "--index" + "-url")
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts
        for name in registries
        if name in path.read_text(encoding="utf-8")
    }
    assert found == set()

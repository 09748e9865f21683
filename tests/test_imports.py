"""What may import what: the contracts catch whatever the design forbids, in every folder of the tree."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from copy import deepcopy
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

configure()  # as its command line does

ROOT = Path(__file__).resolve().parents[1]
STARTERS = ROOT / "packaging" / "starters"
DOCTOR = ROOT / "studio" / "cli" / "doctor.py"
"""Helps where there is no environment: only what it does with one may import more."""
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
TYPES = {
    "layers": LayersContract,
    "independence": IndependenceContract,
    "forbidden": ForbiddenContract,
    "protected": ProtectedContract,
}
SESSION = {"root_packages": ["studio"], "include_external_packages": "True"}
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "peft"}
WINDOW = "core files app ui room features title points tasks"
MAY = {
    "core": "",
    "files": "core",
    "pictures": "core files",
    "families": "core files",
    "engine": "core files",
    "models": "core files families",
    "library": "core files pictures families",
    "ml": "core files pictures families",
    "app": "core files pictures engine models library",
    "ui": "core",
    "room": "core files pictures app ui",
    "features": "core",
    "shell": "core files pictures engine models library app ui room features title points tasks window",
    "cli": "core files pictures engine models library app ui room features title points tasks window shell",
    # In a room; "title" is the room's own __init__.py, "window" its ui/.
    "title": "core",
    "points": "core",
    "tasks": "core points",
    "runs": "core files ml points tasks",
    "window": f"{WINDOW} window.widgets window.explore window.walk window.directions window.modes",
    "window.widgets": WINDOW,
    "window.explore": f"{WINDOW} window.widgets",
    "window.walk": f"{WINDOW} window.widgets window.explore",
    "window.directions": f"{WINDOW} window.widgets window.explore",
    "window.modes": f"{WINDOW} window.widgets window.explore window.walk window.directions",
}
"""Place in the tree -> the places that its files may import besides each other."""
OUTSIDE = {
    "PySide6": "app ui room shell window",
    "shiboken6": "app ui room shell window",
    "PIL": "pictures library ml room runs",
    "pillow_heif": "pictures library ml runs",
    "numpy": "pictures library ml runs",
    "av": "pictures library ml runs",
    "tokenizers": "models ml",
    "torch": "ml runs",
    "diffusers": "ml runs",
    "transformers": "ml runs",
    "safetensors": "ml runs",
    "huggingface_hub": "ml runs",
    "jinja2": "ml runs",
    "tqdm": "ml runs",
    "platformdirs": "library",
    "psutil": "files ml",
    "packaging": "",
    "typing_extensions": "",
}
"""Package from outside -> the places that may import it."""
EVERYWHERE = {"msgspec"}
FOLDERS_ONLY = r"studio|studio\.features(\.\w+)?|studio\.features\.latent\.ui"
"""Packages that hold folders, and no file without a place of its own."""


@pytest.fixture(scope="module")
def tree() -> grimp.ImportGraph:
    return grimp.build_graph("studio", include_external_packages=True, cache_dir=None)


def complaints(tree: grimp.ImportGraph) -> dict[str, object]:
    """What each broken contract has to say."""
    found = {}
    for options in CONTRACTS:
        plain = {key: str(value) if isinstance(value, bool) else value for key, value in options.items()}
        contract = TYPES[options["type"]](options["name"], SESSION, plain)
        result = contract.check(deepcopy(tree), verbose=False)
        if not result.kept:
            found[options["name"]] = result.metadata
    return found


def imports_in(complaint: object) -> Iterator[tuple[str, str]]:
    """The importers and what they import, wherever a contract of any kind names them."""
    if isinstance(complaint, dict) and "importer" in complaint and "line_numbers" in complaint:
        yield complaint["importer"], complaint["imported"]
    elif isinstance(complaint, dict):
        yield from imports_in(list(complaint.values()))
    elif isinstance(complaint, list | tuple):
        for each in complaint:
            yield from imports_in(each)
    elif hasattr(complaint, "__dict__"):
        yield from imports_in(vars(complaint))


def planted(tree: grimp.ImportGraph, importer: str, imported: Iterable[str]) -> dict[str, set[str]]:
    """Contract -> what it complains of when ``importer``, which may be a new file, imports all of ``imported``."""
    tree = deepcopy(tree)
    parts = importer.split(".")
    for count in range(1, len(parts) + 1):
        tree.add_module(".".join(parts[:count]))
    for name in imported:
        if name not in tree.modules:
            tree.add_module(name, is_squashed=not name.startswith("studio"))
        tree.add_import(importer=importer, imported=name, line_number=1, line_contents=f"import {name}")
    found = {
        name: {what for who, what in imports_in(words) if who == importer} for name, words in complaints(tree).items()
    }
    return {name: what & set(imported) for name, what in found.items() if what & set(imported)}


def room_of(module: str) -> str:
    """Its room; "" outside the rooms."""
    return (re.match(r"studio\.features\.(\w+)", module) or ["", ""])[1]


def place_of(module: str) -> str:
    """Its place in MAY."""
    parts = module.split(".")
    if not room_of(module):
        return parts[1]
    role = parts[3].replace("ui", "window") if len(parts) > 3 else "title"
    layered = module.startswith("studio.features.latent.ui.") and parts[4] != "panel"
    return f"{role}.{parts[4]}" if layered else role


def may(importer: str, imported: str) -> bool:
    """What the design says."""
    here = place_of(importer)
    if imported in OUTSIDE:
        return here.partition(".")[0] in OUTSIDE[imported].split()
    there, allowed = place_of(imported), (here, *MAY[here].split())
    if room_of(importer) and room_of(imported):
        return room_of(importer) == room_of(imported) and there in allowed
    return there.partition(".")[0] in allowed


def folders(tree: grimp.ImportGraph) -> list[str]:
    """Every package that files can be added to, and those of a new room."""
    found = [name for name in sorted(tree.modules) if name.startswith("studio.") and tree.find_children(name)]
    new = [f"studio.features.planted.{role}" for role in ("points", "tasks", "runs", "ui")]
    return [name for name in found if not re.fullmatch(FOLDERS_ONLY, name)] + new


def files(tree: grimp.ImportGraph, folder: str) -> list[str]:
    """The modules right in it."""
    if folder not in tree.modules:
        return []
    return sorted(name for name in tree.find_children(folder) if not tree.find_children(name))


def unnamed(tree: grimp.ImportGraph) -> set[str]:
    """Packages from outside that no contract says who may import."""
    named = {name for options in CONTRACTS for name in options.get("protected_modules", ())}
    outside = {name for name in tree.modules if name.partition(".")[0] != "studio"}
    return outside - sys.stdlib_module_names - named - EVERYWHERE


def test_the_contracts_are_kept() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_in_every_folder_whatever_the_design_forbids_is_caught(tree: grimp.ImportGraph) -> None:
    """By a new file in each folder, and by the first that is there: imports from each folder, and from outside."""
    everything = {min(files(tree, folder), default=folder) for folder in folders(tree) if folder in tree.modules}
    everything |= {"studio.features", *tree.find_children("studio.features"), *OUTSIDE}
    importers = {f"{folder}.planted" for folder in folders(tree)}
    importers |= {min(files(tree, folder)) for folder in folders(tree) if files(tree, folder)}
    importers |= {"studio.features", *tree.find_children("studio.features")}
    let_pass, contracts = set(), set()
    for importer in sorted(importers):
        wrong = {imported for imported in everything if imported != importer and not may(importer, imported)}
        caught = planted(tree, importer, wrong)
        contracts |= caught.keys()
        let_pass |= {f"{importer} -> {imported}" for imported in wrong.difference(*caught.values())}
    assert let_pass == set()
    assert contracts == {options["name"] for options in CONTRACTS}, "a contract that forbids nothing"


def test_packages_from_outside_are_named_before_they_are_used(tree: grimp.ImportGraph) -> None:
    assert unnamed(tree) == set()
    for folder in folders(tree):
        strange = deepcopy(tree)
        strange.add_module(f"{folder}.planted")
        strange.add_module("requests", is_squashed=True)
        strange.add_import(importer=f"{folder}.planted", imported="requests")
        assert unnamed(strange) == {"requests"}


def test_files_stand_in_folders_that_have_a_place(tree: grimp.ImportGraph) -> None:
    """A new floor, a role that there is not, a loose file in a room: each has to be put somewhere."""
    places = [name for name in sorted(tree.modules) if re.fullmatch(FOLDERS_ONLY, name)]
    assert all(tree.find_children(name) for name in tree.find_children("studio.features")), "a room is a folder"
    for place in places:
        if place != "studio.features":
            strange = deepcopy(tree)
            strange.add_module(f"{place}.planted")
            assert f"{place}.planted" in str(complaints(strange))


def test_every_folder_of_the_package_is_a_package() -> None:
    """Without ``__init__.py`` neither the contracts nor an installation see what is in it."""
    bare = {path.parent for path in (ROOT / "studio").rglob("*.py") if not (path.parent / "__init__.py").exists()}
    assert bare == set()


def test_no_window_brings_torch() -> None:
    """Every module that may run in the window's process, every panel and mode among them, in a fresh one."""
    code = (
        "import importlib, pkgutil, sys, studio\n"
        "for found in pkgutil.walk_packages(studio.__path__, 'studio.'):\n"
        "    if not found.name.startswith('studio.ml') and '.runs' not in found.name:\n"
        "        importlib.import_module(found.name)\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(run.stdout.split())
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()
    panels = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.glob("studio/features/*/ui/panel.py")
    ]
    assert len(panels) >= 5
    assert modules.issuperset(panels)


# -- the front door ------------------------------------------------------------------------------------------------


def front_door(planted: Path | None = None) -> tuple[set[Path], set[str]]:
    """The files that run before there is an environment, and what they import from outside the standard library.

    ``planted``: one of the files, with an import more.
    """
    seen: set[Path] = set()
    outside: set[str] = set()
    ahead = [ROOT / "main.py", DOCTOR]
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        source = path.read_text(encoding="utf-8") + ("\nimport planted\n" if path == planted else "")
        for name in imported_by(ast.parse(source), late=path.name != "__init__.py" and path != DOCTOR):
            if name.partition(".")[0] == "studio":
                parts = name.split(".")
                ahead += filter(None, (file_of(parts[:count]) for count in range(1, len(parts) + 1)))
            else:
                outside.add(name.partition(".")[0])
    return seen, outside - sys.stdlib_module_names


def file_of(parts: list[str]) -> Path | None:
    path = ROOT.joinpath(*parts)
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.exists()), None)


def imported_by(tree: ast.AST, late: bool) -> Iterator[str]:
    """All that is imported when it runs, ``late``: within functions, too; but not what it can do without."""
    for node in ast.iter_child_nodes(tree):
        missed = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if isinstance(node, ast.Try):
            missed = any("ImportError" in ast.unparse(each) for each in node.handlers)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        elif not missed and (late or not isinstance(node, ast.FunctionDef)):
            yield from imported_by(node, late)


def test_the_front_door_needs_the_standard_library_only() -> None:
    files, outside = front_door()
    assert outside == set()
    assert files.issuperset(
        ROOT / "studio" / "cli" / f"{name}.py" for name in ("bootstrap", "environment", "install", "system")
    )
    for path in files:
        assert front_door(planted=path)[1] == {"planted"}, path


# -- the starters --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programs() -> dict[str, set[str]]:
    """Each of the programs that trained the bundled models -> what it imports."""
    return {
        path.stem: set(imported_by(ast.parse(path.read_text(encoding="utf-8")), late=True))
        for path in STARTERS.glob("*.py")
    }


def upwards(programs: dict[str, set[str]]) -> set[str]:
    """Imports that lead up: to the two programs that a person starts, to a judge, to the studio above its ml."""
    found = set()
    for name, imported in programs.items():
        judges = set() if name == "evaluate" else {other for other in programs if other.startswith("judge_")}
        studio = {each for each in imported if re.match(r"studio\.(?!ml\b|core\b|files\b)", each)}
        found |= {f"{name} -> {each}" for each in imported & {"build", "evaluate", *judges} | studio}
    return found


def circle(programs: dict[str, set[str]]) -> bool:
    try:
        TopologicalSorter({name: imported & programs.keys() for name, imported in programs.items()}).prepare()
    except CycleError:
        return True
    return False


def test_the_starters_know_nothing_above_them_and_go_in_no_circle(programs: dict[str, set[str]]) -> None:
    assert upwards(programs) == set()
    assert not circle(programs)
    for name, imported in programs.items():
        for planted in {"evaluate", "studio.app.services"} - {name}:
            assert upwards({**programs, name: imported | {planted}}) == {f"{name} -> {planted}"}
        for other in imported & programs.keys():
            assert circle({**programs, other: programs[other] | {name}})

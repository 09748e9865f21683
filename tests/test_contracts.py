"""The house keeps its own rules: files stay short, and no registry is named. What may import what: test_imports.py."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 450
"""Lines of a file; from 400 on, ask whether it is still about one thing."""
LONGER: set[str] = set()
"""Files that are longer for a good reason, which stands here."""


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

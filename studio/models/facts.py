"""Facts about a model's folder that its judgement doesn't hang on: name, size, licence."""

import re
from pathlib import Path

from studio.files.reading import open_file

_CACHED = re.compile(r"^models--(?:.+--)?(.+)$")
"""A folder of the hub's cache; the model is in ``snapshots/COMMIT`` below it."""
_NAMELESS = ("model", "pytorch_model", "diffusion_pytorch_model", "adapter_model", "pytorch_lora_weights")
"""Files that are called by what saved them; their folder says what they are."""
_LONGEST_CARD = 20_000
"""Bytes; the front matter comes first."""


def name_of(path: Path) -> str:
    """What people call it, as far as its path says."""
    cached = _CACHED.match(path.parent.parent.name) if path.parent.name == "snapshots" else None
    if cached or not path.is_file():
        return cached[1] if cached else path.name
    return path.parent.name if path.stem in _NAMELESS else path.stem


def size_of(path: Path) -> int:
    """Bytes, of all files of a folder together; 0 when that can't be told."""
    try:
        return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    except OSError:
        return 0


def licence_of(path: Path) -> str:
    """The licence that the front matter of a model card (README.md) names; "" when none does."""
    try:
        with open_file(path / "README.md") as file:
            head = file.read(_LONGEST_CARD).decode("utf-8", "replace")
    except OSError:
        return ""
    front = re.match(r"---\r?\n(.*?)\r?\n---", head, re.DOTALL)
    if not front:
        return ""
    found = dict(re.findall(r"^(license|license_name):[ \t]*[\"']?([^\s\"'#]+)", front[1], re.MULTILINE))
    licence: str = found.get("license", "")
    return found.get("license_name", licence) if licence == "other" else licence

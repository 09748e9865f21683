"""Where that lies which came with the program."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"
BUNDLED = "starter:"
"""With this begins the address of a starter, a model that came with the program; its name in ``starters`` follows."""


def starters() -> Path:
    """The folder of the starters."""
    return RESOURCES / "starters"

"""What the last scan found, kept for the next start."""

import logging
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.families.rules.known import FAMILIES, family_of
from studio.files.atomic import write_atomic
from studio.files.reading import read_file
from studio.models.inspection import SORTS
from studio.models.model import Model

log = logging.getLogger(__name__)
_LONGEST = 10_000_000
"""Bytes; a model takes five hundred."""


class _Memory(msgspec.Struct):
    found: dict[str, list[Any]]
    """Of each place."""


def read_memory(path: Path) -> dict[str, list[Model]]:
    """What ``write_memory`` of this or an earlier release wrote; nothing where that can't be read."""
    try:
        kept = msgspec.json.decode(read_file(path, _LONGEST), type=_Memory).found
        return {place: [msgspec.convert(_of_today(row), Model) for row in rows] for place, rows in kept.items()}
    except (OSError, ValueError, RecursionError) as error:
        log.info("what the last scan found can't be read: %s", error)
        return {}


def write_memory(path: Path, found: dict[str, list[Model]]) -> None:
    """Keep what was ``found`` in each place. A disk that refuses is no trouble: the next start looks again."""
    try:
        write_atomic(path, msgspec.json.encode({"found": found}))
    except (StudioError, UnicodeEncodeError) as error:
        log.info("what the scan found can't be kept: %s", error)


def _of_today(row: Any) -> Any:
    """A model as 0.1.0 wrote it, with a kind, and a family that was what its files call it."""
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
        return row
    called = str(row.get("family", ""))
    part, can = SORTS.get(row["kind"], ("", ()))
    titles = {title: family.name for family in FAMILIES.values() for title in family.architectures.values()}
    pipeline = family_of(called)
    family = pipeline.name if pipeline else "causal_lm" if "text>text" in can else titles.get(called, "")
    if row.get("begins") is False:
        can = tuple(one for one in can if one != "text>image")
    return {**row, "family": family, "part": part, "architecture": called, "can": can}

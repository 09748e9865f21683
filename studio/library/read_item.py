"""Reads a file of ours as an item, from its metadata."""

import errno
import logging
import re
from pathlib import Path
from typing import Any

from studio.core.declare import LAST_SEED
from studio.core.errors import StudioError
from studio.core.facts import NO_FACTS, ThingFacts
from studio.core.values import new_id
from studio.library.folder_scan import KINDS
from studio.library.index import LATEST, Item
from studio.library.metadata.making import content_of, read_making
from studio.library.metadata.texts import read_text

log = logging.getLogger(__name__)
_OF_THE_DISK = {
    errno.EACCES, errno.EPERM, errno.EIO, errno.ENOENT, errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
    errno.ETIMEDOUT, getattr(errno, "ESTALE", errno.EIO),
}  # fmt: skip
"""Errors that may go away; all others are due to the file's content."""
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_BEGINNING = 200
"""Characters of a text that its row has."""


def item_of(path: Path, data: dict[str, Any], name: str, created: float) -> Item:
    """The item of a file with the record ``data``."""
    task, notes = data["job"]["task"], data["notes"]
    facts = ThingFacts.of(notes)
    begins = ThingFacts(begins=_beginning(path)) if path.suffix.lower() == ".md" else NO_FACTS
    return Item(
        id=name,
        path=str(path),
        kind="clip" if path.is_dir() else KINDS[path.suffix.lower()],
        created=created,
        prompt=str(task.get("prompt", "")),
        model=data["model_name"],
        seed=_seed(task.get("seed") if facts.seed is None else facts.seed),
        width=_number(facts.width),
        height=_number(facts.height),
        job=data["job"],
        notes={**notes, **begins.to_notes()},
    )


def _beginning(path: Path) -> str:
    """The beginning of a text, which tells it from others with the same prompt."""
    try:
        return " ".join(read_text(content_of(path))[0].split())[:_BEGINNING]
    except StudioError as error:
        log.warning("%s can't be read: %s", path, error)
        return ""


def _number(value: int) -> int:
    """An integer within the database's range."""
    return value if 0 <= value < 2**63 else 0


def _seed(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= LAST_SEED else None


def read_item(path: Path) -> Item | None:
    """A file of ours as an item; None for any other file. Raises OSError if it can't be read now."""
    try:
        making = read_making(path)
        if making is None or making.data is None:
            return None
        data = making.data
        created, name = data.get("created"), data.get("item")
        return item_of(
            path,
            data,
            name if isinstance(name, str) and _NAME.fullmatch(name) else new_id(),
            min(created if isinstance(created, float) and 0 <= created < LATEST else path.stat().st_mtime, LATEST),
        )
    except StudioError as error:
        log.warning("%s was left out of the index: %s", path, error)
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _OF_THE_DISK:
            raise error.__cause__ from error
        return None

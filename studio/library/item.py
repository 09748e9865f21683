"""An item of the library, and its row in the index."""

import json
import os
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from studio.library.query import ItemKind, plain, searchable

COLUMNS = "id, path, kind, created, prompt, model, seed, width, height, deleted, origin, starred, job, notes"
LATEST = 253_000_000_000.0
"""Seconds since 1970: the year 9987. datetime ends at 9999."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was made. ``created``: seconds since 1970, UTC. ``job``: as ``studio.core.saved`` writes it.

    ``deleted``: when it was moved to the library's trash, or 0; ``origin``: its path before that.
    """

    id: str
    path: str
    kind: ItemKind
    created: Annotated[float, Meta(ge=-LATEST, le=LATEST)]
    prompt: str = ""
    model: str = ""
    seed: int | None = None
    width: int = 0
    height: int = 0
    deleted: float = 0.0
    origin: str = ""
    starred: bool = False
    job: dict[str, Any] = {}
    notes: dict[str, Any] = {}


def storable(path: str) -> str | bytes:
    """A path as text, or as bytes if it can't be decoded."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def _to_signed(seed: int | None) -> int | None:
    """A 64-bit seed as the database's signed integer."""
    return seed if seed is None or seed < 2**63 else seed - 2**64


def row_of(item: Item) -> tuple[object, ...]:
    """The item as the values of ``COLUMNS``."""
    return (
        item.id,
        storable(item.path),
        item.kind,
        item.created,
        searchable(item.prompt),
        plain(item.model),
        _to_signed(item.seed),
        item.width,
        item.height,
        item.deleted,
        storable(item.origin),
        item.starred,
        json.dumps(item.job),
        json.dumps(item.notes),
    )


def item_from(row: tuple[Any, ...]) -> Item:
    """The item in a row. Raises ValueError, TypeError or RecursionError for invalid content."""
    *plain, starred, job, notes = row
    fields = dict(zip(COLUMNS.split(", "), plain, strict=False))
    fields["path"], fields["origin"] = os.fsdecode(fields["path"]), os.fsdecode(fields["origin"])
    fields["seed"] = seed + 2**64 if isinstance(seed := fields["seed"], int) and seed < 0 else seed
    fields |= {"starred": bool(starred), "job": json.loads(job), "notes": json.loads(notes)}
    return msgspec.convert(fields, Item)

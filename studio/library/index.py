"""The index: one row for each thing made, searchable. It can be rebuilt from the files."""

import contextlib
import json
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.library.migrations import all_migrations

log = logging.getLogger(__name__)
ItemKind = Literal["image", "text", "clip"]
_COLUMNS = "id, path, kind, created, prompt, model, seed, width, height, starred, job, notes"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was made. ``created``: seconds since 1970, UTC. ``job``: as ``studio.core.saved`` writes it."""

    id: str
    path: str
    kind: ItemKind
    created: float
    prompt: str = ""
    model: str = ""
    seed: int | None = None
    width: int = 0
    height: int = 0
    starred: bool = False
    job: dict[str, Any] = {}
    notes: dict[str, Any] = {}


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. ``since`` and ``until``: seconds since 1970, UTC; ``kinds`` empty: all."""

    text: str = ""
    kinds: tuple[ItemKind, ...] = ()
    since: float | None = None
    until: float | None = None
    starred: bool = False


class Index:
    """A SQLite file in WAL mode, with a connection for each thread that uses it.

    A file from a newer Triptych is refused; one that is no database is set aside beside itself and made anew, and
    ``fresh`` is true: then the library fills it from the files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self.fresh = not path.exists()
        try:
            self._migrate()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise StudioError(
                    tr("The library's index {path} can't be opened: {error}.", path=path, error=error)
                ) from error
            aside = path.with_name(f"{path.name}.broken-{int(time.time())}")
            log.error("the index is broken (%s); it was set aside as %s", error, aside)
            self.close()
            path.replace(aside)
            for rest in ("-wal", "-shm"):
                path.with_name(path.name + rest).unlink(missing_ok=True)
            self.fresh = True
            self._migrate()

    def close(self) -> None:
        """Close the connections of every thread."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._threads = threading.local()

    def put(self, item: Item) -> None:
        """Add the item, or write over the one with its id."""
        row = (item.id, item.path, item.kind, item.created, item.prompt, item.model, item.seed, item.width, item.height)
        with self._writing() as connection:
            connection.execute("DELETE FROM items WHERE path = ? AND id <> ?", (item.path, item.id))
            connection.execute(
                f"INSERT OR REPLACE INTO items ({_COLUMNS}) VALUES ({', '.join('?' * 12)})",
                (*row, item.starred, json.dumps(item.job), json.dumps(item.notes)),
            )
            connection.execute("DELETE FROM items_text WHERE id = ?", (item.id,))
            connection.execute("INSERT INTO items_text (id, prompt) VALUES (?, ?)", (item.id, item.prompt))

    def star(self, name: str, on: bool) -> None:
        """Mark an item, or take its mark away."""
        with self._writing() as connection:
            connection.execute("UPDATE items SET starred = ? WHERE id = ?", (on, name))

    def remove(self, name: str) -> None:
        """Take an item's row out; its file is not touched."""
        with self._writing() as connection:
            connection.execute("DELETE FROM items WHERE id = ?", (name,))
            connection.execute("DELETE FROM items_text WHERE id = ?", (name,))

    def get(self, name: str) -> Item | None:
        """The item called ``name``."""
        rows = self._read(f"SELECT {_COLUMNS} FROM items WHERE id = ?", (name,))
        return rows[0] if rows else None

    def at(self, path: str) -> Item | None:
        """The item whose file is ``path``."""
        rows = self._read(f"SELECT {_COLUMNS} FROM items WHERE path = ?", (path,))
        return rows[0] if rows else None

    def search(self, query: Query, limit: int = -1, offset: int = 0) -> list[Item]:
        """Items that match, newest first."""
        where, values = _where(query)
        order = "ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?"
        return self._read(f"SELECT {_COLUMNS} FROM items WHERE {where} {order}", (*values, limit, offset))

    def count(self, query: Query) -> int:
        """How many items match."""
        where, values = _where(query)
        found: int = self._connection().execute(f"SELECT count(*) FROM items WHERE {where}", values).fetchone()[0]
        return found

    def _read(self, statement: str, values: Sequence[object]) -> list[Item]:
        return [_item(row) for row in self._connection().execute(statement, values)]

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            self._threads.connection = connection
            self._open.append(connection)
        return connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise StudioError(
                    tr("The library's index {path} couldn't be written: {error}.", path=self.path, error=error)
                ) from error
            raise

    def _migrate(self) -> None:
        connection = self._connection()
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        migrations = all_migrations()
        if version > len(migrations):
            raise StudioError(
                tr(
                    "The library's index {path} was written by a newer Triptych. Update this one to open it.",
                    path=self.path,
                )
            )
        if 0 < version < len(migrations):
            shutil.copy2(self.path, self.path.with_name(f"{self.path.name}.before-{version + 1}"))
        for number, migrate in enumerate(migrations[version:], version + 1):
            with self._writing():
                migrate(connection)
                connection.execute(f"PRAGMA user_version = {number}")


def _where(query: Query) -> tuple[str, list[object]]:
    parts, values = ["1"], list[object]()
    for word in query.text.split()[:20]:
        if len(word) >= 3:
            parts.append("id IN (SELECT id FROM items_text WHERE prompt MATCH ?)")
            values.append('"' + word.replace('"', '""') + '"')
        else:  # the trigram index finds nothing shorter
            parts.append("prompt LIKE ? ESCAPE '\\'")
            values.append("%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    if query.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(query.kinds))})")
        values += query.kinds
    if query.since is not None:
        parts.append("created >= ?")
        values.append(query.since)
    if query.until is not None:
        parts.append("created < ?")
        values.append(query.until)
    if query.starred:
        parts.append("starred")
    return " AND ".join(parts), values


def _item(row: tuple[Any, ...]) -> Item:
    *plain, starred, job, notes = row
    names = _COLUMNS.split(", ")
    return Item(
        **dict(zip(names, plain, strict=False)), starred=bool(starred), job=json.loads(job), notes=json.loads(notes)
    )

"""The index: one row for each thing made, searchable. It can be rebuilt from the files."""

import contextlib
import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.library import full_text
from studio.library.files import explained
from studio.library.migrations import all_migrations

log = logging.getLogger(__name__)
ItemKind = Literal["image", "text", "clip"]
_COLUMNS = "id, path, kind, created, prompt, model, seed, width, height, starred, job, notes"
_PATIENCE = 5.0
"""Seconds to wait for another program that writes."""
_WORDS_OF_A_SEARCH, _LONGEST_WORD = 20, 60
"""Looking for a thousand letters in a million takes the full-text index seven seconds."""
_REASONS = {
    "SQLITE_BUSY": "The library's index {path} is in use by another program. Close that one and try again.",
    "SQLITE_LOCKED": "The library's index {path} is in use by another program. Close that one and try again.",
    "SQLITE_FULL": "The disk is full: the library's index {path} couldn't be written. Free some space and try again.",
    "SQLITE_READONLY": "The library's index {path} can't be written: you may not write in its folder.",
    "SQLITE_CANTOPEN": "The library's index {path} can't be opened. May you write in its folder, and is it there?",
    "SQLITE_CORRUPT": "The library's index {path} is damaged. Start Triptych again: it makes a new one from the files.",
    "SQLITE_NOTADB": "The library's index {path} is damaged. Start Triptych again: it makes a new one from the files.",
}
_LITERALLY = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
"""What a pattern of a search means otherwise."""
_DAMAGE = "damaged"
"""What the mark says when damage was met while the index was used."""
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
LATEST = 253_000_000_000.0
"""Seconds since 1970: the year 9987. Calendars end at 9999."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was made. ``created``: seconds since 1970, UTC. ``job``: as ``studio.core.saved`` writes it."""

    id: str
    path: str
    kind: ItemKind
    created: Annotated[float, Meta(ge=-LATEST, le=LATEST)]
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

    A file from a newer Triptych is refused, never changed; a damaged one is set aside beside itself and made anew.
    ``fresh`` is true while the files may know more than the index: the library then fills it from them. A mark on the
    disk keeps that true over a crash.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark = path.with_name(f"{path.name}.rebuild")
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._full_text = True
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self.mark_stale()
        elif self._was_damaged():
            self._set_aside("damage was met while it was used")
        try:
            self._prepare_or_renew()
        except BaseException:
            self.close()
            raise

    @property
    def fresh(self) -> bool:
        """Whether the index should be filled from the files."""
        return self._mark.exists()

    def mark_stale(self) -> None:
        """Have the index filled from the files at the next start, if not before."""
        with explained(self._mark):
            self._mark.touch()

    def mark_complete(self) -> None:
        """The index knows all that the files know."""
        with explained(self._mark):
            self._mark.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections of every thread."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._threads = threading.local()

    def put(self, item: Item) -> None:
        """Add the item, or write over the one with its id."""
        path = _storable(item.path)
        row = (
            item.id,
            path,
            item.kind,
            item.created,
            _searchable(item.prompt),
            _plain(item.model),
            _signed(item.seed),
            item.width,
        )
        with self._explained(), self._transaction() as connection:
            connection.execute("DELETE FROM items WHERE path = ? OR id = ?", (path, item.id))
            connection.execute(
                f"INSERT INTO items ({_COLUMNS}) VALUES ({', '.join('?' * 12)})",
                (*row, item.height, item.starred, json.dumps(item.job), json.dumps(item.notes)),
            )

    def star(self, name: str, on: bool) -> None:
        """Mark an item, or take its mark away."""
        with self._explained(), self._transaction() as connection:
            connection.execute("UPDATE items SET starred = ? WHERE id = ?", (on, name))

    def remove(self, name: str) -> None:
        """Take an item's row out; its file is not touched."""
        with self._explained(), self._transaction() as connection:
            connection.execute("DELETE FROM items WHERE id = ?", (name,))

    def get(self, name: str) -> Item | None:
        """The item called ``name``."""
        rows = self._items("id = ?", (name,))
        return rows[0] if rows else None

    def at(self, path: str) -> Item | None:
        """The item whose file is ``path``."""
        rows = self._items("path = ?", (_storable(path),))
        return rows[0] if rows else None

    def paths_named(self, name: str, most: int = 20) -> list[str]:
        """The paths of items whose file is called ``name``, the newest first."""
        ends = [f"%{separator}{name.translate(_LITERALLY)}" for separator in ("/", "\\\\")]
        where = "path LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\'"
        rows = self._read(f"SELECT path FROM items WHERE {where} ORDER BY created DESC LIMIT ?", (*ends, most))
        return [os.fsdecode(row[0]) for row in rows]

    def paths_in(self, folder: str) -> set[str]:
        """The paths of all items right in ``folder`` or below it."""
        start = folder.rstrip("/\\")
        low, high = (_storable(start + end) for end in ("", "\U0010ffff"))
        rows = self._read("SELECT path FROM items WHERE path >= ? AND path < ?", (low, high))
        return {os.fsdecode(row[0]) for row in rows}

    def search(self, query: Query, limit: int = -1, offset: int = 0) -> list[Item]:
        """Items that match, newest first."""
        where, values = self._where(query)
        return self._items(f"{where} ORDER BY created DESC, number DESC LIMIT ? OFFSET ?", (*values, limit, offset))

    def count(self, query: Query) -> int:
        """How many items match."""
        where, values = self._where(query)
        found: int = self._read(f"SELECT count(*) FROM items WHERE {where}", values)[0][0]
        return found

    # -- reading and writing -------------------------------------------------------------------------------------

    def _items(self, where: str, values: Sequence[object]) -> list[Item]:
        rows = self._read(f"SELECT {_COLUMNS} FROM items WHERE {where}", values)
        try:
            return [_item(row) for row in rows]
        except (ValueError, TypeError, RecursionError) as error:
            # SQLite doesn't notice when what is cut off was a row's own content.
            raise self._explain(_damage(error)) from error

    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection().execute(statement, values).fetchall()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says into a sentence. Raises StudioError."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except (UnicodeDecodeError, MemoryError) as error:
            raise self._explain(_damage(error)) from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _where(self, query: Query) -> tuple[str, list[object]]:
        parts, values = ["1"], list[object]()
        for long_word in _searchable(query.text).split()[:_WORDS_OF_A_SEARCH]:
            word = long_word[:_LONGEST_WORD]
            if self._full_text and len(word) >= full_text.SHORTEST:
                part, value = full_text.condition(word)
                parts.append(part)
                values.append(value)
            else:
                parts.append("prompt LIKE ? ESCAPE '\\'")
                values.append(f"%{word.translate(_LITERALLY)}%")
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

    # -- opening -------------------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._connect()
            self._open.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -512")  # KiB for each thread; searches are as fast as with 2,000
            self._threads.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)

    def _prepare_or_renew(self) -> None:
        with self._explained():
            try:
                self._prepare()
            except (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError) as error:  # a row may claim any length
                if isinstance(error, sqlite3.Error) and not _is(error, *_DAMAGED):
                    raise
                self.close()
                self._set_aside(str(error) or repr(error))
                self._prepare()

    def _was_damaged(self) -> bool:
        with explained(self._mark):
            return self._mark.exists() and self._mark.read_text(encoding="utf-8") == _DAMAGE

    def _prepare(self) -> None:
        """Bring the file up to date. Raises StudioError for one from a newer Triptych, before anything is changed."""
        migrations = all_migrations()
        if self.path.exists() and self.path.stat().st_size:
            with contextlib.closing(self._connect()) as looking:
                self._refuse_newer(_version(looking), len(migrations))
        with self._transaction() as connection:  # one at a time, when two programs start at once
            version = _version(connection)
            self._refuse_newer(version, len(migrations))
            if 0 < version < len(migrations):
                self._back_up(version)
            for number, migrate in enumerate(migrations[version:], version + 1):
                migrate(connection)
                connection.execute(f"PRAGMA user_version = {number}")
            self._full_text = full_text.prepare(connection)

    def _refuse_newer(self, version: int, known: int) -> None:
        if version > known:
            raise StudioError(
                tr(
                    "The library's index {path} was written by a newer Triptych. Update this one to open it.",
                    path=self.path,
                )
            )

    def _back_up(self, version: int) -> None:
        """Keep the file as it was before it is brought up to date."""
        copy = self.path.with_name(f"{self.path.name}.version-{version}")
        with contextlib.closing(self._connect()) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    def _set_aside(self, why: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.broken-{time.time_ns() // 1_000_000}")
        log.error("the index is damaged (%s); it was set aside as %s", why, aside)
        with explained(aside):
            self._mark.write_text("", encoding="utf-8")
            for rest in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + rest).replace(aside.with_name(aside.name + rest))

    def _explain(self, error: sqlite3.Error) -> StudioError:
        if _is(error, *_DAMAGED):
            log.error("the index is damaged: %s", error)
            with contextlib.suppress(OSError):  # other threads have it open: it is set aside at the next start
                self._mark.write_text(_DAMAGE, encoding="utf-8")
        sentence = next(
            (words for name, words in _REASONS.items() if _is(error, name)),
            "The library's index {path} can't be used: {error}.",
        )
        return StudioError(tr(sentence, path=self.path, error=error))


def _damage(error: Exception) -> sqlite3.DatabaseError:
    """What SQLite would have said, where only Python noticed, or can't say it: a sentence with damaged names in it."""
    damage = sqlite3.DatabaseError(str(error))
    damage.sqlite_errorname = "SQLITE_CORRUPT"
    return damage


def _is(error: sqlite3.Error, *names: str) -> bool:
    """Whether SQLite gave one of these reasons, or a finer one of their kind ("SQLITE_BUSY_SNAPSHOT")."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(names)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _signed(seed: int | None) -> int | None:
    """A seed of 64 bits as the database's whole numbers, which have a sign."""
    return seed if seed is None or seed < 2**63 else seed - 2**64


def _plain(text: str) -> str:
    """Without halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _searchable(text: str) -> str:
    """The same without NULs, at which a search would end."""
    return _plain(text).replace("\0", " ")


def _storable(path: str) -> str | bytes:
    """A path as text, or as it is on the disk where that is no text."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def _item(row: tuple[Any, ...]) -> Item:
    """Raises ValueError, TypeError or RecursionError for one that holds what nobody wrote."""
    *plain, starred, job, notes = row
    fields = dict(zip(_COLUMNS.split(", "), plain, strict=False))
    fields["path"] = os.fsdecode(fields["path"])
    fields["seed"] = seed + 2**64 if isinstance(seed := fields["seed"], int) and seed < 0 else seed
    fields |= {"starred": bool(starred), "job": json.loads(job), "notes": json.loads(notes)}
    return msgspec.convert(fields, Item)

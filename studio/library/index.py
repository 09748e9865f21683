"""The index: one searchable row per item. It can be rebuilt from the files."""

import contextlib
import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.saved import read_inputs
from studio.core.text import tr
from studio.files.atomic import write_atomic
from studio.files.errors import explained
from studio.files.permissions import make_private, make_private_file, make_private_folder
from studio.files.reading import read_file
from studio.library import full_text
from studio.library.item import COLUMNS, LATEST, Item, item_from, row_of, storable
from studio.library.migrations import all_migrations
from studio.library.query import LITERALLY, ItemKind, Query

log = logging.getLogger(__name__)
__all__ = ["LATEST", "Index", "Item", "ItemKind", "Query"]
_PATIENCE = 5.0
"""Seconds to wait for another program that is writing."""
_AT_ONCE = 500
"""Names in one statement: every SQLite allows 999 parameters."""
_ROOM = 64 * 1024
"""Bytes of the write-ahead log and shared memory of the smallest index."""
_REASONS = {
    "SQLITE_BUSY": "The library's index {path} is in use by another program. Close that program and try again.",
    "SQLITE_LOCKED": "The library's index {path} is in use by another program. Close that program and try again.",
    "SQLITE_FULL": "The disk is full: the library's index {path} couldn't be written. Free some space and try again.",
    "SQLITE_READONLY": "The library's index {path} can't be written: you don't have permission to write in its folder.",
    "SQLITE_CANTOPEN": "The library's index {path} can't be opened. Does its folder exist, and do you have "
    "permission to write in it?",
    "SQLITE_CORRUPT": "The library's index {path} is damaged. Restart Triptych, and it will be rebuilt from the files.",
    "SQLITE_NOTADB": "The library's index {path} is damaged. Restart Triptych, and it will be rebuilt from the files.",
}
_DAMAGE = "damaged"
"""The content of the stale mark after damage was found while the index was in use."""
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Index:
    """A SQLite file in WAL mode, with one connection per thread.

    A file from a newer Triptych is refused, never changed; a damaged one is renamed and replaced by a new one.
    ``fresh`` is true while the files may have more than the index: the library then fills it from them. A mark on the
    disk preserves that across crashes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark = path.with_name(f"{path.name}.rebuild")
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._full_text = True
        make_private_folder(path.parent)
        if not path.exists():
            self.mark_stale()
        elif not path.is_file() and not path.is_dir():  # a pipe, say
            self._set_aside("it is no file")
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
        """Have the index filled from the files at the next start at the latest."""
        with explained(self._mark):
            self._mark.touch()

    def mark_complete(self) -> None:
        """Note that the index is complete."""
        with explained(self._mark):
            self._mark.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections of every thread."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._threads = threading.local()

    def put(self, item: Item) -> None:
        """Add the item, or replace the one with its id."""
        self.put_all((item,))

    def put_all(self, items: Sequence[Item]) -> None:
        """The same for many, at once."""
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        with self._explain_errors(), self._transaction() as connection:
            for item in items:
                row = row_of(item)
                connection.execute("DELETE FROM items WHERE path = ? OR id = ?", (row[1], item.id))
                connection.execute(f"INSERT INTO items ({COLUMNS}) VALUES ({marks})", row)
                connection.execute("DELETE FROM item_inputs WHERE item = ?", (item.id,))
                files = {file.sha256 for some in read_inputs(item.job.get("inputs")).values() for file in some}
                connection.executemany("INSERT INTO item_inputs VALUES (?, ?)", ((item.id, each) for each in files))

    def star(self, name: str, on: bool) -> None:
        """Star or unstar an item."""
        self.star_all((name,), on)

    def star_all(self, names: Sequence[str], on: bool) -> None:
        """The same for many, at once."""
        with self._explain_errors(), self._transaction() as connection:
            connection.executemany("UPDATE items SET starred = ? WHERE id = ?", ((on, name) for name in names))

    def place(self, items: Sequence[Item]) -> None:
        """Save the items' new paths, and whether they are deleted, in one transaction."""
        rows = ((storable(item.path), item.deleted, storable(item.origin), item.id) for item in items)
        with self._explain_errors(), self._transaction() as connection:
            connection.executemany("UPDATE items SET path = ?, deleted = ?, origin = ? WHERE id = ?", rows)

    def remove(self, name: str) -> None:
        """Remove an item's row; its file is not touched."""
        self.remove_all((name,))

    def remove_all(self, names: Sequence[str]) -> None:
        """The same for many, at once."""
        with self._explain_errors(), self._transaction() as connection:
            for table, column in (("items", "id"), ("item_inputs", "item")):
                connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", ((name,) for name in names))

    def inputs(self) -> set[str]:
        """The hashes of the input files of all items, deleted ones included."""
        return {sha256 for (sha256,) in self._read("SELECT sha256 FROM item_inputs JOIN items ON items.id = item", ())}

    def get(self, name: str) -> Item | None:
        """The item called ``name``."""
        rows = self._items("id = ?", (name,))
        return rows[0] if rows else None

    def at(self, path: str) -> Item | None:
        """The item with the file ``path``."""
        rows = self._items("path = ?", (storable(path),))
        return rows[0] if rows else None

    def paths_named(self, name: str, most: int = 20) -> list[str]:
        """The paths of items whose file is called ``name``, newest first, without deleted ones."""
        ends = [f"%{separator}{name.translate(LITERALLY)}" for separator in ("/", "\\\\")]
        where = "path LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\'"
        rows = self._read(
            f"SELECT path FROM items WHERE deleted = 0 AND ({where}) ORDER BY created DESC LIMIT ?", (*ends, most)
        )
        return [os.fsdecode(row[0]) for row in rows]

    def paths_in(self, folder: str) -> set[str]:
        """The known paths anywhere in ``folder``: of items, and of foreign files."""
        start = folder.rstrip("/\\")
        ends = [storable(start + end) for end in ("", "\U0010ffff")]
        both = "SELECT path FROM {} WHERE path >= ? AND path < ?"
        rows = self._read(f"{both.format('items')} UNION ALL {both.format('foreign_files')}", (*ends, *ends))
        return {os.fsdecode(row[0]) for row in rows}

    def search(self, query: Query, limit: int = -1, offset: int = 0) -> list[Item]:
        """Items that match, newest first."""
        where, values = query.where(self._full_text)
        return self._items(f"{where} ORDER BY {query.order} LIMIT ? OFFSET ?", (*values, limit, offset))

    def names(self, query: Query) -> list[str]:
        """The names of all items that match, newest first: 100,000 take 0.1 seconds, as items 10."""
        where, values = query.where(self._full_text)
        return [name for (name,) in self._read(f"SELECT id FROM items WHERE {where} ORDER BY {query.order}", values)]

    def called(self, names: Sequence[str]) -> list[Item]:
        """The items with these names, in order; missing ones are skipped."""
        found: dict[str, Item] = {}
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            found |= {item.id: item for item in self._items(f"id IN ({', '.join('?' * len(some))})", some)}
        return [found[name] for name in names if name in found]

    def count(self, query: Query) -> int:
        """The number of items that match."""
        where, values = query.where(self._full_text)
        found: int = self._read(f"SELECT count(*) FROM items WHERE {where}", values)[0][0]
        return found

    def starred(self, names: Sequence[str]) -> set[str]:
        """Which of these have a star."""
        found: set[str] = set()
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            rows = self._read(f"SELECT id FROM items WHERE starred AND id IN ({', '.join('?' * len(some))})", some)
            found.update(name for (name,) in rows)
        return found

    def paths_of(self, names: Sequence[str]) -> list[str]:
        """The paths of these items; missing ones are skipped."""
        found: dict[str, str] = {}
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            rows = self._read(f"SELECT id, path FROM items WHERE id IN ({', '.join('?' * len(some))})", some)
            found |= {name: os.fsdecode(path) for name, path in rows}
        return [found[name] for name in names if name in found]

    # -- files -----------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """The path and name of every item."""
        return {os.fsdecode(path): name for path, name in self._read("SELECT path, id FROM items", ())}

    def files_right_in(self, folder: str) -> dict[str, str]:
        """The same for items directly in ``folder``; without undecodable names."""
        start = folder.rstrip("/\\") + os.sep
        rows = self._read(
            "SELECT path, id FROM items WHERE path >= ? AND path < ? AND instr(substr(path, ?), ?) = 0",
            (storable(start), storable(start + "\U0010ffff"), len(start) + 1, os.sep),
        )
        return {os.fsdecode(path): name for path, name in rows}

    def foreign(self) -> dict[str, tuple[int, int]]:
        """The foreign files in the library, with size and modification time (ns)."""
        rows = self._read("SELECT path, bytes, changed FROM foreign_files", ())
        return {os.fsdecode(path): (size, changed) for path, size, changed in rows}

    def note_foreign(self, files: Mapping[str, tuple[int, int]], gone: Iterable[str] = ()) -> None:
        """Remember ``files`` as foreign, so that they are not read again, and forget those that are ``gone``."""
        with self._explain_errors(), self._transaction() as connection:
            connection.executemany("DELETE FROM foreign_files WHERE path = ?", ((storable(path),) for path in gone))
            rows = ((storable(path), size, changed) for path, (size, changed) in files.items())
            connection.executemany("INSERT OR REPLACE INTO foreign_files VALUES (?, ?, ?)", rows)

    # -- reading and writing -------------------------------------------------------------------------------------

    def _items(self, where: str, values: Sequence[object]) -> list[Item]:
        rows = self._read(f"SELECT {COLUMNS} FROM items WHERE {where}", values)
        try:
            return [item_from(row) for row in rows]
        except (ValueError, TypeError, RecursionError) as error:
            # SQLite doesn't notice a truncation within a row's content.
            raise self._explain(_damage(error)) from error

    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._explain_errors():
            return self._connection().execute(statement, values).fetchall()

    @contextlib.contextmanager
    def _explain_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into StudioErrors."""
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

    # -- opening -------------------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._connect()
            self._open.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -512")  # KiB per thread; searches are as fast as with 2,000
            self._threads.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        make_private_file(self.path, "-wal", "-shm")
        return sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)

    def _prepare_or_renew(self) -> None:
        with self._explain_errors():
            try:
                self._prepare()
            except (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError) as error:  # a row may claim any length
                if isinstance(error, sqlite3.Error) and not _is(error, *_DAMAGED):
                    raise
                self.close()
                self._set_aside(str(error) or repr(error))
                self._prepare()

    def _was_damaged(self) -> bool:
        with explained(self._mark), contextlib.suppress(FileNotFoundError, ValueError):
            return read_file(self._mark) == _DAMAGE.encode()
        return False

    def _prepare(self) -> None:
        """Migrate the file. Raises StudioError for one from a newer Triptych, before anything is changed."""
        migrations = all_migrations()
        if self.path.exists() and self.path.stat().st_size:
            with contextlib.closing(self._connect()) as looking:
                self._refuse_newer(_version(looking), len(migrations))
        with self._transaction() as connection:  # one at a time, if two programs start at once
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
        """Back up the file before it is migrated."""
        copy = self.path.with_name(f"{self.path.name}.version-{version}")
        with contextlib.closing(self._connect()) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        make_private(copy)

    def _set_aside(self, why: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.broken-{time.time_ns() // 1_000_000}")
        log.error("the index is damaged (%s); it was set aside as %s", why, aside)
        with explained(aside):
            write_atomic(self._mark, b"")
            for rest in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + rest).replace(aside.with_name(aside.name + rest))

    def _explain(self, error: sqlite3.Error) -> StudioError:
        if _is(error, *_DAMAGED):
            log.error("the index is damaged: %s", error)
            with contextlib.suppress(StudioError):  # other threads have it open: it is replaced at the next start
                write_atomic(self._mark, _DAMAGE.encode())
        if _is(error, "SQLITE_IOERR", "SQLITE_CANTOPEN") and _is_full(self.path.parent):
            error.sqlite_errorname = "SQLITE_FULL"
        sentence = next(
            (words for name, words in _REASONS.items() if _is(error, name)),
            "The library's index {path} can't be used. Is its drive connected, and do you have permission to "
            "write in its folder?",
        )
        return StudioError(tr(sentence, path=self.path, error=error))


def _is_full(folder: Path) -> bool:
    """Whether the disk has no room for SQLite's files beside the database; SQLite only reports that it couldn't
    write."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def _damage(error: Exception) -> sqlite3.DatabaseError:
    """SQLite's error for damage that only Python noticed, or whose message can't be decoded."""
    damage = sqlite3.DatabaseError(str(error))
    damage.sqlite_errorname = "SQLITE_CORRUPT"
    return damage


def _is(error: sqlite3.Error, *names: str) -> bool:
    """Whether the error has one of these codes, or an extended one of them ("SQLITE_BUSY_SNAPSHOT")."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(names)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version

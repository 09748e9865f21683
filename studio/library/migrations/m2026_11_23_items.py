"""The first index: the table of items."""

import sqlite3


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table."""
    connection.execute(
        """CREATE TABLE items (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path NOT NULL UNIQUE, kind TEXT NOT NULL,
            created REAL NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL, seed INTEGER, width INTEGER NOT NULL,
            height INTEGER NOT NULL, starred INTEGER NOT NULL DEFAULT 0, job TEXT NOT NULL, notes TEXT NOT NULL)"""
    )
    connection.execute("CREATE INDEX items_created ON items (created DESC)")

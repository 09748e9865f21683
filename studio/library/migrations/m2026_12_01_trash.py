"""The library's own trash, known foreign files, and covering indexes for listing all items."""

import sqlite3


def migrate(connection: sqlite3.Connection) -> None:
    """Add the columns and the table. ``deleted``: when, or 0; ``origin``: the path before that."""
    connection.execute("ALTER TABLE items ADD COLUMN deleted REAL NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE items ADD COLUMN origin NOT NULL DEFAULT ''")
    connection.execute("CREATE INDEX items_listed ON items (deleted, created, kind, starred, id)")
    connection.execute("DROP INDEX items_created")
    connection.execute(
        """CREATE TABLE foreign_files (
            path NOT NULL PRIMARY KEY, bytes INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID"""
    )

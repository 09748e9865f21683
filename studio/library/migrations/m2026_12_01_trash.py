"""The library's own trash, foreign files that were looked at, and lists of all things without reading them."""

import sqlite3


def migrate(connection: sqlite3.Connection) -> None:
    """Add the columns and the table. ``deleted``: when, 0 for what is not; ``origin``: where it was before that."""
    connection.execute("ALTER TABLE items ADD COLUMN deleted REAL NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE items ADD COLUMN origin NOT NULL DEFAULT ''")
    connection.execute("CREATE INDEX items_listed ON items (deleted, created, kind, starred, id)")
    connection.execute("DROP INDEX items_created")
    connection.execute(
        """CREATE TABLE foreign_files (
            path NOT NULL PRIMARY KEY, bytes INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID"""
    )

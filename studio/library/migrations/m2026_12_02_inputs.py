"""Which input files the requests of items read."""

import json
import sqlite3

from studio.core.saved import read_inputs


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table and fill it from rows that name their input files: those that were read from files."""
    connection.execute(
        """CREATE TABLE item_inputs (
            item TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (item, sha256)) WITHOUT ROWID"""
    )
    for name, text in connection.execute("""SELECT id, job FROM items WHERE job LIKE '%"sha256"%'""").fetchall():
        try:
            inputs = read_inputs(json.loads(text).get("inputs"))
        except (ValueError, TypeError, AttributeError, RecursionError):
            continue  # reported when the row is read
        hashes = {file.sha256 for files in inputs.values() for file in files}
        connection.executemany("INSERT INTO item_inputs VALUES (?, ?)", ((name, each) for each in hashes))

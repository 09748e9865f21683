"""The first index: items, and a full-text index of their prompts."""

import sqlite3


def migrate(connection: sqlite3.Connection) -> None:
    """Make the tables."""
    connection.execute(
        """CREATE TABLE items (
            id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created REAL NOT NULL,
            prompt TEXT NOT NULL, model TEXT NOT NULL, seed INTEGER, width INTEGER NOT NULL, height INTEGER NOT NULL,
            starred INTEGER NOT NULL DEFAULT 0, job TEXT NOT NULL, notes TEXT NOT NULL)"""
    )
    connection.execute("CREATE INDEX items_created ON items (created DESC)")
    connection.execute("CREATE VIRTUAL TABLE items_text USING fts5(id UNINDEXED, prompt, tokenize = 'trigram')")

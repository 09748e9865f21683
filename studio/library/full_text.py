"""The full-text index of prompts, if this SQLite supports it; otherwise searches use LIKE."""

import logging
import sqlite3

log = logging.getLogger(__name__)
_TABLE = """CREATE VIRTUAL TABLE IF NOT EXISTS items_text
    USING fts5(prompt, content = 'items', content_rowid = 'number', tokenize = 'trigram')"""
_INSERT = "INSERT INTO items_text (rowid, prompt) VALUES (new.number, new.prompt)"
_DELETE = "INSERT INTO items_text (items_text, rowid, prompt) VALUES ('delete', old.number, old.prompt)"
_TRIGGERS = {
    "items_added": f"AFTER INSERT ON items BEGIN {_INSERT}; END",
    "items_removed": f"AFTER DELETE ON items BEGIN {_DELETE}; END",
    "items_changed": f"AFTER UPDATE OF prompt ON items BEGIN {_DELETE}; {_INSERT}; END",
}
SHORTEST = 3
"""Characters that a word needs at least to be found: it is a trigram index."""


def prepare(connection: sqlite3.Connection) -> bool:
    """Make SQLite keep the full-text index in sync with the items. False if it doesn't support that.

    One library may be opened by two builds of SQLite: without support the triggers are dropped, since writing would
    fail; with support but without triggers the index is rebuilt.
    """
    try:
        connection.execute(_TABLE)
        connection.execute("SELECT 1 FROM items_text LIMIT 0")
    except sqlite3.OperationalError as error:
        log.info("prompts are searched without a full-text index: %s", error)
        for name in _TRIGGERS:
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        return False
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'items'")
    if found.fetchone()[0] < len(_TRIGGERS):
        for name, what in _TRIGGERS.items():
            connection.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {what}")
        connection.execute("INSERT INTO items_text (items_text) VALUES ('rebuild')")
    return True


def condition(word: str) -> tuple[str, str]:
    """The SQL that finds ``word`` (of ``SHORTEST`` characters or more) in prompts, and its parameter."""
    return "number IN (SELECT rowid FROM items_text WHERE prompt MATCH ?)", '"' + word.replace('"', '""') + '"'

"""A search of the index, and its SQL."""

from typing import Literal

import msgspec

from studio.library import full_text

ItemKind = Literal["image", "text", "clip"]
_WORDS_OF_A_SEARCH, _LONGEST_WORD = 20, 60
"""Most words, and characters of a word: a thousand characters in a million prompts take the full-text index seven
seconds."""


LITERALLY = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
"""Escapes the special characters of a LIKE pattern."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. ``since`` and ``until``: seconds since 1970, UTC; ``kinds`` empty: all.

    ``task``: the kind of request that made it. ``deleted``: search the library's trash instead.
    """

    text: str = ""
    kinds: tuple[ItemKind, ...] = ()
    since: float | None = None
    until: float | None = None
    starred: bool = False
    deleted: bool = False
    task: str = ""

    def where(self, by_full_text: bool) -> tuple[str, list[object]]:
        """The condition and its parameters."""
        parts, values = ["deleted > 0" if self.deleted else "deleted = 0"], list[object]()
        for long_word in searchable(self.text).split()[:_WORDS_OF_A_SEARCH]:
            word = long_word[:_LONGEST_WORD]
            if by_full_text and len(word) >= full_text.SHORTEST:
                part, value = full_text.condition(word)
                parts.append(part)
                values.append(value)
            else:
                parts.append("prompt LIKE ? ESCAPE '\\'")
                values.append(f"%{word.translate(LITERALLY)}%")
        if self.kinds:
            parts.append(f"kind IN ({', '.join('?' * len(self.kinds))})")
            values += self.kinds
        if self.since is not None:
            parts.append("created >= ?")
            values.append(self.since)
        if self.until is not None:
            parts.append("created < ?")
            values.append(self.until)
        if self.task:
            parts.append("CASE WHEN json_valid(job) THEN json_extract(job, '$.kind') = ? END")
            values.append(self.task)
        if self.starred:
            parts.append("starred")
        return " AND ".join(parts), values

    @property
    def order(self) -> str:
        """Newest first; in the trash, the last deleted first."""
        return f"{'deleted DESC, ' if self.deleted else ''}created DESC, number DESC"


def plain(text: str) -> str:
    """Remove lone surrogates, which no database accepts."""
    return text.encode("utf-8", "replace").decode("utf-8")


def searchable(text: str) -> str:
    """The same without NULs, which would end a search."""
    return plain(text).replace("\0", " ")

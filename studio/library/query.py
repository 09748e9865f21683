"""What to look for in the index, and the SQL that finds it."""

from typing import Literal

import msgspec

from studio.library import full_text

ItemKind = Literal["image", "text", "clip"]
_WORDS_OF_A_SEARCH, _LONGEST_WORD = 20, 60
"""Looking for a thousand letters in a million takes the full-text index seven seconds."""


LITERALLY = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
"""What a pattern of LIKE means otherwise."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. ``since`` and ``until``: seconds since 1970, UTC; ``kinds`` empty: all.

    ``task``: the kind of request that made it. ``deleted``: what lies in the library's trash, instead of what doesn't.
    """

    text: str = ""
    kinds: tuple[ItemKind, ...] = ()
    since: float | None = None
    until: float | None = None
    starred: bool = False
    deleted: bool = False
    task: str = ""

    def where(self, by_full_text: bool) -> tuple[str, list[object]]:
        """The condition, and the values that it wants."""
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
        """The newest first; of what was deleted, what was deleted last."""
        return f"{'deleted DESC, ' if self.deleted else ''}created DESC, number DESC"


def plain(text: str) -> str:
    """Without halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def searchable(text: str) -> str:
    """The same without NULs, at which a search would end."""
    return plain(text).replace("\0", " ")

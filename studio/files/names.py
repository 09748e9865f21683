"""File names made from prompts: safe on every system, whatever the prompt holds."""

import re
import unicodedata
from collections.abc import Mapping

from studio.core.given_names import is_reserved

LONGEST = 80
"""Characters of a name."""
LONGEST_BYTES = 120
"""Of a name in UTF-8. Most file systems take 255; encrypted home folders (eCryptfs) 143, and numbers are added."""
UNTITLED = "untitled"
"""The name of what has none."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def safe_name(text: str, longest: int = LONGEST) -> str:
    """``text`` as one file name without an ending: never empty, never more than one part of a path.

    Separators, control and direction marks become spaces; names that Windows reserves get an underscore.
    """
    clean = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") else char
        for char in text[:2000]
    )
    clean = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", clean)).split())
    clean = _cut(clean.strip(" .-"), longest).strip(" .,;-")
    return f"_{clean}" if is_reserved(clean) else clean or UNTITLED


def _cut(text: str, longest: int) -> str:
    """At most ``longest`` characters and ``LONGEST_BYTES``, at a word's end where one is near."""
    if len(text) > longest:
        text = text[:longest]
        head = text.rsplit(" ", 1)[0]
        text = head if len(head) > longest // 2 else text
    return text.encode("utf-8")[:LONGEST_BYTES].decode("utf-8", "ignore")


def fill_pattern(pattern: str, values: Mapping[str, object]) -> str:
    """``pattern`` with its ``{places}`` filled, as a safe name; a place that ``values`` lacks stays as written."""
    filled = re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), pattern)
    return safe_name(re.sub(r"-{2,}", "-", filled), 120)

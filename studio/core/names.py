"""File names: made from prompts, safe on every system, whatever the prompt holds; and those that strangers give."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

LONGEST = 80
"""Characters of a name."""
LONGEST_BYTES = 120
"""Of a name in UTF-8. Most file systems take 255; encrypted home folders (eCryptfs) 143, and numbers are added."""
_MOST_BYTES = 255
"""The longest name that a file can have on the usual file systems."""
UNTITLED = "untitled"
"""The name of what has none."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(\.|$)", re.IGNORECASE)


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
    return f"_{clean}" if _RESERVED.match(clean) else clean or UNTITLED


def is_reserved(name: str) -> bool:
    """Whether Windows keeps ``name``, with any ending, for one of its devices."""
    return bool(_RESERVED.match(name))


def is_name(name: str) -> bool:
    """Whether something within a folder can be called ``name``: it leads nowhere else, and is not too long."""
    return Path(name).name == name not in ("", "..") and len(name.encode("utf-8", "surrogatepass")) <= _MOST_BYTES


def as_said(value: object) -> str:
    """What a stranger's file says, in a sentence: a text as it is, cut; "?" for what is none."""
    return value[:100] if isinstance(value, str) else "?"


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

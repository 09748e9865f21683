"""File names made from prompts: safe on every system, whatever the prompt holds."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

LONGEST = 80
"""Characters of a name; with CJK or emoji still under the 255 bytes that file systems allow."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(text: str, longest: int = LONGEST) -> str:
    """``text`` as one file name without an ending: never empty, never more than one part of a path.

    Separators, control and direction marks become spaces; names that Windows reserves get an underscore.
    """
    clean = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else char for char in text[:2000]
    )
    clean = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", clean)).split())
    clean = _cut(clean, longest).strip(" .")
    return f"_{clean}" if _RESERVED.match(clean) else clean or "untitled"


def _cut(text: str, longest: int) -> str:
    """At most ``longest`` characters and 200 bytes, at a word's end where one is near."""
    if len(text) > longest:
        text = text[:longest]
        head = text.rsplit(" ", 1)[0]
        text = head if len(head) > longest // 2 else text
    return text.encode("utf-8")[:200].decode("utf-8", "ignore")


def fill_pattern(pattern: str, values: Mapping[str, object]) -> str:
    """``pattern`` with its ``{places}`` filled, as a safe name; a place that ``values`` lacks stays as written."""
    filled = re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), pattern)
    return safe_name(filled, 120)


def free_path(folder: Path, name: str, ending: str) -> Path:
    """A path in ``folder`` that nothing has yet: "name.png", "name-2.png"..."""
    path, number = folder / f"{name}{ending}", 2
    while path.exists():
        path, number = folder / f"{name}-{number}{ending}", number + 1
    return path

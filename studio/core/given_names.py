"""Names that strangers give, in files and requests: whether something here can be called so; how a sentence says it."""

import re
from pathlib import Path

_MOST_BYTES = 255
"""The longest name that a file can have on the usual file systems."""
_RESERVED = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(\.|$)", re.IGNORECASE)


def is_reserved(name: str) -> bool:
    """Whether Windows keeps ``name``, with any ending, for one of its devices."""
    return bool(_RESERVED.match(name))


def is_name(name: str) -> bool:
    """Whether something within a folder can be called ``name``: it leads nowhere else, and is not too long."""
    return Path(name).name == name not in ("", "..") and len(name.encode("utf-8", "surrogatepass")) <= _MOST_BYTES


def as_said(value: object) -> str:
    """What a stranger's file says, in a sentence: a text as it is, cut; "?" for what is none."""
    return value[:100] if isinstance(value, str) else "?"

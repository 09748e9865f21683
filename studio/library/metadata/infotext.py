"""The ``parameters`` text that AUTOMATIC1111 writes and most tools read.

Grammar (``modules/infotext_utils.py`` of stable-diffusion-webui): prompt lines, then optionally "Negative prompt: "
and its lines, then one line of "Key: value" pairs. This reader differs from that program's in three ways, each needed
for real files: a value may be balanced JSON without quotes; the last line counts as pairs only if one of the keys is a
known one; and the text is split at the last "Negative prompt:" line.
"""

import json
import re

import msgspec

_LONGEST_KEY, _LONGEST_LINE = 100, 5_000_000
_MOST_BROKEN = 100
"""Values that begin like JSON and aren't. For each, Python counts all lines so far to report the position."""
_KEY = re.compile(r"\w[\w \-/]+$")
_ANCHORS = {
    "Steps": re.compile(r"\d+"),
    "Seed": re.compile(r"-?\d+"),
    "Size": re.compile(r"\d+x\d+"),
    "CFG scale": re.compile(r"-?\d+(\.\d+)?"),
    "Sampler": re.compile(r"\S.*"),
    "Model hash": re.compile(r"\S+"),
    "Model": re.compile(r"\S.*"),
}
"""Keys that every tool writes, and their valid values: prose may contain these words too ("a huge cat, Size:
large")."""
_NEGATIVE = "Negative prompt:"


class Infotext(msgspec.Struct, frozen=True):
    """A parsed ``parameters`` text. ``pairs`` keep their order; all values are strings."""

    prompt: str = ""
    negative: str = ""
    pairs: dict[str, str] = {}


def write_infotext(info: Infotext) -> str:
    """Format the text. Pairs with empty values are left out."""
    lines = [info.prompt] if info.prompt else []
    # A prompt that itself has such a line can only be read back whole if another one follows.
    if info.negative or any(_is_negative(line) for line in info.prompt.split("\n")):
        lines.append(f"{_NEGATIVE} {info.negative}")
    lines.append(", ".join(f"{key}: {_quote(value)}" for key, value in info.pairs.items() if value != ""))
    return "\n".join(lines).strip()


def read_infotext(text: str) -> Infotext:
    """Parse any ``parameters`` text. Never raises: whatever isn't a pair belongs to the prompt."""
    lines = text.replace("\r\n", "\n").strip().split("\n")
    pairs = read_pairs(lines[-1]) if len(lines[-1]) <= _LONGEST_LINE else {}
    if _has_anchor(pairs) and (len(pairs) >= 3 or len(lines) > 1 or lines[-1].startswith("Steps:")):
        lines = lines[:-1]
    else:
        pairs = {}
    starts = [number for number, line in enumerate(lines) if _is_negative(line)]
    if not starts:
        return Infotext("\n".join(lines).strip(), "", pairs)
    at = starts[-1]
    negative = [lines[at].lstrip()[len(_NEGATIVE) :], *lines[at + 1 :]]
    return Infotext("\n".join(lines[:at]).strip(), "\n".join(negative).strip(), pairs)


def read_pairs(line: str) -> dict[str, str]:
    """The "Key: value" pairs of one line; for a repeated key, the first."""
    pairs: dict[str, str] = {}
    at = broken = 0
    while (colon := line.find(":", at)) >= 0:
        key = _key_before(line, at, colon)
        if not key:
            at = colon + 1
            continue
        begin = _after_space(line, colon + 1)
        found = None
        if line[begin : begin + 1] in ("{", "[", '"') and broken < _MOST_BROKEN:
            found = _json_value(line, begin)
            broken += found is None
        value, at = found or _plain_value(line, begin)
        pairs.setdefault(key, value)
    return pairs


def _is_negative(line: str) -> bool:
    return line.strip().startswith(_NEGATIVE)


def _has_anchor(pairs: dict[str, str]) -> bool:
    return any(shape.fullmatch(pairs.get(key, "")) for key, shape in _ANCHORS.items())


def _key_before(line: str, at: int, colon: int) -> str:
    """The key that ends at ``colon``, of at least two characters; "" if there is none."""
    match = _KEY.search(line[max(at, colon - _LONGEST_KEY) : colon])
    return match[0] if match else ""


def _after_space(line: str, at: int) -> int:
    while line[at : at + 1].isspace():
        at += 1
    return at


def _json_value(line: str, at: int) -> tuple[str, int] | None:
    """The JSON at ``at``, and where the next key may begin; None if it is invalid or not the whole value."""
    try:
        found, end = json.JSONDecoder().raw_decode(line, at)
    except (ValueError, RecursionError):
        return None
    rest = line.find(",", end)
    if line[end : rest if rest >= 0 else None].strip():
        return None
    return found if isinstance(found, str) else line[at:end], rest + 1 if rest >= 0 else len(line)


def _plain_value(line: str, at: int) -> tuple[str, int]:
    """The text before the next comma, and where the next key may begin."""
    comma = line.find(",", at)
    return (line[at:].strip(), len(line)) if comma < 0 else (line[at:comma].strip(), comma + 1)


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _needs_quotes(value) else value


def _needs_quotes(value: str) -> bool:
    return bool(re.search(r'[,\n\r:"]', value)) or value != value.strip() or value[:1] in ("{", "[")

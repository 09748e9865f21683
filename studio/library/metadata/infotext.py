"""The ``parameters`` text that AUTOMATIC1111 writes and most tools read.

Grammar (``modules/infotext_utils.py`` of stable-diffusion-webui): prompt lines, then optionally "Negative prompt: "
and its lines, then one line of "Key: value" pairs. The reader here differs from that program's in three ways,
each because real files need it: a value may be balanced JSON without quotes; the last line counts as pairs only if
one of the keys is a known one; and the text is split at the last "Negative prompt:" line.
"""

import json
import re

import msgspec

_KEY = re.compile(r"\s*(\w[\w \-/]+):\s*")
_ANCHORS = {"Steps", "Sampler", "Seed", "Size", "CFG scale", "Model", "Model hash"}
_NEGATIVE = "Negative prompt:"


class Infotext(msgspec.Struct, frozen=True):
    """A ``parameters`` text, taken apart. ``pairs`` keep their order; all values are text."""

    prompt: str = ""
    negative: str = ""
    pairs: dict[str, str] = {}


def write_infotext(info: Infotext) -> str:
    """Put the text together. A pair whose value is empty is left out."""
    lines = [info.prompt] if info.prompt else []
    if info.negative:
        lines.append(f"{_NEGATIVE} {info.negative}")
    lines.append(", ".join(f"{key}: {_quote(value)}" for key, value in info.pairs.items() if value != ""))
    return "\n".join(lines).strip()


def read_infotext(text: str) -> Infotext:
    """Take any ``parameters`` text apart. Never raises: what is no pair is prompt."""
    lines = text.replace("\r\n", "\n").strip().split("\n")
    pairs = read_pairs(lines[-1])
    if _ANCHORS & pairs.keys() and (len(pairs) >= 3 or len(lines) > 1 or lines[-1].startswith("Steps:")):
        lines = lines[:-1]
    else:
        pairs = {}
    starts = [number for number, line in enumerate(lines) if line.strip().startswith(_NEGATIVE)]
    if not starts:
        return Infotext("\n".join(lines).strip(), "", pairs)
    at = starts[-1]
    negative = [lines[at].strip()[len(_NEGATIVE) :], *lines[at + 1 :]]
    return Infotext("\n".join(lines[:at]).strip(), "\n".join(negative).strip(), pairs)


def read_pairs(line: str) -> dict[str, str]:
    """The "Key: value" pairs of one line; of a key that comes twice, the first."""
    pairs: dict[str, str] = {}
    at = 0
    while match := _KEY.search(line, at):
        value, at = _value(line, match.end())
        pairs.setdefault(match[1], value)
    return pairs


def _value(line: str, at: int) -> tuple[str, int]:
    """The value that begins at ``at``, and where the next key may begin."""
    if line[at : at + 1] in ("{", "[", '"'):
        try:
            found, end = json.JSONDecoder().raw_decode(line, at)
        except (ValueError, RecursionError):
            pass
        else:
            rest = line.find(",", end)
            if not line[end : rest if rest >= 0 else None].strip():
                return found if isinstance(found, str) else line[at:end], rest + 1 if rest >= 0 else len(line)
    comma = line.find(",", at)
    return (line[at:].strip(), len(line)) if comma < 0 else (line[at:comma].strip(), comma + 1)


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r'[,\n:"]', value) or value != value.strip() else value

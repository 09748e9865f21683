"""How fuzzed inputs are changed so that they get behind the first check: JSON, PNG, safetensors, zip."""

import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any

Mutate = Callable[[bytes, int], bytes]
"""The fuzzer's own change of some bytes: what, and how many there may be."""
Change = Callable[[bytes, int, random.Random, Mutate], bytes]
_WORD = re.compile(rb"[A-Za-z_][\w.:/-]{2,40}")
_MOST_WORDS = 400
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 0.5, -0.0, 255, 2**31, 2**32, 2**53, 2**63, 2**64, -(2**63), 10**17, 10**400,
    1e-320, 1e17, 1e308, float("nan"), float("inf"), float("-inf"), "", "\0", "x", "\ud800", "\u202e\u0301", "../../x",
    "/etc/passwd", "C:\\con", "1" * 5000, "x" * 5000, "{{", "{}", "%s", "nan", [], {}, [[]], [None], {"": {}},
)  # fmt: skip


def as_bytes(data: bytes, most: int, rng: random.Random, mutate: Mutate) -> bytes:
    """Any bytes in the place of any others."""
    return mutate(data, most)


def words_in(seeds: Iterable[bytes]) -> str:
    """The words of the seeds, as libFuzzer reads a dictionary."""
    found = dict.fromkeys(word for seed in seeds for word in _WORD.findall(seed))
    rows = ("".join(f"\\x{byte:02x}" for byte in word) for word in list(found)[:_MOST_WORDS])
    return "".join(f'"{row}"\n' for row in rows)


# -- JSON --------------------------------------------------------------------------------------------------------------


def json_behind(lead: int = 0) -> Change:
    """JSON behind so many bytes: values, names and places are changed, and sometimes plain bytes."""

    def change(data: bytes, most: int, rng: random.Random, mutate: Mutate) -> bytes:
        head, body = data[:lead], data[lead:]
        if len(head) < lead or rng.random() < 0.2:
            return mutate(data, most)
        if lead and rng.random() < 0.1:
            head = bytes(rng.randrange(256) for _ in range(lead))
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return mutate(data, most)
        found = head + changed_json(value, rng)
        return found if len(found) <= most else mutate(data, most)

    return change


def changed_json(value: Any, rng: random.Random) -> bytes:
    """``value`` with one to four things changed, as JSON."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        value = _changed(value, rng)
    return json.dumps(value).encode("ascii")


def _changed(value: Any, rng: random.Random) -> Any:
    places = list(_places(value))
    if not places or rng.random() < 0.02:
        return deepcopy(rng.choice(_ODD))
    holder, key = rng.choice(places)
    match rng.randrange(8):
        case 0 | 1 | 2:
            holder[key] = deepcopy(rng.choice(_ODD))
        case 3:
            other, there = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[there]))
        case 4:
            holder[key] = _near(holder[key], rng)
        case 5:
            holder[key] = {"x": holder[key]} if rng.random() < 0.3 else [holder[key]] * _times(holder[key], rng)
        case 6:
            del holder[key]
        case _:
            if isinstance(holder, dict):
                names = [name for each, name in places if isinstance(each, dict)]
                holder[rng.choice([*names, "", "__class__", "\ud800", "x" * 300])] = holder.pop(key)
            else:
                holder.insert(key, deepcopy(rng.choice(_ODD)))
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        for key in holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ():
            yield holder, key
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])


def _times(value: Any, rng: random.Random) -> int:
    """How often to write it: what is long already only some times, or a few changes would fill the memory."""
    return rng.choice((1, 2, 3) if isinstance(value, str | list | dict) else (2, 50, 1000))


def _near(value: Any, rng: random.Random) -> Any:
    """A value of the same type that is a little or much off."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return rng.choice((-value, value + 1, value - 1, value * 2, value * 1000, value // 3, 0))
    if isinstance(value, str):
        at = rng.randint(0, len(value))
        return rng.choice((value[:at], value[:at] + str(rng.choice(_ODD))[:500] + value[at:], value * 3, value[::-1]))
    return list(value)[: rng.randint(0, len(value))] if isinstance(value, list) else dict(list(value.items())[::-1])


# -- containers with sums and lengths ----------------------------------------------------------------------------------


def png(data: bytes, most: int, rng: random.Random, mutate: Mutate) -> bytes:
    """Mostly with sums that fit: a reader looks at nothing in a chunk whose sum is wrong."""
    found = mutate(data, most)
    if not found.startswith(b"\x89PNG\r\n\x1a\n") or rng.random() < 0.15:
        return found
    parts, at = [found[:8]], 8
    while at + 8 <= len(found):
        length = min(int.from_bytes(found[at : at + 4], "big"), max(len(found) - at - 12, 0))
        kind, body = found[at + 4 : at + 8], found[at + 8 : at + 8 + length]
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
        at += 12 + length
    whole = b"".join(parts)
    return whole if len(whole) <= most else found


def safetensors(data: bytes, most: int, rng: random.Random, mutate: Mutate) -> bytes:
    """A header of JSON, changed as such and with a length that fits, before the same numbers."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 + length or rng.random() < 0.25:
        return mutate(data, most)
    try:
        header = changed_json(json.loads(data[8 : 8 + length]), rng)
    except (ValueError, RecursionError):
        return mutate(data, most)
    found = struct.pack("<Q", len(header)) + header + data[8 + length :]
    return found if len(found) <= most else mutate(data, most)


def archive(data: bytes, most: int, rng: random.Random, mutate: Mutate) -> bytes:
    """A zip, one of whose files or names is changed; what is no zip, as bytes."""
    if rng.random() < 0.2:
        return mutate(data, most)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            parts = {part.filename: old.read(part) for part in old.infolist() if part.file_size <= most}
    except Exception:  # noqa: BLE001  the module raises anything for what is no zip
        return mutate(data, most)
    if not parts:
        return mutate(data, most)
    name = rng.choice([*parts, *(name for name in parts if name.endswith(".pkl"))] or list(parts))
    if rng.random() < 0.1:
        other = rng.choice((*parts, "../../x", "archive/data.pkl", "archive/data/0", "/x"))
        parts[other] = parts.pop(name)
    else:
        parts[name] = mutate(parts[name], max(len(parts[name]) * 2, 64))
    file = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED if rng.random() < 0.1 else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", packing) as new:
        for each, content in parts.items():
            new.writestr(zipfile.ZipInfo(each), content)
    found = file.getvalue()
    return found if len(found) <= most else mutate(data, most)

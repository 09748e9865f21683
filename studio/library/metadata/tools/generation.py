"""The settings of another tool's picture, in one form for all tools; and readers for untrusted values."""

import math
import re
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

import msgspec

from studio.files.reading import read_json

LONGEST = 200_000
"""Characters of a prompt."""
_LONGEST_NAME, _LONGEST_VALUE, _LONGEST_NUMBER = 200, 300, 40
FILE = "file name"
"""The key for the file name without extension among a picture's entries. No format has such an entry."""
TITLES = (
    "Adaptive CFG", "Canvas", "Clip skip", "Embedding", "Emphasis", "Face correction", "Face restoration", "Frames",
    "Hires fix", "Hypernetwork", "Image guidance", "Inpaint", "Mask", "Mask blur", "Negative style prompt",
    "Perlin noise", "Performance", "Character positions", "Positive style prompt", "Postprocessing",
    "Prompt editing", "Reference pictures", "Refiner", "Refiner control", "Refiner steps", "Refiner upscale",
    "Regional prompter", "SD upscale", "Script", "Seamless", "Second pass", "Sharpness", "Sigma shift",
    "Styles", "Threshold", "Tiled diffusion", "Tiling", "Upscale", "Upscaler", "Variation", "Variation seed",
    "Variation strength", "Variations", "Vibe transfer", "Video model", "Weights in the prompt",
)  # fmt: skip
"""Names of settings outside ``Generation`` that can be translated; the rest are the tools' own terms."""
_NOTHING = ("", "none", "null", "undefined", "automatic", "default", "default (model)")


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one picture. What is missing in the file is None or "".

    ``sampler`` and ``schedule`` are the tool's own names. ``others``: settings without a field here, as name and value;
    names are English for ``tr``, or the tool's own. ``start``: the name of the start picture, "?" if unknown. If not
    ``readable``, only the tool is known.
    """

    tool: str
    readable: bool = True
    prompt: str = ""
    negative: str = ""
    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    shape: tuple[float, float] | None = None
    """The aspect ratio, if the file has no size."""
    strength: float | None = None
    sampler: str = ""
    schedule: str = ""
    model: str = ""
    model_hash: str = ""
    start: str = ""
    others: tuple[tuple[str, str], ...] = ()


def unreadable(tool: str) -> Generation:
    """A picture of which only the ``tool`` is known."""
    return Generation(tool=tool, readable=False)


def json_object(text: object) -> dict[str, Any]:
    """``text`` as a JSON object, also one encoded as a JSON string; {} for everything else. Accepts NaN."""
    if isinstance(text, dict):
        return text
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return {}
    try:
        found = read_json(text.encode("utf-8", "replace"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is an object, else {}."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """``value`` if it is a list, cut to a sane length."""
    return list(value[:100]) if isinstance(value, list) else []


def text(value: object) -> str:
    """A prompt: text, or a list of texts."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(text, value[:100])))[:LONGEST]
    return _whole_characters(value.strip()[:LONGEST]) if isinstance(value, str) else ""


def name(value: object) -> str:
    """A short name, such as a sampler's."""
    found = value.strip() if isinstance(value, str) else ""
    return "" if found.lower() in _NOTHING else _whole_characters(found[:_LONGEST_NAME])


def _whole_characters(said: str) -> str:
    """Remove lone surrogates, which JSON can contain and nothing can show."""
    return said.encode("utf-8", "replace").decode("utf-8")


def file_name(value: object) -> str:
    """The last part of a path of any system, without extensions of weights."""
    last = PureWindowsPath(name(value)).name
    return re.sub(r"\.(safetensors|ckpt|pt|pth|bin|gguf|sft)$", "", last, flags=re.IGNORECASE)


def number(value: object) -> float | None:
    """A number, also from a string."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """An exact integer, also from a string."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}", value.strip()):
        return int(value.strip())
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
        return value
    found = number(value)
    return int(found) if found is not None and found == int(found) and abs(found) < 2**63 else None


def sides(value: object) -> tuple[int | None, int | None]:
    """Width and height in a string such as "1152x768" or "(1152, 896)"."""
    found = re.search(r"(\d{1,6})\D{1,4}(\d{1,6})", value[:100]) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else (None, None)


def other(title: str, value: object = "") -> tuple[tuple[str, str], ...]:
    """One of the ``others``, unless it is off or empty."""
    if value is None or value is False or isinstance(value, dict | list):
        return ()
    shown = "" if value is True else _whole_characters(" ".join(str(value).split())[:_LONGEST_VALUE])
    return ((title, shown),) if value is True or shown.lower() not in (*_NOTHING, "false", "0", "0.0") else ()


def named(title: str, what: object, weight: object = None) -> tuple[tuple[str, str], ...]:
    """Something with a name and a weight, such as a LoRA."""
    found, heavy = file_name(what), number(weight)
    return ((title, found if heavy is None else f"{found} ({heavy:g})"),) if found else ()

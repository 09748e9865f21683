"""Detects which tool made a picture by the texts in its file; the order matters, since some write two formats."""

from collections.abc import Mapping

from studio.library.metadata.tools import (
    comfyui,
    drawthings,
    easydiffusion,
    fooocus,
    invokeai,
    midjourney,
    novelai,
    swarmui,
)
from studio.library.metadata.tools.generation import Generation, json_object, unreadable

_LONGEST_GRAPH = 8_000_000
"""Characters of JSON: the largest graphs have a few hundred thousand."""
_PROGRAMS = {
    "fooocus": "Fooocus", "novelai": "NovelAI", "invokeai": "InvokeAI", "comfyui": "ComfyUI",
    "draw things": "Draw Things", "swarmui": "SwarmUI", "easy diffusion": "Easy Diffusion",
    "midjourney": "Midjourney", "firefly": "Adobe Firefly", "leonardo": "Leonardo.Ai",
}  # fmt: skip


def read_tool(texts: Mapping[str, str]) -> Generation | None:
    """The settings that a tool left in ``texts``, or only the tool if they can't be read; None if no tool is known.

    ``texts``: PNG entries by key, Exif entries by tag name, and XMP as "XML:com.adobe.xmp".
    """
    short = {key: value for key, value in texts.items() if len(value) <= _LONGEST_GRAPH}
    if (found := invokeai.read(short)) is not None:
        return found
    for key in ("parameters", "UserComment", "Comment", "ImageDescription"):
        if (found := _of_json(json_object(short.get(key)), key, short)) is not None:
            return found
    for reader in (novelai.read, comfyui.read, easydiffusion.read, midjourney.read, drawthings.read):
        if (found := reader(short)) is not None:
            return found
    return _by_name(texts)


def _of_json(data: Mapping[str, object], key: str, texts: Mapping[str, str]) -> Generation | None:
    """The settings in JSON where other tools write plain text."""
    readers = (swarmui.read, fooocus.read, easydiffusion.read)
    for reader in readers if key == "parameters" else (drawthings.of_json, *readers):
        if data and (found := reader(data)) is not None:
            return found
    return _all_in_one(data, texts[key]) if data and key != "Comment" else None


def _all_in_one(data: Mapping[str, object], content: str) -> Generation | None:
    """Unpack all entries from one JSON, as NovelAI's WebP and some ComfyUI savers write them."""
    entries = {name: value for name, value in data.items() if isinstance(value, str)}
    if "Comment" in entries or {"uc", "sampler"} <= data.keys():
        return novelai.read({"Software": novelai.TOOL, "Comment": content, **entries})
    prompt, workflow = json_object(data.get("prompt")), json_object(data.get("workflow"))
    return comfyui.of_graphs(prompt, workflow) if prompt or workflow else None


def _by_name(texts: Mapping[str, str]) -> Generation | None:
    """A tool that names itself, if none of its settings are understood."""
    for key in ("Software", "Source", "Generator", "fooocus_scheme"):
        said = texts.get(key, "").lower()[:200]
        if key == "fooocus_scheme" and said:
            return unreadable(fooocus.TOOL)
        if tool := next((tool for mark, tool in _PROGRAMS.items() if mark in said), None):
            return unreadable(tool)
    return None

"""Midjourney: the prompt with its flags, and the job's number, in ``Description``."""

import re
from collections.abc import Mapping

from studio.library.metadata.tools.generation import LONGEST, Generation, text

TOOL = "Midjourney"
_JOB = re.compile(r"\bJob ID: [0-9a-fA-F-]{8,40}\s*$")
_FLAG = re.compile(r"(?<!\S)(?:--|—)([a-zA-Z]+)((?:(?!\s(?:--|—)[a-zA-Z]).)*)", re.DOTALL)
_PART = re.compile(r"::\s*(-?\d+(?:\.\d+)?)?")
_NEGATIVE, _ASPECT = ("no",), ("ar", "aspect")


def read(texts: Mapping[str, str]) -> Generation | None:
    """The prompt, the aspect ratio, and the flags as ``others``; None if Midjourney didn't write it."""
    for key in ("Description", "ImageDescription"):
        whole_text = texts.get(key, "")[:LONGEST]
        if _JOB.search(whole_text):
            return _of(_JOB.sub("", whole_text))
    return None


def _of(command: str) -> Generation:
    first = re.search(r"(?<!\S)(?:--|—)[a-zA-Z]", command)
    prompt, rest = (command[: first.start()], command[first.start() :]) if first else (command, "")
    flags = [(flag.lower(), text(value)) for flag, value in _FLAG.findall(rest)][:50]
    shape = _shape(next((value for flag, value in flags if flag in _ASPECT), "1:1"))
    taken = (*_NEGATIVE, *(_ASPECT if shape else ()))
    others = tuple((f"--{flag}", value[:300]) for flag, value in flags if flag not in taken)
    if "::" in prompt:
        others += (("Emphasis", "::"),)
    return Generation(
        tool=TOOL,
        prompt=text(_PART.sub(" ", prompt).replace(" ,", ",")),
        negative=", ".join(value for flag, value in flags if flag in _NEGATIVE),
        shape=shape,
        others=others,
    )


def _shape(aspect: str) -> tuple[float, float] | None:
    found = re.fullmatch(r"(\d{1,4}(?:\.\d+)?)\s*:\s*(\d{1,4}(?:\.\d+)?)", aspect.strip())
    across, down = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    return (across, down) if across and down else None

"""An error report with versions, device and the end of the log, but without anything private."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from studio import __version__
from studio.core.fields import PRIVATE, names_of
from studio.core.person import home, user_name
from studio.core.private import HIDDEN, without_paths, without_secrets
from studio.features import task_types
from studio.files.reading import open_file

__all__ = ["HIDDEN", "private_texts", "report", "without_private"]
LAST_LINES, LONGEST_TAIL = 30, 40_000
"""For each log: lines in the report, and bytes read for them."""
_LONGEST_DETAIL = 12_000
_LIBRARIES = ("PySide6_Essentials", "torch", "diffusers", "transformers", "safetensors", "Pillow", "numpy", "av")
_FACTS = ("device", "gpu", "dtype", "why", "threads", "memory_free", "memory_total", "cuda_missing")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""A word, or a character in scripts without spaces."""
_TOGETHER = 3
"""This many consecutive words of a private text are removed."""
_OF_SETTINGS = {"model", "pattern", "folder"}
"""What settings hold beside requests that a person wrote or chose."""


def report(happened: str, detail: str, facts: Mapping[str, Any], logs: Sequence[Path], private: Iterable[str]) -> str:
    """The report as it is shown and copied. ``private``: texts that must not appear in it."""
    found = [f"Triptych {__version__}", *_machine(), *(f"{name}: {facts[name]}" for name in _FACTS if name in facts)]
    parts = [happened, detail[-_LONGEST_DETAIL:].strip(), "\n".join(found)]
    parts += [f"--- {log.name}\n{tail}" for log in logs if (tail := _tail(log))]
    return without_private("\n\n".join(part for part in parts if part), private)


def private_texts(values: Any, field: str = "") -> Iterator[str]:
    """The strings in ``values`` (JSON) that a person wrote or chose, and would not send to strangers."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from private_texts(value, str(name))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from private_texts(value, field)
    elif isinstance(values, str) and (field in _private_names() or " " in values):
        yield values


@cache
def _private_names() -> frozenset[str]:
    """Of all requests' fields, by their role."""
    return frozenset(_OF_SETTINGS | {name for task in task_types().values() for name in names_of(task, PRIVATE)})


def without_private(text: str, private: Iterable[str]) -> str:
    """``text`` without secrets, personal paths, the names of user and machine, and words of ``private``."""
    folder = home()
    text = without_paths(without_secrets(text))
    for name in {user_name(), folder.name if folder else "", platform.node(), platform.node().partition(".")[0]}:
        if len(name) > 1:
            alone = rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name)
            text = re.sub(alone, HIDDEN, text, flags=re.IGNORECASE)
    return _without_words(text, private)


def _machine() -> list[str]:
    libraries = [f"{name} {version}" for name in _LIBRARIES if (version := _version(name))]
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return [system, f"Python {platform.python_version()}", *libraries]


def _version(name: str) -> str:
    from importlib import metadata  # takes a tenth of the window's startup time

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _tail(log: Path) -> str:
    try:
        with open_file(log) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-LAST_LINES:])


def _without_words(text: str, private: Iterable[str]) -> str:
    """``text`` without runs of words from a private text, however they are joined, as in "a-red-cat.png"."""
    runs: set[tuple[str, ...]] = set()
    for secret in private:
        words = [word.lower() for word in _TOKEN.findall(secret[:100_000])]
        length = min(_TOGETHER, len(words))
        if length > 1 or (length == 1 and len(words[0]) > 2):
            runs.update(tuple(words[at : at + length]) for at in range(len(words) - length + 1))
    found = list(_TOKEN.finditer(text))
    words = [match[0].lower() for match in found]
    hidden: list[tuple[int, int]] = []
    for at in range(len(words)):
        for length in range(min(_TOGETHER, len(words) - at), 0, -1):
            if tuple(words[at : at + length]) in runs:
                start, end = found[at].start(), found[at + length - 1].end()
                if hidden and start <= hidden[-1][1] + 1:
                    hidden[-1] = (hidden[-1][0], max(end, hidden[-1][1]))
                else:
                    hidden.append((start, end))
                break
    for start, end in reversed(hidden):
        text = text[:start] + HIDDEN + text[end:]
    return text

"""What the installed libraries know, read from their own files: importing them would bring torch into the window."""

import functools
import importlib.util
import logging
import re
from pathlib import Path

log = logging.getLogger(__name__)
_ENTRY = re.compile(r'\("([\w-]+)",\s*"(\w+)"\)')
_KIND = re.compile(r'"([\w.-]+)"\s*[,:]\s*"(\w+)"')


@functools.cache
def causal_models() -> frozenset[str]:
    """The classes of transformers that write text; empty when that can't be told."""
    return frozenset(_classes("CAUSAL_LM").values())


@functools.cache
def writing_kinds(decoder: bool = False) -> dict[str, str]:
    """The class that writes for each kind of model ("llama") that does nothing else; empty when that can't be told.

    With those of many kinds that do only where their settings make them a ``decoder``.
    """
    others = {} if decoder else {**_classes("MASKED_LM"), **_classes("SEQ_TO_SEQ_CAUSAL_LM")}
    return {kind: name for kind, name in _classes("CAUSAL_LM").items() if kind not in others}


@functools.cache
def known_kinds() -> frozenset[str]:
    """The kinds of models that transformers has settings for; empty when that can't be told."""
    sources = (_source(file) for file in ("auto_mappings.py", "configuration_auto.py"))
    return frozenset(kind for source in sources for kind, name in _KIND.findall(source) if name.endswith("Config"))


def _source(file: str) -> str:
    """One of the files in which transformers says what it knows; "" where there is none."""
    folder = _folder("transformers")
    try:
        return (folder / "models" / "auto" / file).read_text(encoding="utf-8") if folder else ""
    except OSError as error:
        log.info("which language models transformers knows can't be told: %s", error)
        return ""


def _classes(task: str) -> dict[str, str]:
    source = _source("modeling_auto.py")
    table = re.search(rf"^MODEL_FOR_{task}_MAPPING_NAMES\b.*?^\)", source, re.MULTILINE | re.DOTALL)
    return dict(_ENTRY.findall(table[0])) if table else {}


def _folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found is not None and found.origin else None

"""What the installed libraries know, read from their own files: importing them would bring torch into the window."""

import functools
import importlib.util
import logging
import re
from pathlib import Path

log = logging.getLogger(__name__)
_TABLE = re.compile(r"^MODEL_FOR_CAUSAL_LM_MAPPING_NAMES\b.*?^\)", re.MULTILINE | re.DOTALL)
_CLASS = re.compile(r'"(\w+)"\)')


@functools.cache
def causal_models() -> frozenset[str]:
    """The classes of transformers that write text; empty when that can't be told."""
    folder = _folder("transformers")
    try:
        source = (folder / "models" / "auto" / "modeling_auto.py").read_text(encoding="utf-8") if folder else ""
    except OSError as error:
        log.info("which language models transformers knows can't be told: %s", error)
        return frozenset()
    table = _TABLE.search(source)
    return frozenset(_CLASS.findall(table[0])) if table else frozenset()


def _folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found is not None and found.origin else None

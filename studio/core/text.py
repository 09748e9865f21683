"""Words for people: the catalogue of translations, and ``tr``, which looks a sentence up in it."""

import json
import os
from pathlib import Path

from studio.core.resources import RESOURCES

TRANSLATIONS = RESOURCES / "translations"
LANGUAGE = "TRIPTYCH_LANGUAGE"
"""The variable of the environment that tells the engine's process which language the window speaks."""
_catalogue: dict[str, str] = {}


def use_language(language: str) -> bool:
    """Speak ``language`` ("zh_CN"), here and in what is started from here. False: it has no catalogue, so English."""
    known = {path.stem: path for path in TRANSLATIONS.glob("*.json")}
    os.environ[LANGUAGE] = language if language in known else ""
    load_catalogue(known.get(language))
    return language in known


def load_catalogue(path: Path | None) -> None:
    """Use the translations in ``path`` (JSON: English sentence -> translation); None goes back to English."""
    _catalogue.clear()
    if path is not None:
        _catalogue.update(json.loads(path.read_text(encoding="utf-8")))


def tr(sentence: str, **values: object) -> str:
    """Translate ``sentence`` and fill its ``{named}`` places with ``values``."""
    translated = _catalogue.get(sentence, sentence)
    return translated.format(**values) if values else translated


def tr_count(count: int, one: str, many: str, **values: object) -> str:
    """Translate ``one`` for a single thing, ``many`` for any other number of them, and fill in the ``{count}``."""
    return tr(one if count == 1 else many, count=f"{count:,}", **values)

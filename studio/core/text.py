"""Words for people: the catalogue of translations, and ``tr``, which looks a sentence up in it."""

import json
from pathlib import Path

from studio.core.resources import RESOURCES

TRANSLATIONS = RESOURCES / "translations"
_catalogue: dict[str, str] = {}
_spoken = [""]


def use_language(language: str) -> bool:
    """Speak ``language`` ("zh_CN"). False: it has no catalogue, so English."""
    known = {path.stem: path for path in TRANSLATIONS.glob("*.json")}
    load_catalogue(known.get(language))
    return language in known


def language_in_use() -> str:
    """What ``use_language`` was told, where that has a catalogue; "" is English."""
    return _spoken[0]


def load_catalogue(path: Path | None) -> None:
    """Use the translations in ``path`` (JSON: English sentence -> translation); None goes back to English."""
    _catalogue.clear()
    _spoken[0] = path.stem if path is not None else ""
    if path is not None:
        _catalogue.update(json.loads(path.read_text(encoding="utf-8")))


def tr(sentence: str, **values: object) -> str:
    """Translate ``sentence`` and fill its ``{named}`` places with ``values``."""
    translated = _catalogue.get(sentence, sentence)
    return translated.format(**values) if values else translated


def tr_count(count: int, one: str, many: str, **values: object) -> str:
    """Translate ``one`` for a single thing, ``many`` for any other number of them, and fill in the ``{count}``."""
    return tr(one if count == 1 else many, count=f"{count:,}", **values)

"""Words for people: the catalogue of translations and ``tr``, which looks a sentence up in it."""

import json
from pathlib import Path

_catalogue: dict[str, str] = {}


def load_catalogue(path: Path | None) -> None:
    """Use the translations in ``path`` (JSON: English sentence -> translation); None goes back to English."""
    _catalogue.clear()
    if path is not None:
        _catalogue.update(json.loads(path.read_text(encoding="utf-8")))


def tr(sentence: str, **values: object) -> str:
    """Translate ``sentence`` and fill its ``{named}`` places with ``values``."""
    translated = _catalogue.get(sentence, sentence)
    return translated.format(**values) if values else translated

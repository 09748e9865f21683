"""The translations keep up with the source: every sentence has one, none is left over, and each keeps its marks."""

import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from tests import spoken

FOLDER = spoken.ROOT / "resources" / "translations"
CATALOGUES = sorted(FOLDER.glob("*.json"))
HAN = "[\u3400-\u9fff]"

each = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)


def catalogue(path: Path) -> dict[str, str]:
    """The translations, with nothing said twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(pairs) == len(dict(pairs))
        return dict(pairs)

    read: dict[str, str] = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    assert all(isinstance(words, str) for words in read.values())
    return read


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_offered_language_has_a_catalogue() -> None:
    offered = {code for code, _ in spoken.table("shell/settings.py", "LANGUAGES")} - {"", "en"}
    assert offered == {path.stem for path in CATALOGUES}


def test_every_way_to_tr_is_known() -> None:
    assert not spoken.unknown(), "say in tests/spoken.py which sentences come this way"
    assert not spoken.untold()


def test_every_error_is_translated() -> None:
    assert not spoken.mute()


def test_what_is_collected_comes_from_every_side() -> None:
    """One of each kind: literals, fields, units, choices, stages, rooms, tables, errors and the bundled models."""
    found = spoken.spoken().keys()
    assert found >= {"Generate", "Negative prompt", "fps", "Const", "Decoding", "Library", "Last 7 days", "Dark"}
    assert found >= {"{path} is too large for this disk.", "{path} lacks its part {part}. Did its download finish?"}
    assert len(found) > 600


@each
def test_nothing_is_missing_and_nothing_stale(path: Path) -> None:
    wanted, there = spoken.spoken(), catalogue(path)
    assert not {words: where for words, where in wanted.items() if words not in there}
    assert not there.keys() - wanted.keys()


@each
def test_places_and_marks_are_kept(path: Path) -> None:
    for sentence, translation in catalogue(path).items():
        assert translation.strip(), sentence
        for mark in ("%", "&", "\n"):
            assert translation.count(mark) == sentence.count(mark), sentence
        if places(sentence):
            assert places(translation) == places(sentence), sentence


@each
def test_sorted(path: Path) -> None:
    sentences = list(catalogue(path))
    assert sentences == sorted(sentences)


def test_chinese_has_chinese_marks() -> None:
    """Full-width marks after a Chinese character, and a space between it and a Latin letter or number."""
    for sentence, translation in catalogue(FOLDER / "zh_CN.json").items():
        assert not re.search(rf"{HAN}[,.;:?!()]|[,;:?!()]{HAN}", translation), sentence
        assert not re.search(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}", translation), sentence

"""The language: chosen by its code, and English where there is no catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core import text
from studio.core.text import language_in_use, load_catalogue, tr, use_language


@pytest.fixture(autouse=True)
def _catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One catalogue, and English again in the end."""
    words = '{"Save": "保存", "{count} chosen": "已选 {count} 项"}'
    (tmp_path / "zh_CN.json").write_text(words, encoding="utf-8")
    monkeypatch.setattr(text, "TRANSLATIONS", tmp_path)
    yield
    load_catalogue(None)


def test_a_language_with_a_catalogue_is_spoken() -> None:
    assert use_language("zh_CN")
    assert (tr("Save"), tr("{count} chosen", count=3)) == ("保存", "已选 3 项")
    assert tr("Not in the catalogue: {name}", name="{x}") == "Not in the catalogue: {x}"
    assert language_in_use() == "zh_CN"


@pytest.mark.parametrize("language", ["en", "", "C", "fr_FR"])
def test_every_other_language_is_english(language: str) -> None:
    use_language("zh_CN")
    assert not use_language(language)
    assert tr("Save") == "Save"
    assert language_in_use() == ""

"""Every hostile file in every way; the quick ones are opened in ``tests/hostile`` too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import test_films as films
from tests.hostile import test_pictures as pictures
from tests.hostile import test_settings as settings
from tests.hostile.conftest import Opening

PICTURES = {**pictures.BOMBS, **pictures.METADATA}
SETTINGS = {"settings": settings.HUGE, "queue": settings.HUGE, "models": settings.HUGE}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(tmp_path: Path, opening: Opening, name: str) -> None:
    _open(tmp_path / name, PICTURES[name], pictures.WAYS, opening)


@pytest.mark.parametrize("name", films.FILMS)
def test_films(tmp_path: Path, opening: Opening, name: str) -> None:
    _open(tmp_path / name, films.FILMS[name], films.WAYS, opening)


@pytest.mark.parametrize("name", films.TEXTS)
def test_texts(tmp_path: Path, opening: Opening, name: str) -> None:
    ways = ("settings of", "export", "text") if name.endswith(".md") else ("settings of",)
    _open(tmp_path / name, films.TEXTS[name], ways, opening)


@pytest.mark.parametrize("way", ["settings", "queue", "models"])
@pytest.mark.parametrize("name", settings.HUGE)
def test_settings(tmp_path: Path, opening: Opening, name: str, way: str) -> None:
    settings.check_huge(tmp_path, opening, name, way)


def _open(path: Path, content: Callable[[], bytes], ways: tuple[str, ...], check: Opening) -> None:
    path.write_bytes(content())
    for way in ways:
        check(way, path)

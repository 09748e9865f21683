"""The map's pictures: as sharp as they are shown, and never more of them than a computer can hold."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.values import Asset
from studio.features.latent.ui.widgets.seed_map import KEPT, SeedMap


@pytest.fixture
def seeds(qtbot: QtBot) -> SeedMap:
    """A map on a large screen."""
    seeds = SeedMap()
    qtbot.addWidget(seeds)
    seeds.resize(1600, 1000)
    with qtbot.waitExposed(seeds):
        seeds.show()
    return seeds


def picture(edge: int) -> Asset:
    return Asset(kind="pixels", data=bytes(3 * edge * edge), width=edge, height=edge)


def fill(seeds: SeedMap, edge: int) -> int:
    """Make pictures of ``edge`` pixels for as long as the map asks for some. Returns how many."""
    made = 0
    while wanted := seeds.missing(4):
        for seed in wanted:
            seeds.set_picture(seed, picture(edge))
        made += len(wanted)
        assert made < 3000, "it asks without end"
    return made


def held(seeds: SeedMap) -> int:
    return sum(4 * kept.width() * kept.height() for kept in seeds._pictures.values())


def press(qtbot: QtBot, seeds: SeedMap, key: Qt.Key, times: int = 1) -> None:
    for _ in range(times):
        qtbot.keyClick(seeds, key)


def test_of_a_large_models_pictures_only_what_is_shown_is_kept(qtbot: QtBot, seeds: SeedMap) -> None:
    for _ in range(30):
        fill(seeds, 1024)
        press(qtbot, seeds, Qt.Key.Key_Down, times=20)
    assert fill(seeds, 1024) > 50
    assert KEPT / 2 < held(seeds) <= KEPT
    assert not seeds.missing(1)


def test_pictures_in_view_are_all_kept_however_many(
    qtbot: QtBot, seeds: SeedMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.features.latent.ui.widgets.seed_map.KEPT", 2**20)
    press(qtbot, seeds, Qt.Key.Key_Minus, times=9)
    assert fill(seeds, 64) > 600
    assert not seeds.missing(1)


def test_cells_that_grow_get_sharper_pictures_once(qtbot: QtBot, seeds: SeedMap) -> None:
    fill(seeds, 1024)
    press(qtbot, seeds, Qt.Key.Key_Plus, times=9)
    (middle,) = seeds.missing(1)
    assert (blurred := seeds.picture(middle)) is not None, "it is shown until the sharper one has come"
    fill(seeds, 1024)
    assert (sharp := seeds.picture(middle)) is not None
    assert sharp.width() == 2 * blurred.width() == 320


def test_small_pictures_are_kept_as_they_are(qtbot: QtBot, seeds: SeedMap) -> None:
    fill(seeds, 128)
    press(qtbot, seeds, Qt.Key.Key_Plus)
    assert fill(seeds, 128) == 0
    press(qtbot, seeds, Qt.Key.Key_Plus, times=9)
    assert fill(seeds, 128) == 0
    assert {kept.width() for kept in seeds._pictures.values()} == {128}

"""A library of more things than anybody looks at: all are counted, scrolled to and chosen, and few are read."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from studio.library.index import Index, Query
from studio.ui.thumb_model import KNOWN, Thumb
from tests.opened import in_dialog
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room

MANY = 25_000


@pytest.fixture
def many(opened: Opened) -> Index:
    """Rows without files."""
    index = opened.library.index
    rows = f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
        INSERT INTO items (id, path, kind, created, prompt, model, seed, width, height, job, notes)
        SELECT 'n' || i, '/nowhere/' || i || '.png', 'image', i, 'picture ' || i, 'm', i, 8, 8, '{{}}', '{{}}' FROM n"""
    with contextlib.closing(sqlite3.connect(index.path)) as connection, connection:
        connection.execute(rows)
    return index


def test_all_are_counted_and_the_last_is_scrolled_to(
    qtbot: QtBot, opened: Opened, many: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = Index.called
    monkeypatch.setattr(Index, "called", lambda self, names: (read.append(len(names)), real(self, names))[1])
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == MANY)
    assert panel.count.text() == "25,000 items"
    assert panel.grid.model().rowCount() == MANY

    panel.grid.setFocus()
    qtbot.keyClick(panel.grid, Qt.Key.Key_End)
    spot = panel.grid.visualRect(panel.grid.model().index(MANY - 1, 0)).center()
    assert panel.grid.viewport().rect().contains(spot)
    qtbot.mouseClick(panel.grid.viewport(), LEFT, pos=spot)
    assert [item.prompt for item in panel.chosen_items()] == ["picture 1"]
    last = panel.grid.model().index(MANY - 1, 0)
    qtbot.waitUntil(lambda: last.data(Qt.ItemDataRole.AccessibleTextRole) == "picture 1")
    assert sum(read) < 1_000


def test_all_are_chosen_starred_and_unstarred_in_one_step(qtbot: QtBot, opened: Opened, many: Index) -> None:
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == MANY)
    panel.grid.selectAll()
    qtbot.mouseClick(panel.star, LEFT)
    qtbot.waitUntil(lambda: many.count(Query(starred=True)) == MANY)
    qtbot.waitUntil(lambda: opened.services.undo.next_undo() is not None)
    opened.services.undo.undo()
    qtbot.waitUntil(lambda: many.count(Query(starred=True)) == 0)


def test_an_export_of_all_reads_them_one_page_after_the_other(
    qtbot: QtBot, opened: Opened, many: Index, tmp_path: Path
) -> None:
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == MANY)
    panel.grid.selectAll()

    def look(dialog: object) -> None:
        assert "25,000" in dialog.go.text()  # type: ignore[attr-defined]

    in_dialog(lambda: qtbot.mouseClick(panel.export, LEFT), look)


def test_what_comes_and_goes_leaves_the_others_in_their_places(qtbot: QtBot, opened: Opened, many: Index) -> None:
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == MANY)
    bar = panel.grid.verticalScrollBar()
    keys = list(panel.grid.keys())
    panel.grid.select([keys[9], keys[12_000]])
    bar.setValue(bar.maximum() // 2)
    QCoreApplication.processEvents()
    place = bar.value()
    many.remove(keys[10])
    panel.refresh()
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == MANY - 1)
    assert panel.grid.keys() == [*keys[:10], *keys[11:]] == panel.grid.model().stringList()
    assert panel.grid.selected() == [keys[9], keys[12_000]]
    assert bar.value() == place


def test_what_was_seen_long_ago_is_forgotten(qtbot: QtBot, opened: Opened) -> None:
    grid = room(opened, "library").grid
    model = grid._thumbs
    keys = [str(number) for number in range(3 * KNOWN)]
    model.set_keys(keys)
    for at in range(0, len(keys), 100):
        model._loaded([Thumb(key, "") for key in keys[at : at + 100]])
    assert len(model._thumbs) + len(model._old) <= 2 * KNOWN + 100

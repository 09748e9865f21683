"""Files that are dragged out, dropped in or chosen."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio.ui.files import FileDrop, choose_picture, choose_pictures, file_mime
from tests.opened import drop

FILE = "/tmp/文 1.png"


@pytest.fixture
def place(qtbot: QtBot) -> FileDrop:
    place = FileDrop()
    qtbot.addWidget(place)
    return place


def test_what_is_dragged_out_is_the_file() -> None:
    assert file_mime([FILE]).urls() == [QUrl.fromLocalFile(FILE)]


def test_dropped_files_are_told(place: FileDrop) -> None:
    told: list[list[str]] = []
    place.dropped.connect(told.append)
    drop(place, Path(FILE), Path("/tmp/2.png"))
    assert told == [[FILE, "/tmp/2.png"]]


def test_of_mixed_things_the_files_are_taken(place: FileDrop) -> None:
    told: list[list[str]] = []
    place.dropped.connect(told.append)
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/1.png"), QUrl.fromLocalFile(FILE)])
    drop(place, mime=mime)
    assert told == [[FILE]]


@pytest.mark.parametrize("urls", [[], [QUrl("https://example.org/1.png")]])
def test_what_is_no_file_is_not_taken(place: FileDrop, urls: list[QUrl]) -> None:
    mime = QMimeData()
    mime.setText("words")
    if urls:
        mime.setUrls(urls)
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(2, 2), copy, mime, Qt.MouseButton.LeftButton, plain)
    place.dragEnterEvent(entering)
    assert not entering.isAccepted()


def test_pictures_are_asked_for(place: FileDrop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def one(_parent: object, _title: str, _folder: str, kinds: str) -> tuple[str, str]:
        asked.append(kinds)
        return FILE, kinds

    def many(*_: object) -> tuple[list[str], str]:
        return [FILE, FILE], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", one)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", many)
    assert choose_picture(place, "Which") == FILE
    assert choose_pictures(place, "Which") == [FILE, FILE]
    assert "*.webp" in asked[0]

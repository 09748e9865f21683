"""The studio of a trip: one for each module, since an engine takes seconds to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.shell.start import Studio
from tests.e2e.driving import Hands, opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that a module's trips share."""
    return tmp_path_factory.mktemp("trip")


@pytest.fixture(scope="module")
def studio(qapp: QApplication, place: Path) -> Iterator[Studio]:
    """The running program."""
    with opened(qapp, place) as studio:
        yield studio


@pytest.fixture
def hands(qtbot: QtBot, studio: Studio) -> Hands:
    """A person in front of it."""
    return Hands(qtbot, studio)

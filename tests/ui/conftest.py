"""The kit's tests run in the studio's own look, as the window does."""

import pytest
from PySide6.QtWidgets import QApplication

from studio.ui.theme import apply_theme


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    if qapp.property("theme") != "dark":
        apply_theme(qapp, "dark")

"""Run by a test as a program of its own, since Qt takes its scale at the start of one: the rooms at twice the size."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtWidgets import QApplication
from pytestqt.qt_compat import qt_api

from studio.core.offline import go_offline
from tests.patient import PatientBot
from tests.shell.cut_off import LANGUAGES, cut_off_in_the_rooms, speak

SETTINGS = SimpleNamespace(getini=lambda name: "")
"""pytest's own, of which none is set: so a wait that ends without its signal is an error."""


def main(home: Path) -> None:
    """Print what is cut off, by language and room."""
    qt_api.set_qt_api("pyside6")
    app = QApplication([])
    assert app.devicePixelRatio() == 2
    qtbot = PatientBot(cast(Any, SimpleNamespace(config=SETTINGS)))
    found = {}
    for language in LANGUAGES:
        folder = home / language
        folder.mkdir()
        os.environ["TRIPTYCH_HOME"] = str(folder)
        speak(language, folder)
        found[language] = cut_off_in_the_rooms(qtbot, (1280, 800))
    print(json.dumps(found))


if __name__ == "__main__":
    go_offline()
    main(Path(sys.argv[1]))

"""What is cut off in the rooms: in a language, and at a size of the window."""

import json
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.core.text import TRANSLATIONS, load_catalogue
from studio.features import FEATURES
from tests.features.write.ui.test_room import write
from tests.opened import LEFT, Opened, open_window
from tests.shell.rooms import generate, room
from tests.ui.accessible import clipped

LANGUAGES = ("en", "zh_CN", "long")
"""English, Chinese, and words that are nearly half as long again, as German or Finnish have them."""


def speak(language: str, folder: Path) -> None:
    """Use ``language``; ``folder`` is for the catalogue of the long one."""
    path: Path | None = TRANSLATIONS / f"{language}.json"
    if language == "long":
        path = folder / "long.json"
        sentences = json.loads((TRANSLATIONS / "zh_CN.json").read_text(encoding="utf-8"))
        path.write_text(json.dumps({words: longer(words) for words in sentences}), encoding="utf-8")
    load_catalogue(None if language == "en" else path)


def longer(words: str) -> str:
    """The same with its last word longer by four tenths of all."""
    return words + "n" * round(0.4 * len(words)) if words[-1:].isalpha() else words


def cut_off_in_the_rooms(qtbot: QtBot, size: tuple[int, int]) -> dict[str, list[str]]:
    """What is cut off in each room, with a picture and a chat in the window."""
    with open_window(qtbot) as opened:
        opened.window.resize(*size)
        assert (opened.window.width(), opened.window.height()) == size
        generate(qtbot, opened, "a red balloon")
        chat_twice(qtbot, opened)
        found = {}
        for name in FEATURES:
            room(opened, name)
            found[name] = clipped(opened.window)
        return found


def chat_twice(qtbot: QtBot, opened: Opened) -> None:
    """Fill Write with messages and with answers side by side."""
    qtbot.mouseClick(room(opened, "write").mode.button("chat"), LEFT)
    write(qtbot, opened, "Who lives in the lighthouse at the end of the long road to the sea?", "A keeper.")
    write(qtbot, opened, "And what does the keeper collect there, evening after evening?", "Moons.", "Storms.")

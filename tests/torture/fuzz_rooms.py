"""A fuzzing target for what the rooms remember, which anybody may have changed; see ``fuzz.py``."""

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from studio.library.paths import find_paths
from tests.opened import Opened
from tests.torture.fuzz_target import Target, put
from tests.torture.mutators import json_behind

_ROOMS = ("write", "image", "latent", "library", "models")
_POINT = {"base": {"seeds": [1, 2], "weights": [0.5, 0.5]}, "parts": [], "moves": []}
_KEPT: dict[str, Any] = {
    "write": {"task": {"prompt": "x", "mode": "chat"}, "model": "starter:writer", "chat": [["x", "y"]]},
    "image": {"task": {"prompt": "x", "steps": 4, "image": "/a.png"}, "model": "starter:scenes"},
    "latent": {
        "task": {"points": [_POINT], "psi": 0.7},
        "model": "starter:latents",
        "walk": {"keys": [_POINT, _POINT], "durations": [1.0, 2.0], "loop": True, "path": "arc"},
        "stars": [{"model": "starter:latents", "name": "x", "point": _POINT}],
        "mode": "mix",
        "modes": {
            "mix": {"sources": [_POINT], "rows": [0, 1], "way": "layers", "amount": 0.5},
            "drag": {"pulls": [], "mask": "AA==", "values": {"steps": 3}},
            "breed": {"family": {}, "parents": [_POINT]},
        },
    },
    "library": {"text": "cat", "kind": "image", "starred": True},
    "window": {"room": "image", "geometry": "AdnQywADAAA="},
    "export": {"format": "png", "size": 64, "pattern": "{prompt}", "folder": "/x"},
}


def targets(room: Path) -> dict[str, Target]:
    del room  # the studio's home is where the fuzzer works
    return {"rooms": Target(rooms, _seeds, json_behind(), 30_000, slow=True)}


def rooms(data: bytes) -> None:
    """A window with such settings opens, all of its rooms can be entered, and each remembers something again."""
    settings = put(find_paths().data / "settings.json", b'{"version": 1, "rooms": ' + data + b"}")
    with _window() as opened:
        for name in _ROOMS:
            opened.window.enter(name)
            opened.window.panel().remember()
    for aside in settings.parent.glob(f"{settings.name}*"):
        aside.unlink()


@contextmanager
def _window() -> Iterator[Opened]:
    """Whatever a slot raises is raised again in the end; Qt only prints it."""
    application = QApplication.instance() or QApplication([])
    raised: list[str] = []
    before, sys.excepthook = sys.excepthook, partial(_keep, raised.append)
    opened = Opened()
    try:
        yield opened
        application.processEvents()
    finally:
        opened.close()
        application.processEvents()
        sys.excepthook = before
    assert not raised, raised[0]


def _keep(keep: Callable[[str], None], *error: Any) -> None:
    keep("".join(traceback.format_exception(*error)))


def _seeds() -> Iterator[bytes]:
    yield json.dumps(_KEPT).encode()
    with _window() as opened:  # what they remember by themselves
        for name in _ROOMS:
            opened.window.enter(name)
            opened.window.panel().remember()
        yield json.dumps(opened.services.settings.rooms).encode()

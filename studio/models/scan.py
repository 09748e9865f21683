"""Looking through a folder for models: each of them once, plain files only, and no further than is sane."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)
_DEPTH = 4
"""Levels below the folder: those of other programs keep models/loras/NAME/FILE."""
MOST_ENTRIES, MOST_MODELS = 50_000, 5_000
"""A whole disk was added by mistake otherwise."""


class Scan:
    """One look through one folder. ``cut``: there was more in it than is looked at.

    ``is_model`` says whether a path is one; ``stopped`` is asked between any two, and ends it.
    """

    def __init__(self, is_model: Callable[[Path], bool], stopped: Callable[[], bool] = lambda: False) -> None:
        self._is_model, self._stopped = is_model, stopped
        self._seen: set[str] = set()
        """The real paths of what was come upon: a link may lead back, or to what lies elsewhere below."""
        self._entries = self._models = 0
        self.cut = False

    def models_in(self, folder: Path, depth: int = _DEPTH) -> Iterator[Path]:
        """The model folders and files at ``folder`` or up to ``depth`` levels below it."""
        try:
            real = os.path.realpath(folder)
            if real in self._seen or self._stopped():
                return
            self._seen.add(real)
            is_model = self._is_model(folder)
            inside = [] if is_model or depth == 0 or not folder.is_dir() else sorted(folder.iterdir())
        except OSError as error:  # others' folders lie on drives, as lost+found does
            log.warning("%s can't be looked into: %s", folder, error)
            return
        if is_model:
            self._models += 1
            yield folder
        for path in inside:
            self._entries += 1
            if self._entries > MOST_ENTRIES or self._models >= MOST_MODELS:
                self.cut = True
                return
            if not path.name.startswith("."):
                yield from self.models_in(path, depth - 1)

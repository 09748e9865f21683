"""A second list of stars, next to the items: a lost index is rebuilt with it."""

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from studio.core.errors import StudioError
from studio.files.atomic import write_atomic
from studio.files.reading import load_json

log = logging.getLogger(__name__)


class StarList:
    """The names of all starred items, in one small file. It is reread for every change: drives come and go."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str] | None:
        """The starred names; None if there is no readable list."""
        try:
            names = load_json(self._path)["starred"]
            return {name for name in names if isinstance(name, str)}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            log.warning("the list of stars %s can't be read: %s", self._path, error)
            return None

    def change(self, names: Iterable[str], on: bool, so_far: Callable[[], set[str]]) -> None:
        """Add or remove ``names``. ``so_far`` returns what is starred if there is no list yet.

        A failed write is only logged, since the star is in the index.
        """
        known = self.names()
        starred = so_far() if known is None else known
        starred = starred | set(names) if on else starred - set(names)
        try:
            write_atomic(self._path, json.dumps({"starred": sorted(starred)}).encode("ascii"))
        except StudioError as error:
            log.warning("the list of stars: %s", error)

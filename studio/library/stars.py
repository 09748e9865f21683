"""The stars once more beside the things themselves: an index that is lost is rebuilt with them."""

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from studio.core.errors import StudioError
from studio.files.atomic import write_atomic
from studio.files.reading import load_json

log = logging.getLogger(__name__)


class StarList:
    """The names of all starred items, in one small file. It is read anew for every change: drives come and go."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str] | None:
        """Those that are starred; None when there is no list that can be read."""
        try:
            names = load_json(self._path)["starred"]
            return {name for name in names if isinstance(name, str)}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            log.warning("the list of stars %s can't be read: %s", self._path, error)
            return None

    def change(self, names: Iterable[str], on: bool, so_far: Callable[[], set[str]]) -> None:
        """Add ``names``, or take them out. ``so_far`` says what is starred where there is no list yet.

        A disk that refuses is no reason to refuse the star, which is in the index: it is only logged.
        """
        known = self.names()
        starred = so_far() if known is None else known
        starred = starred | set(names) if on else starred - set(names)
        try:
            write_atomic(self._path, json.dumps({"starred": sorted(starred)}).encode("ascii"))
        except StudioError as error:
            log.warning("the list of stars: %s", error)

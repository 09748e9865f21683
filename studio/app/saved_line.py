"""The saved line on the disk: written beside the window, whenever the line is another than the file holds."""

import logging
from collections.abc import Callable
from pathlib import Path

from studio.app.background_tasks import BackgroundTasks
from studio.app.line_file import SavedRun, write_line
from studio.core.errors import StudioError
from studio.core.text import tr

log = logging.getLogger(__name__)


class SavedLine:
    """``refused`` is told, once until it works again, that the disk doesn't take the line."""

    def __init__(self, path: Path, background_tasks: BackgroundTasks, refused: Callable[[str], None]) -> None:
        self._path, self._background_tasks, self._refused = path, background_tasks, refused
        self._on_disk: tuple[SavedRun, ...] | None = None
        """The line as it is on the disk, or will be."""
        self._said = False

    def save(self, line: tuple[SavedRun, ...]) -> None:
        """Have the line written, unless the file holds it already."""
        if line != self._on_disk:
            self._on_disk = line
            self._background_tasks.do(lambda: write_line(self._path, line), self._saved, self._not_saved)

    def _saved(self, _: None) -> None:
        self._said = False

    def _not_saved(self, error: StudioError) -> None:
        self._on_disk = None
        log.warning("%s", error)
        if not self._said:
            self._said = True
            self._refused(tr("{why} Until then, the queue is lost if you close Triptych.", why=error.message))

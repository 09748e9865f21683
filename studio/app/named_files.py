"""Small files of a room that a person knows by their names."""

from collections.abc import Mapping
from pathlib import Path

from studio.files.atomic import write_atomic
from studio.files.errors import explained
from studio.files.reading import read_file

MOST = 500
"""Names that are listed."""


class NamedFiles:
    """Those in ``folder`` whose names end in ``ending``. To be used in one thread, beside the window."""

    def __init__(self, folder: Path, ending: str) -> None:
        self._folder, self._ending = folder, ending

    def names(self) -> list[str]:
        """All that are here, without the ending, in the order of the alphabet."""
        try:
            found = [path.stem for path in self._folder.iterdir() if path.suffix == self._ending]
        except OSError:
            return []
        return sorted(found, key=str.casefold)[:MOST]

    def path(self, name: str) -> Path:
        """Where the file of that name lies, or would."""
        return self._folder / f"{name}{self._ending}"

    def put(self, files: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
        """Write these, None: remove it. Returns what was there before, for the way back. Raises StudioError."""
        before = {name: self._content(name) for name in files}
        written = {name: content for name, content in files.items() if content is not None}
        for name, content in written.items():
            write_atomic(self.path(name), content, private=True)
        for path in map(self.path, files.keys() - written.keys()):
            with explained(path):
                # Some disks take "Mine" and "mine" for one: that is the file just written.
                if path.exists() and not any(path.samefile(self.path(name)) for name in written):
                    path.unlink()
        return before

    def _content(self, name: str) -> bytes | None:
        path = self.path(name)
        with explained(path):
            return read_file(path) if path.exists() else None

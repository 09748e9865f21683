"""The studio's folders."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from studio.core.errors import StudioError
from studio.core.person import expanded, home
from studio.core.text import tr
from studio.files.reading import is_there


@dataclass(frozen=True)
class Paths:
    """One person's folders. They need not exist yet."""

    pictures: Path
    """Items: one folder per day."""
    data: Path
    """Index, settings, saved queue."""
    cache: Path
    """What can be recreated: thumbnails, measurements."""
    logs: Path

    @property
    def inputs(self) -> Path:
        """Copies of the files that requests read."""
        return self.data / "inputs"

    @property
    def trained(self) -> Path:
        """Models trained here: one folder per training."""
        return self.data / "trained"


def find_paths() -> Paths:
    """The platform's standard folders, or all under ``TRIPTYCH_HOME`` if that is set.

    Raises StudioError if the user has no home, as in a container started with a bare user ID, or if the configured
    folder is on an unplugged drive.
    """
    chosen = os.environ.get("TRIPTYCH_HOME")
    if chosen:
        root = expanded(Path(chosen)).resolve()
        if not is_there(root.parent):  # creating it would put a second library at the mount point
            raise StudioError(tr("{path} was not found. Is its drive connected?", path=root.parent))
        return Paths(root / "Pictures" / "Triptych", root / "data", root / "cache", root / "logs")
    if home() is None:
        raise StudioError(
            tr(
                "Your home folder can't be found. Set {name} to a folder that you can write to.",
                name="TRIPTYCH_HOME",
            )
        )
    folders = platformdirs.PlatformDirs("Triptych", appauthor=False)
    pictures = Path(platformdirs.user_pictures_dir()) / "Triptych"
    return Paths(pictures, folders.user_data_path, folders.user_cache_path, folders.user_log_path)

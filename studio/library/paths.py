"""Where the studio's files are."""

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
    """The folders of one person's studio. None need exist."""

    pictures: Path
    """What was made: one folder a day."""
    data: Path
    """Index, settings, saved queue."""
    cache: Path
    """What can be made again: thumbnails, measurements."""
    logs: Path

    @property
    def inputs(self) -> Path:
        """What requests brought along: a copy of each file."""
        return self.data / "inputs"

    @property
    def trained(self) -> Path:
        """Models that were trained here: one folder a training."""
        return self.data / "trained"


def find_paths() -> Paths:
    """The platform's own folders, or all of them under ``TRIPTYCH_HOME`` when that is set.

    Raises StudioError when the person has no home, as in a container that was started with a mere number, or what was
    set lies on a drive that is unplugged.
    """
    chosen = os.environ.get("TRIPTYCH_HOME")
    if chosen:
        root = expanded(Path(chosen)).resolve()
        if not is_there(root.parent):  # making it would put a second library where a drive belongs
            raise StudioError(tr("{path} is not there. Is its drive connected?", path=root.parent))
        return Paths(root / "Pictures" / "Triptych", root / "data", root / "cache", root / "logs")
    if home() is None:
        raise StudioError(
            tr(
                "The system knows no home folder for you. Set {name} to a folder that you may write in.",
                name="TRIPTYCH_HOME",
            )
        )
    folders = platformdirs.PlatformDirs("Triptych", appauthor=False)
    pictures = Path(platformdirs.user_pictures_dir()) / "Triptych"
    return Paths(pictures, folders.user_data_path, folders.user_cache_path, folders.user_log_path)

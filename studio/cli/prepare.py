"""What comes before every command that uses the studio: settings, language, and an stdout that takes any path."""

import io
import sys

from studio.cli.system import language as system_language
from studio.core.errors import StudioError
from studio.core.text import use_language
from studio.files.log import open_log
from studio.library.paths import Paths, find_paths
from studio.library.settings import SettingsFile, hand_on

POOL = "studio.ml.pool:Pool"
"""Named, not imported: nothing but the engine loads torch."""


def prepare() -> Paths:
    """Find the person's folders and settings, hand on to the engine what these say, and open the log."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    paths = find_paths()
    file = SettingsFile(paths.data / "settings.json")
    if file.notice:
        print(file.notice, file=sys.stderr)
    settings = file.settings
    use_language(settings.language or system_language())
    hand_on(settings, paths)
    try:
        open_log(paths.logs, "commands")
    except StudioError as error:
        print(error, file=sys.stderr)
    return paths

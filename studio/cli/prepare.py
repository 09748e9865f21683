"""Preparation for every command: settings, language, and a stdout that can print any path."""

import io
import sys

from studio.cli.system import language as system_language
from studio.core.engine_config import EngineConfig
from studio.core.errors import StudioError
from studio.core.text import use_language
from studio.files.log import open_log
from studio.library.paths import Paths, find_paths
from studio.library.settings import SettingsFile, engine_config

POOL, TASKS = "studio.ml.cache:ModelCache", "studio.features:job_types"
"""A name, not an import: only the engine loads torch."""


def prepare() -> tuple[Paths, EngineConfig]:
    """Find folders and settings, and open the log. Returns the folders and the engine's configuration."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    paths = find_paths()
    file = SettingsFile(paths.data / "settings.json")
    if file.notice:
        print(file.notice, file=sys.stderr)
    use_language(file.settings.language or system_language())
    try:
        open_log(paths.logs, "commands")
    except StudioError as error:
        print(error, file=sys.stderr)
    return paths, engine_config(file.settings, paths)

"""Settings: the person's choices and each room's last request, in one JSON file."""

import json
import logging
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.core.engine_config import EngineConfig
from studio.core.errors import StudioError
from studio.core.fitting import with_fitting
from studio.core.text import language_in_use, tr
from studio.files.atomic import write_atomic
from studio.files.errors import explained
from studio.files.reading import LONGEST_OWN, load_json, read_file
from studio.library.paths import Paths

log = logging.getLogger(__name__)
VERSION = 1
MOST_MEMORY = 1_000_000
"""MB that models can be given."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings with their defaults. ``rooms``: each room's saved state; "" means the studio's own choice."""

    version: int = VERSION
    theme: Literal["dark", "light", "system"] = "dark"
    language: str = ""
    device: Literal["", "cuda", "xpu", "mps", "cpu"] = ""
    dtype: Literal["", "float32", "bfloat16", "float16"] = ""
    memory_mb: int = 0
    model_folders: tuple[str, ...] = ()
    rooms: dict[str, dict[str, Any]] = {}


class SettingsFile:
    """The settings file. Written atomically; a file from a newer version is read but never overwritten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """What reading it had to say to the person; "" when nothing."""
        self._kept = True
        self._written: Settings | None = None
        """What the file holds, once it was written here."""
        self.settings = self._read()

    def save(self, settings: Settings) -> None:
        """Use and save ``settings``. Raises StudioError if they can't be written."""
        self.settings = settings
        self.write()

    def write(self) -> None:
        """Write the current settings. Thread-safe. Raises StudioError if that fails."""
        settings = self.settings
        if not self._kept:
            log.warning("the settings file %s is left as it is", self.path)
            return
        if settings is self._written:  # every room saves its last request at exit: one write is enough for all
            return
        # json, not msgspec: it accepts lone surrogates, which a text field may contain.
        write_atomic(self.path, json.dumps(msgspec.to_builtins(settings), indent=2).encode("ascii"), private=True)
        self._written = settings

    def _read(self) -> Settings:
        try:
            data = load_json(self.path, LONGEST_OWN)
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self._kept = False
            self.notice = tr(
                "The settings {path} can't be read ({error}); the defaults are used.",
                path=self.path,
                error=error.strerror,
            )
            return Settings()
        except ValueError as error:
            log.error("the settings are no JSON: %s", error)
            data = None
        if not isinstance(data, dict):
            self._set_aside()
            return Settings()
        version = data.get("version")
        if isinstance(version, int) and version > VERSION:
            self._kept = False
            self.notice = tr("The settings were written by a newer Triptych; changes made here won't be saved.")
        return self._valid_settings(data)

    def _valid_settings(self, data: dict[str, Any]) -> Settings:
        settings, bad = with_fitting(Settings(), {name: value for name, value in data.items() if name != "version"})
        if bad and self._kept:
            log.error("these settings can't be used: %s", bad)
            self._back_up(bad)
        return settings

    def _back_up(self, bad: list[str]) -> None:
        """Keep a copy of partly invalid settings: the next save drops the invalid ones."""
        copy = self._beside()
        try:
            write_atomic(copy, read_file(self.path, LONGEST_OWN), private=True)
        except (OSError, ValueError, StudioError) as error:
            log.error("no copy of the settings: %s", error)
        self.notice = tr(
            "These settings couldn't be used and are at their defaults: {names}. The old file is kept as {path}.",
            names=", ".join(bad),
            path=copy,
        )

    def _set_aside(self) -> None:
        aside = self._beside()
        try:
            with explained(aside):
                self.path.replace(aside)
        except StudioError as error:
            self._kept = False
            self.notice = tr("The settings {path} are damaged; the defaults are used. {why}", path=self.path, why=error)
            return
        self.notice = tr(
            "The settings were damaged; they were set aside as {path}, and the defaults are used.", path=aside
        )

    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.broken-{time.strftime('%Y-%m-%d-%H%M%S')}")


def engine_config(settings: Settings, paths: Paths) -> EngineConfig:
    """What the person's engine is told: it speaks the language that this process speaks."""
    return EngineConfig(
        device=settings.device,
        dtype=settings.dtype,
        memory_mb=max(0, min(settings.memory_mb, MOST_MEMORY)),
        cache=str(paths.cache),
        trained=str(paths.trained),
        log=str(paths.logs / "engine.log"),
        language=language_in_use(),
    )

"""Settings: what the person chose and what each room was last asked, in one JSON file."""

import logging
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.core.text import tr
from studio.library.files import write_atomic

log = logging.getLogger(__name__)
VERSION = 1


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything with its default. ``rooms``: what each room wants to find again; "" means the studio's own choice."""

    version: int = VERSION
    theme: Literal["dark", "light", "system"] = "dark"
    language: str = ""
    device: Literal["", "cuda", "xpu", "mps", "cpu"] = ""
    dtype: Literal["", "float32", "bfloat16", "float16"] = ""
    memory_mb: int = 0
    model_folders: tuple[str, ...] = ()
    rooms: dict[str, dict[str, Any]] = {}


class SettingsFile:
    """The settings on disk. Written whole or not at all; a file of a later release is read but never written over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """What reading it had to say to the person; "" when nothing."""
        self._later = False
        self.settings = self._read()

    def save(self, settings: Settings) -> None:
        """Use ``settings`` from now on. Raises StudioError when they can't be written."""
        self.settings = settings
        if self._later:
            log.warning("the settings file is from a later release and is left as it is")
            return
        write_atomic(self.path, msgspec.json.format(msgspec.json.encode(settings), indent=2))

    def _read(self) -> Settings:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self.notice = tr(
                "The settings {path} can't be read ({error}); defaults are used.", path=self.path, error=error
            )
            self._later = True
            return Settings()
        try:
            data = msgspec.json.decode(content, type=dict[str, Any])
            version = data.get("version")
            self._later = isinstance(version, int) and version > VERSION
            return msgspec.convert(data, Settings) if not self._later else self._what_is_known(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.error("the settings can't be read: %s", error)
            aside = self.path.with_name(f"{self.path.name}.broken-{int(time.time())}")
            self.path.replace(aside)
            self.notice = tr("The settings couldn't be read; they were set aside as {path}.", path=aside)
            return Settings()

    def _what_is_known(self, data: dict[str, Any]) -> Settings:
        """Of a later release's settings, those fields that can be used."""
        self.notice = tr("The settings were written by a newer Triptych; changes made here are not kept.")
        settings = Settings()
        for name in Settings.__struct_fields__:
            try:
                settings = msgspec.convert(
                    {**msgspec.to_builtins(settings), name: data.get(name, getattr(settings, name))}, Settings
                )
            except msgspec.ValidationError:
                log.info("the setting %s of a later release can't be used", name)
        return settings

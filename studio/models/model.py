"""A model as the window and the command line know it: what it is, and why it can't be used if it can't."""

from typing import Any

import msgspec

from studio.files.card import ModelKind

__all__ = ["Model", "ModelKind"]


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model. ``address`` is what a job names; ``reason`` says why an unusable one is."""

    address: str
    path: str
    real: str = ""
    """The path without links: what has the same is the same. "" for a folder without a model."""
    name: str
    kind: ModelKind
    family: str = ""
    bytes: int = 0
    licence: str = ""
    summary: str = ""
    usable: bool = True
    reason: str = ""
    bundled: bool = False
    begins: bool = True
    """False for one that improves pictures and can't begin any: it needs a start picture."""
    schedulers: tuple[str, ...] = ()
    """The names that an image request may give; none when that can't be told."""
    defaults: dict[str, Any] = {}

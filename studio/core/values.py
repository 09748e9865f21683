"""Jobs and assets: what is asked of an engine and what comes out. No tensor, PIL picture or QImage crosses a floor."""

import uuid
from typing import Any, Literal

import msgspec

from studio.core.facts import NO_FACTS, Facts
from studio.core.task import Task

Lane = Literal["work", "frames"]
"""``work`` runs everything in order; ``frames`` keeps the newest job only: one that is overtaken is dropped unrun."""


def new_id() -> str:
    """A fresh name for a job or an item."""
    return uuid.uuid4().hex


class FileInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that a request reads: its content's SHA-256, its name, and its path on this machine, as a hint."""

    sha256: str
    name: str
    path: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A task's parameters with the address of the model that shall run it.

    ``model`` is "starter:NAME", an absolute folder or file path, or "" for tasks without one.
    ``frames`` always go before ``work``. ``inputs``: the task's input files by field, as far as they are known; runners
    read the paths in the task.
    """

    task: Task
    model: str = ""
    id: str = msgspec.field(default_factory=new_id)
    lane: Lane = "work"
    inputs: dict[str, tuple[FileInput, ...]] = {}

    @property
    def runner(self) -> str:
        """The function that computes it, as "module:function"."""
        return self.task.runner


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A thing made, as plain bytes.

    * ``pixels``: ``data`` is 8-bit RGB, or RGBA, rows from the top without padding, 3 or 4 bytes a pixel, in sRGB.
    * ``words``: ``data`` is UTF-8.
    * ``clip``: ``data`` is an encoded file of ``format`` ("mp4", "webm", "gif"); with ``format`` "png", ``frames``
      holds one encoded PNG per frame and ``data`` is empty.
    * ``sound``, ``points``: encoded as ``format`` says.

    ``notes`` are what is known of this one thing, as JSON: read them with the ``facts`` of the task that made it.
    """

    kind: Literal["pixels", "words", "clip", "sound", "points"]
    data: bytes = b""
    width: int = 0
    height: int = 0
    format: str = ""
    frames: tuple[bytes, ...] = ()
    notes: dict[str, Any] = {}

    @property
    def mode(self) -> Literal["RGB", "RGBA"]:
        """What the bytes of each of the ``pixels`` are."""
        return "RGBA" if len(self.data) == 4 * self.width * self.height else "RGB"

    @property
    def text(self) -> str:
        """The words of a ``words`` asset."""
        return self.data.decode("utf-8")


def words(text: str, facts: Facts = NO_FACTS) -> Asset:
    """``text`` as an asset."""
    return Asset(kind="words", data=text.encode("utf-8"), notes=facts.to_notes())


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner returns when all is made: facts about the run. The things went through ``Context.made``."""

    notes: dict[str, Any] = {}

"""Events: all that an engine says about a job and about itself. Each has a tag, by which it is known on the wire."""

from typing import Any, Literal

import msgspec

from studio.core.errors import Trouble
from studio.core.values import Asset, Result


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The job left the line and runs."""

    job: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """``done`` of ``total`` steps of ``stage`` ("Loading", "Step"...). ``total`` 0: nobody can say how many."""

    job: str
    done: int
    total: int
    stage: str


class Preview(msgspec.Struct, frozen=True, tag="preview"):
    """How thing number ``index`` of the batch looks so far."""

    job: str
    asset: Asset
    index: int = 0


class TextDelta(msgspec.Struct, frozen=True, tag="words"):
    """More text of variant number ``index``; whole characters only."""

    job: str
    text: str
    index: int = 0


class Made(msgspec.Struct, frozen=True, tag="made"):
    """One thing is finished. A batch says so for each, so that a stop or a crash loses only what was not finished."""

    job: str
    asset: Asset


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Final: all is made."""

    job: str
    result: Result


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Final: ``message`` for people, ``detail`` (a traceback, a child's last words) for a report."""

    job: str
    trouble: Trouble
    message: str
    detail: str = ""


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """Final: stopped because somebody asked, or overtaken in the frames lane."""

    job: str


class EngineState(msgspec.Struct, frozen=True, tag="engine"):
    """How the engine itself is. ``facts`` of ``ready``: device, dtype, why, versions... (see ``studio.ml.device``)."""

    state: Literal["starting", "ready", "died", "stuck", "gone"]
    message: str = ""
    facts: dict[str, Any] = {}


class ModelsState(msgspec.Struct, frozen=True, tag="models"):
    """Which models are in memory: address -> bytes."""

    loaded: dict[str, int]


Event = Started | Progress | Preview | TextDelta | Made | Done | Failed | Cancelled
Final = Done | Failed | Cancelled
Message = Event | EngineState | ModelsState


def is_final(event: object) -> bool:
    """True for the one event that ends a job."""
    return isinstance(event, Done | Failed | Cancelled)

"""Events: all that an engine says about a job and about itself."""

from typing import Any, Literal

import msgspec

from studio.core.errors import Trouble
from studio.core.values import Asset, Result


class Started(msgspec.Struct, frozen=True):
    """The job left the line and runs."""

    job: str


class Progress(msgspec.Struct, frozen=True):
    """``done`` of ``total`` steps of ``stage`` ("Loading", "Step"...). ``total`` 0: nobody can say how many."""

    job: str
    done: int
    total: int
    stage: str


class Preview(msgspec.Struct, frozen=True):
    """How thing number ``index`` of the batch looks so far."""

    job: str
    asset: Asset
    index: int = 0


class Words(msgspec.Struct, frozen=True):
    """More text of variant number ``index``; whole characters only."""

    job: str
    text: str
    index: int = 0


class Made(msgspec.Struct, frozen=True):
    """One thing is finished. A batch says so for each, so that a stop or a crash loses only what was not finished."""

    job: str
    asset: Asset


class Done(msgspec.Struct, frozen=True):
    """Final: all is made."""

    job: str
    result: Result


class Failed(msgspec.Struct, frozen=True):
    """Final: ``message`` for people, ``detail`` (a traceback, a child's last words) for a report."""

    job: str
    trouble: Trouble
    message: str
    detail: str = ""


class Cancelled(msgspec.Struct, frozen=True):
    """Final: stopped because somebody asked, or overtaken in the frames lane."""

    job: str


class EngineState(msgspec.Struct, frozen=True):
    """How the engine itself is. ``facts`` of ``ready``: device, dtype, why, versions... (see ``studio.ml.device``)."""

    state: Literal["starting", "ready", "died", "stuck", "gone"]
    message: str = ""
    facts: dict[str, Any] = {}


class ModelsState(msgspec.Struct, frozen=True):
    """Which models are in memory: address -> bytes."""

    loaded: dict[str, int]


Event = Started | Progress | Preview | Words | Made | Done | Failed | Cancelled
Final = Done | Failed | Cancelled
Message = Event | EngineState | ModelsState


def is_final(event: object) -> bool:
    """True for the one event that ends a job."""
    return isinstance(event, Done | Failed | Cancelled)

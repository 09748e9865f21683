"""What an engine is told at its start: what to compute on, and where to keep what belongs to no library."""

import msgspec


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True, tag="config"):
    """A value: an engine that is given another one works as that says from its next job on."""

    device: str = ""
    """The name of a torch device; "" is the best there is."""
    dtype: str = ""
    """The numbers to compute with, by torch's name; "" is the fastest that is good."""
    memory_mb: int = 0
    """How much memory the models may take together; 0 is up to the engine."""
    cache: str = ""
    """The folder for what can be made again; "": nothing of it is kept."""
    trained: str = ""
    """The folder for models that are trained here."""
    log: str = ""
    """The file that takes what a child process writes to stderr; "" is one that is gone with the engine."""
    language: str = ""
    """Of the sentences that it says, such as "zh_CN"."""


DEFAULTS = EngineConfig()
_of_this_process = [DEFAULTS]


def configure(config: EngineConfig) -> None:
    """Compute as ``config`` says in this process, which has one engine at most."""
    _of_this_process[0] = config


def configured() -> EngineConfig:
    """What this process was told."""
    return _of_this_process[0]

"""Errors for people, and the signal that stops a runner."""

from typing import Literal

Trouble = Literal["bad_request", "model_missing", "model_unusable", "out_of_memory", "engine_died", "internal"]


class StudioError(Exception):
    """Something a person can understand and act on: what happened, which file, what to do.

    Everything else that escapes a runner is a bug of ours and is shown as one.
    """

    def __init__(self, message: str, trouble: Trouble = "bad_request") -> None:
        super().__init__(message, trouble)
        self.message = message
        self.trouble: Trouble = trouble

    def __str__(self) -> str:
        return self.message


class Stopped(BaseException):
    """Raised inside a runner when its job was cancelled.

    Derives from BaseException so that no library's ``except Exception`` between the check and the engine swallows it.
    """

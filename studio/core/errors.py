"""Errors for people, how to know that memory ran out, and the signal that stops a runner."""

import errno
import traceback
from typing import Literal

from studio.core.override import override
from studio.core.text import tr

Trouble = Literal["bad_request", "model_missing", "model_unusable", "out_of_memory", "engine_died", "internal"]


# The CPU's allocator and some drivers raise a plain RuntimeError, so their words are all there is to know them by.
_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "out_of_resources", "out_of_device_memory")


class StudioError(Exception):
    """Something a person can understand and act on: what happened, which file, what to do.

    Everything else that escapes a runner is a bug of ours and is shown as one.
    """

    def __init__(self, message: str, trouble: Trouble = "bad_request") -> None:
        super().__init__(message, trouble)
        self.message = message
        self.trouble: Trouble = trouble

    @override
    def __str__(self) -> str:
        return self.message


def for_people(error: BaseException) -> StudioError:
    """``error`` as one for people: what the system says of a file (forbidden, drive failed) is theirs to mend.

    Everything else is "internal", as is a file that isn't there, or is there: that should have been asked before.
    """
    if isinstance(error, StudioError):
        return error
    ours = isinstance(error, FileNotFoundError | FileExistsError | NotADirectoryError | IsADirectoryError)
    if isinstance(error, OSError) and error.filename is not None and not ours:
        return StudioError(tr("{path} can't be used: {why}.", path=error.filename, why=error.strerror))
    what = traceback.format_exception_only(error)[-1].strip()[:500]
    return StudioError(tr("Something in Triptych went wrong: {error}", error=what), "internal")


def is_out_of_memory(error: BaseException) -> bool:
    """True when ``error`` says that the computer's or the card's memory did not suffice.

    torch's own error is known by its name: this floor does without torch.
    """
    if {"MemoryError", "OutOfMemoryError"} & {kind.__name__ for kind in type(error).__mro__}:
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)


class Stopped(BaseException):
    """Raised inside a runner when its job was cancelled.

    Derives from BaseException so that no library's ``except Exception`` between the check and the engine swallows it.
    """

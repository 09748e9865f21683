"""Imported by every Python whose path begins here: a machine without a network, which notes who asks for one."""

import os
import socket
import sys
import traceback
from typing import Any, NoReturn

LOCAL = ("127.0.0.1", "::1", "localhost")


def _refuse(what: str, address: Any) -> NoReturn:
    with open(os.environ["ASKED"], "a", encoding="utf-8") as notes:  # noqa: PTH123  pathlib is not worth its import here
        notes.write(f"{what} {address} by {sys.argv}\n{''.join(traceback.format_stack())}\n")
    raise OSError(101, "Network is unreachable")


class NoNetwork(socket.socket):
    """A socket that reaches this machine only."""

    def connect(self, address: Any) -> None:
        """Refuse every other machine."""
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            _refuse("connect", address)
        super().connect(address)

    def listen(self, *arguments: int) -> None:
        """Refuse to be there for other machines, or for other programs of this one."""
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse("listen", self.getsockname())
        super().listen(*arguments)


def _look_up(host: Any, *_: Any, **__: Any) -> NoReturn:
    _refuse("look up", host)


socket.socket = NoNetwork  # type: ignore[misc]
socket.getaddrinfo = _look_up  # type: ignore[assignment]

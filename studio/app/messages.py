"""What one room sends to another, and the window to the open one: each message is a type of its own."""

from typing import Any

import msgspec

from studio.core.values import Job
from studio.library.metadata.tools.generation import Generation


class UseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Take over the request that made an item or the file at ``path``."""

    room: str
    job: Job
    notes: dict[str, Any] = {}
    """The notes of the item that the request made."""
    missing: tuple[str, ...] = ()
    """Names of files that the request used and that are not here."""
    path: str = ""
    """The file that says it; "" for a request of the Library's own index."""


class UseGeneration(msgspec.Struct, frozen=True, kw_only=True):
    """Take over the settings of another tool's picture at ``path``."""

    generation: Generation
    path: str
    model: str = ""
    """The address of the model that made it; "" if that is not here."""
    room: str = "image"


class UseFile(msgspec.Struct, frozen=True, kw_only=True):
    """Do with the file at ``path`` what the room does with files."""

    room: str
    path: str


class StartFrom(msgspec.Struct, frozen=True, kw_only=True):
    """Start from the picture at ``path``, whatever it says of its making."""

    room: str
    path: str


class UseText(msgspec.Struct, frozen=True, kw_only=True):
    """Use ``text`` as the prompt."""

    room: str
    text: str


class UseModel(msgspec.Struct, frozen=True, kw_only=True):
    """Choose the model at the address ``model``."""

    room: str
    model: str


class ShowItem(msgspec.Struct, frozen=True, kw_only=True):
    """Show the item whose file is at ``path``."""

    path: str
    room: str = "library"


class OpenRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Bring the room forward, no more."""

    room: str


UseSettings = UseRequest | UseGeneration
"""What a file can say of its making."""
Message = UseSettings | UseFile | StartFrom | UseText | UseModel | ShowItem | OpenRoom

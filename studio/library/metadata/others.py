"""Metadata of other tools in our own form, whichever tool it was."""

from studio.library.metadata.infotext import Infotext
from studio.library.metadata.request import Making
from studio.library.metadata.tools.automatic1111 import generation_of
from studio.library.metadata.tools.generation import Generation, unreadable
from studio.library.metadata.tools.prompts import separate_syntax


def making_of(info: Infotext, known: Generation | None = None) -> Making | None:
    """The settings in a file's ``parameters`` text, or what is ``known`` otherwise; None without either."""
    if known is None and info.pairs:
        known = generation_of(info)
    if known is None:
        return None
    told = separate_syntax(known)
    return Making(None, info, told if told != Generation(tool=known.tool) else unreadable(known.tool))

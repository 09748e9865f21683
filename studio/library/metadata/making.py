"""How any file was made: our pictures, texts and videos, and pictures by other tools."""

from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.errors import readable
from studio.files.reading import is_there, read_file
from studio.library.metadata.clips import read_film_texts
from studio.library.metadata.infotext import Infotext, read_infotext
from studio.library.metadata.others import making_of
from studio.library.metadata.pictures import read_picture_making
from studio.library.metadata.request import Making, infotext_of, read_record
from studio.library.metadata.texts import read_text
from studio.library.metadata.tools.recognise import read_tool

ABOUT = "about.md"
"""The metadata file of a folder of frames."""
_LONGEST_TEXT = 20_000_000


def read_making(path: Path) -> Making | None:
    """How the file at ``path`` was made; None if it has no metadata.

    Raises StudioError if it is missing, damaged or of an unknown type; broken metadata counts as none.
    """
    if is_there(path / ABOUT):
        return read_making(path / ABOUT)
    match path.suffix.lower():
        case ".md":
            return _ours(read_text(content_of(path))[1])
        case ".txt":
            return making_of(read_infotext(content_of(path).decode("utf-8", "replace")))
        case ".mp4" | ".webm":
            texts = read_film_texts(path)
            comment = texts.get("comment", "")
            return _ours(read_record(comment)) or making_of(Infotext(), read_tool({**texts, "UserComment": comment}))
        case _:
            return read_picture_making(path)


def _ours(data: dict[str, Any] | None) -> Making | None:
    return Making(data, infotext_of(data)) if data is not None else None


def content_of(path: Path) -> bytes:
    """A text's bytes. Raises StudioError if it is missing, too large, or a pipe."""
    with readable(path):
        try:
            return read_file(path, _LONGEST_TEXT)
        except ValueError as error:
            raise StudioError(tr("The text in {path} is too large.", path=path)) from error

"""Files exchanged with other programs: dragged out, dropped in, or chosen in a dialog."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from studio.core.text import tr
from studio.ui.drops import DropTarget, paths_in

PICTURES = (
    "*.png *.jpg *.jpeg *.jfif *.webp *.heic *.heif *.avif *.tif *.tiff *.bmp *.gif *.ppm *.pgm *.pbm *.pnm *.pfm"
)


def file_mime(paths: Sequence[str]) -> QMimeData:
    """Mime data for dragging files to another program."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def is_picture(path: str) -> bool:
    """Whether the file's name looks like a picture's, or has no telling extension."""
    return Path(path).suffix.lower() not in (".md", ".txt", ".mp4", ".webm", ".json")


def choose_picture(parent: QWidget, title: str) -> str:
    """Ask for the path of one picture; "" when none was chosen."""
    return QFileDialog.getOpenFileName(parent, title, "", _kinds())[0]


def choose_pictures(parent: QWidget, title: str) -> list[str]:
    """Ask for the paths of any number of pictures."""
    return QFileDialog.getOpenFileNames(parent, title, "", _kinds())[0]


def _kinds() -> str:
    return f"{tr('Pictures')} ({PICTURES})"


class FileDrop(QFrame):
    """A widget that accepts dropped files; ``dropped`` carries their paths, at least one."""

    dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        DropTarget(self, self._words_for, lambda mime: self.dropped.emit(paths_in(mime)))

    def drop_sentence(self) -> str:
        """What dropping files here does."""
        return tr("Use this file")

    def _words_for(self, mime: QMimeData) -> str:
        return self.drop_sentence() if paths_in(mime) else ""

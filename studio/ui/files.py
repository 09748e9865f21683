"""Files on their way between the window and other programs: dragged out, dropped in, chosen."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from studio.core.text import tr

PICTURES = (
    "*.png *.jpg *.jpeg *.jfif *.webp *.heic *.heif *.avif *.tif *.tiff *.bmp *.gif *.ppm *.pgm *.pbm *.pnm *.pfm"
)


def file_mime(paths: Sequence[str]) -> QMimeData:
    """Files to be dragged to another program."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def dropped_files(event: QDropEvent) -> list[str]:
    """The paths of the files that are dragged or dropped; addresses of the web are none."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


def is_picture(path: str) -> bool:
    """Whether the file's name is one of a picture, or has no ending that tells."""
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
    """A place that files can be dropped on; ``dropped`` tells their paths, one at least."""

    dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand them on."""
        event.acceptProposedAction()
        self.dropped.emit(dropped_files(event))

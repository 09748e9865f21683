"""The start picture: what image-to-image begins with, dropped or chosen, and how far the result may leave it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from studio.core.text import tr
from studio.features.shown_items import read_picture
from studio.ui.controls import Control
from studio.ui.files import FileDrop, choose_picture
from studio.ui.layout import label, tool
from studio.ui.plain import plain

Reader = Callable[[Callable[[], QImage], Callable[[QImage], None]], None]
"""Has a picture read beside the window, and calls back with it."""
EDGE = 64


class StartPicture(FileDrop):
    """Empty until a picture is dropped on it or chosen; then ``strength`` is shown."""

    def __init__(self, strength: Control, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self.setObjectName("card")
        self.dropped.connect(lambda paths: self.set_path(paths[0]))
        self.path = ""
        self._strength = strength
        self._picture = label("")
        self._picture.setFixedSize(EDGE, EDGE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = label("", "dim", wrap=True)
        self._choose = QPushButton(tr("Choose…"))
        self._choose.setToolTip(tr("Choose a picture to start from"))
        self._choose.setAccessibleName(tr("Choose a start picture"))
        self._choose.clicked.connect(self._ask)
        self._remove = tool("close", tr("Start from nothing again"))
        self._remove.clicked.connect(lambda: self.set_path(""))
        row = QHBoxLayout()
        row.addWidget(self._picture)
        row.addWidget(self._words, 1)
        row.addWidget(self._choose)
        row.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.addLayout(row)
        column.addWidget(strength)
        self._show()

    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Start from this picture")

    def set_path(self, path: str) -> None:
        """Start from the picture at ``path``; "" starts from nothing."""
        self.path = path
        self._show()

    def _show(self) -> None:
        there = bool(self.path)
        for widget in (self._picture, self._remove, self._strength):
            widget.setVisible(there)
        self._choose.setVisible(not there)
        self._words.setText(tr("Image to image: starts from this picture") if there else tr("Or start from a picture"))
        self.setToolTip(plain(self.path or tr("Drop a picture here, or choose one: the new one starts from it")))
        if there:
            self._picture.clear()
            self._reader(partial(read_picture, self.path, EDGE), partial(self._show_picture, self.path))

    def _show_picture(self, path: str, image: QImage) -> None:
        if path == self.path:
            self._picture.setPixmap(QPixmap.fromImage(image))

    def _ask(self) -> None:
        if path := choose_picture(self, tr("Start picture")):
            self.set_path(path)

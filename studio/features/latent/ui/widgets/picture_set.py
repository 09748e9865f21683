"""A drop target for picture files: one, or a set of them."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from studio.app.services import StudioServices
from studio.core.override import override
from studio.core.text import tr
from studio.room.shown_items import read_picture
from studio.ui.files import FileDrop, choose_picture, choose_pictures
from studio.ui.layout import label, tool
from studio.ui.plain import plain

EDGE = 44
SHOWN = 2


class PictureSet(FileDrop):
    """Accepts up to ``most`` dropped files; click or Enter opens the file dialog; the cross empties it."""

    changed = Signal()

    def __init__(self, services: StudioServices, title: str, tip: str, most: int = 1) -> None:
        super().__init__()
        self.setObjectName("slot")
        self._services, self._most, self._title = services, most, title
        self.paths: tuple[str, ...] = ()
        self.dropped.connect(lambda paths: self.set_paths([*self.paths, *paths]))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setToolTip(plain(tip))
        self._clear = tool("close", tr("Empty {name}", name=title))
        self._clear.clicked.connect(lambda: self.set_paths(()))
        self._pictures = [label("") for _ in range(SHOWN if most > 1 else 1)]
        self._more = label("", "dim")
        head = QHBoxLayout()
        head.addWidget(label(title, "dim"), 1)
        head.addWidget(self._clear)
        row = QHBoxLayout()
        row.setSpacing(4)
        for picture in self._pictures:
            picture.setFixedSize(EDGE, EDGE)
            picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(picture)
        row.addWidget(self._more)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 4, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(row)
        self.show_paths(())

    @override
    def drop_sentence(self) -> str:
        """What dropping files does."""
        return tr("{title}: use this", title=self._title)

    def set_paths(self, paths: Sequence[str]) -> None:
        """Set these files; if there are too many, the newest."""
        if tuple(paths) != self.paths:
            self.show_paths(paths)
            self.changed.emit()

    def show_paths(self, paths: Sequence[str]) -> None:
        """The same without a signal."""
        self.paths = tuple(dict.fromkeys(paths))[-self._most :]
        self._clear.setVisible(bool(self.paths))
        rest = len(self.paths) - len(self._pictures)
        self._more.setText(f"+{rest}" if rest > 0 else "")
        for number, picture in enumerate(self._pictures):
            picture.clear()
            if number < len(self.paths):
                path = self.paths[number]
                show = partial(self._show, number, path)
                self._services.read(partial(read_picture, path, 2 * EDGE), show, self)
        if not self.paths:
            self._pictures[0].setText("+")

    def _show(self, number: int, path: str, image: QImage) -> None:
        if number < len(self.paths) and self.paths[number] == path:
            smooth = Qt.TransformationMode.SmoothTransformation
            fitting = image.scaled(EDGE, EDGE, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            self._pictures[number].setPixmap(QPixmap.fromImage(fitting))
            self._pictures[number].setText("" if not image.isNull() else "?")

    def choose(self) -> None:
        """Open the file dialog."""
        one = self._most == 1
        found = [choose_picture(self, self._title)] if one else choose_pictures(self, self._title)
        if any(found):
            self.set_paths([*self.paths, *found])

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose; Delete empties."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_paths(())
        else:
            event.ignore()

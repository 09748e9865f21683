"""The three slots of style mixing: coarse, middle and fine styles of other seeds."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.features.latent.ui.widgets.seed_map import MIME
from studio.ui.drops import DropTarget
from studio.ui.fitting import draw_within
from studio.ui.layout import label, tool
from studio.ui.plain import plain
from studio.ui.theme import token

EDGE = 64


class Slot(QFrame):
    """Accepts a dropped seed; click or Enter takes the current one; the cross clears it."""

    changed = Signal()
    asked = Signal()
    """The person requested the current seed here."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.setObjectName("slot")
        words = tr("Use this seed: {name}", name=tr(field.title))
        DropTarget(
            self, lambda mime: words if mime.hasFormat(MIME) else "",
            lambda mime: self.set_seed(int(bytes(mime.data(MIME).data()).decode())),
        )  # fmt: skip
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        title = tr(field.title)
        self.setAccessibleName(title)
        self.setToolTip(
            plain(tr("{help} Drop a seed from the map here, or click to use the current one.", help=tr(field.help)))
        )
        self.seed = -1
        self._picture = label("")
        self._picture.setFixedSize(EDGE, EDGE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._clear = tool("close", tr("Empty the slot {name}", name=title))
        self._clear.clicked.connect(lambda: self.set_seed(-1))
        head = QHBoxLayout()
        head.addWidget(label(title, "dim"), 1)
        head.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 4, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.show_seed(-1, None)

    def set_seed(self, seed: int) -> None:
        """Set ``seed``; -1 empties the slot."""
        if seed != self.seed:
            self.show_seed(seed, None)
            self.changed.emit()

    def show_seed(self, seed: int, picture: QPixmap | None) -> None:
        """Show a seed without a signal, with its picture if available."""
        self.seed = seed
        self._clear.setVisible(seed >= 0)
        if picture is not None:
            smooth = Qt.TransformationMode.SmoothTransformation
            self._picture.setPixmap(picture.scaled(EDGE, EDGE, Qt.AspectRatioMode.KeepAspectRatio, smooth))
        elif seed < 0:
            self._picture.setText("+")
        else:
            self._picture.setPixmap(self._number(str(seed)))

    def _number(self, words: str) -> QPixmap:
        """Show the seed's number until its picture arrives; the longest have ten digits."""
        pixmap = QPixmap(EDGE, EDGE)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        painter.setPen(token("dim"))
        draw_within(painter, QRectF(pixmap.rect()), words)
        painter.end()
        return pixmap

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the current seed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space take the current seed; Delete empties the slot."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_seed(-1)
        else:
            event.ignore()


class Slots(QWidget):
    """Coarse, middle and fine, side by side."""

    changed = Signal()

    def __init__(self, fields: list[Field]) -> None:
        super().__init__()
        self.slots = [Slot(field) for field in fields]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for slot in self.slots:
            slot.changed.connect(self.changed)
            row.addWidget(slot)

    def seeds(self) -> tuple[int, int, int]:
        """The three seeds, -1 where a slot is empty."""
        coarse, middle, fine = (slot.seed for slot in self.slots)
        return coarse, middle, fine

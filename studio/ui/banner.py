"""The banner: an error shown in place, with buttons for what can be done about it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout

from studio.core.text import tr
from studio.ui.icons import icon
from studio.ui.layout import breakable, empty, label, tool
from studio.ui.plain import plain

BannerAction = tuple[str, str, Callable[[], object]]
"""A button: its label, its tooltip, and its callback."""


class Banner(QFrame):
    """Hidden until ``show_notice``."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._message = ""
        self._words = label("", wrap=True)
        self._words.setMinimumWidth(1)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = QPlainTextEdit()
        self._detail.setReadOnly(True)
        self._detail.setMaximumHeight(140)
        self._detail.setAccessibleName(tr("Details of the error"))
        self._detail.setToolTip(tr("Details of the error"))
        self._more = QPushButton(tr("Details"))
        self._more.setToolTip(tr("Show what a report would contain"))
        self._more.clicked.connect(lambda: self._show_detail(self._detail.isHidden()))
        self._copy = QPushButton(tr("Copy"))
        self._copy.setToolTip(tr("Copy the message and its details"))
        self._copy.clicked.connect(self._copy_all)
        close = tool("close", tr("Close this message"))
        close.clicked.connect(self.hide)
        self._ways = QHBoxLayout()
        self._sign = label("")
        self._sign.setContentsMargins(0, 4, 0, 0)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._words, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout()
        foot.setContentsMargins(26, 0, 0, 0)
        foot.addLayout(self._ways)
        foot.addWidget(self._more)
        foot.addWidget(self._copy)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(foot)
        column.addWidget(self._detail)
        self.hide()

    @property
    def message(self) -> str:
        """The message shown; "" while the banner is hidden."""
        return "" if self.isHidden() else self._message

    def show_notice(
        self, message: str, tone: str = "danger", detail: str = "", actions: Sequence[BannerAction] = ()
    ) -> None:
        """Show ``message`` ("danger" or "note"), with a button for each of ``actions``."""
        self._message = message
        self._words.setText(breakable(message))
        self._detail.setPlainText(detail)
        self._more.setVisible(bool(detail))
        self._copy.setVisible(bool(detail))
        self._show_detail(False)
        empty(self._ways)
        for words, tip, do in actions:
            button = QPushButton(words)
            button.setToolTip(plain(tip))
            button.setAccessibleName(words)
            button.clicked.connect(lambda _=False, do=do: self._take(do))
            self._ways.addWidget(button)
        sign = icon("warning", "danger") if tone == "danger" else icon("info", "dim")
        self._sign.setPixmap(sign.pixmap(QSize(18, 18), self.devicePixelRatioF()))
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()

    def set_message(self, message: str) -> None:
        """Replace the text only; the banner stays visible or hidden."""
        self._message = message
        self._words.setText(breakable(message))

    def _take(self, do: Callable[[], object]) -> None:
        self.hide()
        do()

    def _show_detail(self, on: bool) -> None:
        self._detail.setVisible(on)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._message}\n\n{self._detail.toPlainText()}")

"""Asked before closing with unsaved items: try again, save elsewhere, or discard them."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.app.services import StudioServices
from studio.core.text import tr
from studio.ui.layout import label
from studio.ui.plain import plain


class UnsavedDialog(QDialog):
    """Accepted once everything is saved, or the person discards the rest."""

    def __init__(self, services: StudioServices, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Not saved yet"))
        self._services = services
        self._words, self._why = label("", "title", wrap=True), label("", "danger", wrap=True)
        self.again = _button(tr("Save again"), tr("Try again to save them to the Library's folder"))
        self.elsewhere = _button(tr("Save in another folder…"), tr("Write them, with their settings, where you choose"))
        self.lose = _button(tr("Close and discard them"), tr("Close Triptych without saving them"))
        self.again.clicked.connect(lambda: self._save(None))
        self.elsewhere.clicked.connect(self._choose)
        self.lose.clicked.connect(self.accept)
        row = QHBoxLayout()
        for button in (self.again, self.elsewhere, self.lose):
            row.addWidget(button)
        foot = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        foot.button(QDialogButtonBox.StandardButton.Cancel).setToolTip(tr("Keep working (Esc)"))
        foot.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(self._words)
        column.addWidget(self._why)
        column.addLayout(row)
        column.addWidget(foot)
        self.setMinimumWidth(560)
        self._show()

    def _show(self) -> None:
        unsaved = self._services.tracker.unsaved
        self._words.setText(tr("Items not yet on the disk: {count}", count=len(unsaved)))
        self._why.setText(unsaved[-1].error.message)

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Save in another folder…"))
        if folder:
            self._save(Path(folder))

    def _save(self, folder: Path | None) -> None:
        self._enable(False)
        self._services.tracker.save_again(self._saved, folder)

    def _saved(self, left: int) -> None:
        if not left:
            self.accept()
            return
        self._enable(True)
        self._show()

    def _enable(self, on: bool) -> None:
        for button in (self.again, self.elsewhere, self.lose):
            button.setEnabled(on)


def _button(words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(plain(tip))
    button.setAccessibleName(words)
    return button

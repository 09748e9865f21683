"""The export dialog: how items become ordinary files, with a preview of their names."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.app.background import BackgroundJob
from studio.app.services import PLACES, ExportOptions, Item, StudioServices, preview_names, unknown_places
from studio.core.errors import StudioError
from studio.core.fitting import with_fitting
from studio.core.text import tr, tr_count
from studio.ui.layout import label, tool
from studio.ui.plain import plain

_FORMATS = (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP"), ("tiff", "TIFF"))


class ExportDialog(QDialog):
    """Format, size, quality, names, metadata and folder; remembered for next time."""

    def __init__(self, services: StudioServices, items: Sequence[Item], parent: QWidget) -> None:
        super().__init__(parent)
        self._services, self._items = services, items
        self._busy = self._left = False
        self._job: BackgroundJob | None = None
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(520)
        self._make_controls(with_fitting(ExportOptions(folder=""), services.remembered("export"))[0])
        self._preview = label("", "dim", wrap=True)
        self._preview.setMinimumHeight(3 * self._preview.fontMetrics().lineSpacing())  # or everything below would jump
        self._preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._trouble = label("", "danger", wrap=True)
        self._trouble.hide()
        self._buttons = QDialogButtonBox()
        self.go = self._buttons.addButton(
            tr("Export {count}", count=f"{len(items):,}"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.go.setToolTip(tr("Write the files into the folder"))
        self.leave_it = self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.leave_it.setToolTip(tr("Export nothing (Esc)"))
        self.stop = self._buttons.addButton(tr("Stop"), QDialogButtonBox.ButtonRole.ActionRole)
        self.stop.setToolTip(tr("Stop the export; finished files are kept"))
        self.stop.clicked.connect(self._end)
        self.stop.hide()
        self.bar = QProgressBar()
        self.bar.setRange(0, len(items))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.far = label("", "dim")
        for part in (self.bar, self.far):
            part.hide()
        self._buttons.accepted.connect(self._export)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show_preview()

    def options(self) -> ExportOptions:
        """The current choices."""
        return ExportOptions(
            folder=self.folder.text().strip(),
            format=self.format.currentData(),
            size=self.size_box.value(),
            quality=self.quality.value(),
            pattern=self.pattern.text(),
            metadata=self.metadata.isChecked(),
        )

    def _make_controls(self, last: ExportOptions) -> None:
        self.format = QComboBox()
        for value, words in _FORMATS:
            self.format.addItem(words, value)
        self.format.setCurrentIndex(max(self.format.findData(last.format), 0))
        self.size_box = QSpinBox()
        self.size_box.setRange(0, 16384)
        self.size_box.setSingleStep(128)
        self.size_box.setSpecialValueText(tr("Original size"))
        self.size_box.setSuffix(f" {tr('px')}")
        self.size_box.setValue(last.size)
        self.quality = QSpinBox()
        self.quality.setRange(1, 100)
        self.quality.setValue(last.quality)
        self.pattern = QLineEdit(last.pattern)
        self.places = tool("add", tr("Insert a placeholder that is filled in for each file"))
        self.places.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.places.setMenu(QMenu(self.places))
        for place in PLACES:
            self.places.menu().addAction(f"{{{place}}}", partial(self._put_place, place))
        self.metadata = QCheckBox(tr("Keep prompt and settings inside"))
        self.metadata.setChecked(last.metadata)
        self.folder = QLineEdit(last.folder or str(self._services.library.paths.pictures.parent / "Export"))
        self.choose = QPushButton(tr("Choose…"))
        for widget, name, tip in (
            (self.format, tr("Format"), tr("The format of pictures; texts and films keep theirs")),
            (self.size_box, tr("Longest edge"), tr("Scale pictures to this; 0 keeps their size")),
            (self.quality, tr("Quality"), tr("For JPEG and WebP: higher is larger and finer")),
            (
                self.pattern,
                tr("Names"),
                tr("Placeholders: {places}", places=_all_places()),
            ),
            (self.metadata, tr("Metadata"), tr("Without it, nobody can see how the picture was made")),
            (self.folder, tr("Folder"), tr("Where the files go; existing files are never overwritten")),
            (self.choose, tr("Choose the folder"), tr("Choose the folder")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(plain(tip))
        self.format.activated.connect(self._show_preview)
        self.pattern.textEdited.connect(self._show_preview)
        self.choose.clicked.connect(self._choose_folder)

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.choose)
        rows = QFormLayout()
        rows.setSpacing(10)
        rows.addRow(tr("Format"), self.format)
        rows.addRow(tr("Longest edge"), self.size_box)
        rows.addRow(tr("Quality"), self.quality)
        names = QHBoxLayout()
        names.addWidget(self.pattern, 1)
        names.addWidget(self.places)
        rows.addRow(tr("Names"), names)
        rows.addRow("", self._preview)
        rows.addRow(tr("Folder"), place)
        rows.addRow("", self.metadata)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addLayout(rows)
        column.addWidget(self._trouble)
        far = QHBoxLayout()
        far.addWidget(self.bar, 1)
        far.addWidget(self.far)
        column.addLayout(far)
        column.addWidget(self._buttons)

    def _put_place(self, place: str) -> None:
        self.pattern.insert(f"{{{place}}}")
        self.pattern.setFocus()
        self._show_preview()

    def _show_preview(self) -> None:
        options = self.options()
        self.quality.setEnabled(options.format in ("jpeg", "webp"))
        unknown = unknown_places(options.pattern)
        self.go.setEnabled(not unknown and not self._busy)
        if unknown:
            words = tr(
                "There is no placeholder {unknown}. Available: {places}", unknown=unknown[0], places=_all_places()
            )
            self._preview.setText(words)
            return
        names = preview_names(options, list(self._items[:2]))
        more = tr("and {count} more", count=f"{len(self._items) - 2:,}") if len(self._items) > 2 else ""
        self._preview.setText("\n".join([*names, *([more] if more else [])]))

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _export(self) -> None:
        options = self.options()
        if not options.folder:
            self._fail(StudioError(tr("Choose a folder first.")))
            return
        self.go.setEnabled(False)
        self.stop.setEnabled(True)
        self.stop.show()
        self._busy = True
        self.leave_it.setText(tr("Close"))
        self.leave_it.setToolTip(tr("Close this; the export continues (Esc)"))
        self._job = self._services.export(self._items, options, partial(self._done, options), self._fail)
        self._job.progress.connect(self._show_progress)
        self._show_progress(0)

    def _end(self) -> None:
        self.stop.setEnabled(False)
        if self._job is not None:
            self._job.stop()

    def _show_progress(self, done: int) -> None:
        self.bar.setValue(done)
        self.far.setText(f"{done:,} / {len(self._items):,}")
        for part in (self.bar, self.far):
            part.setVisible(self._busy)

    def _done(self, options: ExportOptions, files: list[Path]) -> None:
        """Remember options that worked for next time."""
        folder, services = options.folder, self._services
        services.remember("export", {name: getattr(options, name) for name in options.__struct_fields__})
        self._services.notify(
            tr_count(len(files), "{count} file exported", "{count} files exported"),
            tr("Show"),
            lambda: services.open_outside(folder),
        )
        self.accept()
        self._settle()

    def _fail(self, error: StudioError) -> None:
        """Show the error here, or as a notice once the dialog is closed."""
        if not self.isVisible():
            self._services.notify(error.message)
        self._trouble.setText(error.message)
        self._trouble.show()
        self.go.setEnabled(True)
        self._settle()

    def leave(self) -> None:
        """Delete the dialog once the export has ended; it can still be stopped."""
        self._left = True
        if self._busy and self._job is not None:
            self._services.notify(tr("The export continues."), tr("Stop"), self._job.stop)
        else:
            self.deleteLater()

    def _settle(self) -> None:
        self._busy, self._job = False, None
        self.leave_it.setText(tr("Cancel"))
        self.leave_it.setToolTip(tr("Export nothing (Esc)"))
        for part in (self.stop, self.bar, self.far):
            part.hide()
        if self._left:
            self.deleteLater()


def _all_places() -> str:
    return " ".join(f"{{{place}}}" for place in PLACES)

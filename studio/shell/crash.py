"""The crash report: what happened, with everything needed to help, and one click to copy it."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from studio.app.services import StudioServices
from studio.core.events import EngineState
from studio.core.text import tr
from studio.shell.report import private_texts, report
from studio.ui.layout import label

log = logging.getLogger(__name__)
_COPIED_MS = 2000
_MOST_OFTEN = 10
"""How often the same error is shown: one that occurs with every repaint would be shown without end."""


class Crashes(QObject):
    """Shows a report for each new error in Triptych, one at a time; a repeated one is only mentioned briefly."""

    _bug = Signal(str, str)

    def __init__(
        self, services: StudioServices, logs: Sequence[Path], open_log: Callable[[], object], window: QWidget
    ) -> None:
        super().__init__(window)
        self._services, self._logs, self._open_log, self._window = services, logs, open_log, window
        self._facts: dict[str, Any] = {}
        self._known: Counter[str] = Counter()
        self._shown: CrashDialog | None = None
        self.bug = self._bug.emit
        """Tell of an exception that nobody caught, from any thread: its last line, and all of it."""
        self._bug.connect(self._show_bug, Qt.ConnectionType.QueuedConnection)
        services.engine_changed.connect(self._engine_changed)

    def show_report(self) -> None:
        """Show a report without an error."""
        self._show(
            tr("Report a problem"), tr("Send this with a description of what you did and what happened."), "", ""
        )

    def engine_died(self, message: str, detail: str) -> None:
        """Report that the engine can't do what was asked."""
        sentence = tr("Everything you made is on the disk. You can keep working.")
        self._once([message], tr("The engine stopped"), sentence, message, detail)

    def _engine_changed(self, state: EngineState) -> None:
        self._facts = state.facts or self._facts
        if state.state == "gone" and self._window.isVisible():
            self.engine_died(state.message, "")

    def _show_bug(self, words: str, trace: str) -> None:
        sentence = tr("You can keep working. This will help the maintainers of Triptych fix it:")
        where = re.findall(r'File ".*', trace)[-1:]  # the message of the same bug may vary
        try:
            self._once([words, *where], tr("Something in Triptych went wrong"), sentence, words, trace)
        except Exception:  # a report about a report would recurse for ever
            log.exception("a report can't be shown")

    def _once(self, keys: Sequence[str], title: str, sentence: str, happened: str, detail: str) -> None:
        self._known.update(keys)
        often = max(self._known[key] for key in keys)
        if often == 1 and self._shown is None:
            self._show(title, sentence, happened, detail)
        elif often <= _MOST_OFTEN:
            self._services.notify(
                tr("Something in Triptych went wrong: {words}", words=happened[:300]),
                tr("Report"),
                lambda: self._show(title, sentence, happened, detail),
            )

    def _show(self, title: str, sentence: str, happened: str, detail: str) -> None:
        if self._shown is not None:
            self._shown.close()
        text = report(happened, detail, self._facts, self._logs, self._private())
        dialog = self._shown = CrashDialog(title, sentence, text, self._open_log, self._window)
        dialog.finished.connect(lambda _: self._closed(dialog))
        dialog.show()

    def _closed(self, dialog: "CrashDialog") -> None:
        self._shown = None
        dialog.deleteLater()

    def _private(self) -> list[str]:
        services = self._services
        models = [part for model in services.models() if not model.bundled for part in (model.name, model.address)]
        kept = [services.settings.rooms, *(run.job.task.to_data() for run in services.tracker.line)]
        return [*private_texts(kept), *services.settings.model_folders, *models]


class CrashDialog(QDialog):
    """A modeless dialog: the window can still be used."""

    def __init__(self, title: str, sentence: str, report: str, open_log: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Report"))
        self.resize(720, 520)
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr("The report"))
        self.text.setToolTip(
            tr("This is everything that will be copied; it doesn't include your text, names or folders")
        )
        buttons = QDialogButtonBox()
        self.copy = buttons.addButton(tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setToolTip(tr("Copy everything, to send to someone who can help"))
        self.copy.setProperty("role", "primary")
        self.copy.setDefault(True)
        self.copy.setFocus()
        self.log = buttons.addButton(tr("Open log"), QDialogButtonBox.ButtonRole.ActionRole)
        self.log.setToolTip(tr("Open the whole log, which may contain names"))
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        close.setToolTip(tr("Keep working (Esc)"))
        self.copy.clicked.connect(self._copy)
        self.log.clicked.connect(open_log)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(label(title, "title", wrap=True))
        column.addWidget(label(sentence, "dim", wrap=True))
        column.addWidget(self.text, 1)
        column.addWidget(buttons)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(lambda: self.copy.setText(tr("Copy report")))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(tr("Copied"))
        self._back.start(_COPIED_MS)

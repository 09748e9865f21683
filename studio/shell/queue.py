"""The queue popup: what runs, what waits and what failed, with all actions for each."""

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.app.background import BackgroundJob
from studio.app.job_handle import JobHandle, title_of
from studio.app.services import StudioServices
from studio.core.pace import Pace
from studio.core.text import tr
from studio.shell.edit import EditDialog
from studio.ui.layout import OneLine, label, tool
from studio.ui.plain import plain


class QueuePopup(QFrame):
    """A popup card below the run bar. ``closed``: the person closed it, and the focus is free."""

    closed = Signal()

    def __init__(self, services: StudioServices, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.setFixedWidth(420)
        self._services, self._window = services, window
        self._rows: dict[str, QueueRow] = {}
        self._beside: dict[BackgroundJob, BackgroundRow] = {}
        self._pause, self._clear = QPushButton(), QPushButton(tr("Clear"))
        self._pause.clicked.connect(lambda: services.tracker.pause(not services.tracker.paused))
        self._clear.setToolTip(tr("Remove all waiting, failed and interrupted requests from the queue"))
        self._clear.setAccessibleName(tr("Clear the queue"))
        self._clear.clicked.connect(services.queue.clear)
        words = tr("Nothing is waiting. Ctrl+Enter adds a request from the open room.")
        self._empty = label(words, "dim", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self._lay_out()
        services.tracker.changed.connect(self._refresh)
        services.background.changed.connect(self._refresh)
        self._refresh()
        self.hide()

    def toggle(self) -> None:
        """Show or close it."""
        if self.isVisible():
            self.hide()
            self.closed.emit()
        else:
            self.open()

    def open(self) -> None:
        """Show it."""
        self._refresh()
        self.adjustSize()
        self.move(QPoint(self._window.width() - self.width() - 14, 52))
        self.show()
        self.raise_()
        self._pause.setFocus()

    def _refresh(self) -> None:
        tracker = self._services.tracker
        runs = tracker.line
        names = [run.job.id for run in runs]
        for name in [name for name in self._rows if name not in names]:
            self._rows.pop(name).deleteLater()
        jobs = self._services.background.jobs
        for job in [job for job in self._beside if job not in jobs]:
            self._beside.pop(job).deleteLater()
        for place, job in enumerate(jobs):
            if job not in self._beside:
                self._beside[job] = BackgroundRow(job)
                self._list.insertWidget(place, self._beside[job])
        for place, run in enumerate(runs, len(jobs)):
            row = self._rows.get(run.job.id)
            if row is None or row.run is not run:
                if row is not None:
                    row.deleteLater()
                row = self._rows[run.job.id] = QueueRow(self._services, run)
            self._list.insertWidget(place, row)
            row.refresh()
        self._empty.setVisible(not runs and not jobs)
        self._clear.setEnabled(tracker.waiting + tracker.unfinished > 0)
        self._pause.setText(tr("Resume") if tracker.paused else tr("Pause"))
        self._pause.setToolTip(
            tr("Run the waiting requests") if tracker.paused else tr("Finish the current request and start no more")
        )
        self._pause.setAccessibleName(self._pause.text())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(tr("Queue"), "title"), 1)
        head.addWidget(self._pause)
        head.addWidget(self._clear)
        inner = QWidget()
        inner.setLayout(self._list)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addLayout(head)
        column.addWidget(scroll)
        self.setMinimumHeight(320)


class QueueRow(QFrame):
    """One run in the queue."""

    def __init__(self, services: StudioServices, run: JobHandle) -> None:
        super().__init__()
        self.setObjectName("card")
        self.run, self._services, self._pace = run, services, Pace(run.things)
        self._pace.tell(*run.at, time.monotonic())
        tracker, name = services.tracker, run.job.id
        self._text, self._state = OneLine(), label("", "dim", wrap=True)
        self._text.setProperty("role", "")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._up = _tool("up", tr("Move up"), lambda: services.queue.move(name, self._place() - 1))
        self._down = _tool("down", tr("Move down"), lambda: services.queue.move(name, self._place() + 1))
        self._edit = _tool("edit", tr("Change the settings"), self._open_editor)
        self._retry = _tool("retry", tr("Try again"), lambda: tracker.retry(name))
        self._remove = _tool("close", tr("Remove"), lambda: services.queue.remove(name))
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self._text, 1)
        for button in (self._up, self._down, self._edit, self._retry, self._remove):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(3)
        column.addLayout(buttons)
        column.addWidget(self._progress)
        column.addWidget(self._state)
        run.progress.connect(self._show_progress)

    def refresh(self) -> None:
        """Update to the run's current state."""
        run = self.run
        self._text.set_words(title_of(run))
        waits = self._services.tracker.waits(run)
        for button in (self._up, self._down, self._edit):
            button.setVisible(waits)
        if waits:
            waiting = self._services.tracker.waiting_runs
            self._up.setEnabled(run is not waiting[0])
            self._down.setEnabled(run is not waiting[-1])
        self._retry.setVisible(run.can_retry)
        self._progress.setVisible(run in self._services.tracker.running)
        words = {
            "waiting": "",
            "running": self._pace.sentence() if run.at[2] else "",
            "stopping": tr("Stopping…"),
            "interrupted": run.message,
            "failed": run.message,
        }
        self._state.setText(words.get(run.state, ""))
        self._state.setVisible(bool(self._state.text()))
        self._state.setToolTip(plain(run.detail))

    def _show_progress(self, done: int, total: int, stage: str) -> None:
        self._progress.setRange(0, max(total, 0))
        self._progress.setValue(done)
        self._pace.tell(done, total, stage, time.monotonic())
        if self.run.state == "running":
            self._state.setText(self._pace.sentence())
            self._state.show()

    def _place(self) -> int:
        return self._services.tracker.waiting_runs.index(self.run)

    def _open_editor(self) -> None:
        dialog = EditDialog(self._services, self.run, self.window())
        dialog.exec()
        dialog.deleteLater()


class BackgroundRow(QFrame):
    """Work on files that goes on beside the line, which can be stopped."""

    def __init__(self, job: BackgroundJob) -> None:
        super().__init__()
        self.setObjectName("card")
        title, self._state = OneLine(), label("", "dim")
        title.set_words(job.title)
        title.setProperty("role", "")
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self.stop = _tool("close", tr("Stop"), lambda: self._stop(job))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self._progress)
        column.addWidget(self._state)
        job.progress.connect(self._show_progress)
        self._show_progress(*job.at)

    def _show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, max(total, 0))
        self._progress.setValue(done)
        if self.stop.isEnabled():
            self._state.setText(f"{done:,} / {total:,}")

    def _stop(self, job: BackgroundJob) -> None:
        self.stop.setEnabled(False)
        self._state.setText(tr("Stopping…"))
        job.stop()


def _tool(picture: str, tip: str, do: Callable[[], object]) -> QToolButton:
    button = tool(picture, tip)
    button.clicked.connect(lambda _=False: do())
    return button

"""The run bar: the queue's length, the running job's progress, and its stop button."""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from studio.core.pace import Pace
from studio.core.text import tr
from studio.ui.layout import label

SILENCE = 60.0
"""Seconds without progress after which that is shown, so that a job that hangs can be told from a slow one."""


class RunBar(QWidget):
    """Shown above every room."""

    cancelled = Signal()
    queue_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.queue = QPushButton(tr("Queue"))
        self.queue.setToolTip(tr("Show the queue (Ctrl+J)"))
        self.queue.setAccessibleName(tr("Queue"))
        self.queue.clicked.connect(self.queue_asked)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(150)
        self._bar.setAccessibleName(tr("Progress"))
        self._words = label("", "dim")
        self.stop = QPushButton(tr("Cancel"))
        self.stop.setToolTip(tr("Stop the running request (Esc)"))
        self.stop.setAccessibleName(tr("Cancel"))
        self.stop.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self._bar, self._words, self.stop, self.queue):  # the queue's button stays where it is
            row.addWidget(widget)
        self._pace = Pace()
        self._news, self._sentence_then = 0.0, ""
        self._clock = QTimer(self)
        self._clock.setInterval(5000)
        self._clock.timeout.connect(self._look_at_the_clock)
        self.idle()

    def set_waiting(self, count: int, unfinished: int, paused: bool) -> None:
        """Show how many jobs wait, and how many failed or were stopped."""
        parts = [tr("{count} queued", count=count)] if count else []
        if unfinished:
            parts.append(tr("{count} unfinished", count=unfinished))
        if paused:
            parts.append(tr("paused"))
        self.queue.setText(" · ".join(parts) or tr("Queue"))

    def follow(self, things: int) -> None:
        """Follow another job, which makes this many items."""
        self._pace = Pace(things)

    def show_progress(self, done: int, total: int, stage: str) -> None:
        """Show ``done`` of ``total`` steps; the rate is measured from the stage's first step on."""
        now = time.monotonic()
        self._pace.tell(done, total, stage, now)
        self._bar.setRange(0, max(total, 0))
        self._bar.setValue(done)
        self._news, self._sentence_then = now, self._pace.sentence()
        self._words.setText(self._sentence_then)
        self._clock.start()
        for widget in (self._bar, self._words, self.stop):
            widget.show()

    def _look_at_the_clock(self) -> None:
        silent = time.monotonic() - self._news
        if silent >= SILENCE:
            words = tr("no progress for {minutes} min", minutes=int(silent // 60))
            self._words.setText(f"{self._sentence_then} · {words}")

    def set_stopping(self, stopping: bool, stuck: bool) -> None:
        """Show that the job is stopping; ``stuck``: it doesn't respond, and can be forced."""
        self.stop.setText(tr("Stop now") if stuck else tr("Stopping…") if stopping else tr("Cancel"))
        self.stop.setEnabled(stuck or not stopping)

    def idle(self) -> None:
        """Nothing runs."""
        self._pace = Pace()
        self._clock.stop()
        for widget in (self._bar, self._words, self.stop):
            widget.hide()
        self.set_stopping(False, False)

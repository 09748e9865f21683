"""Counts tokens in a small child process: loading a large tokenizer blocks Python for half a second."""

import json
import logging
import sys
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer

from studio.core.child_signals import held_back
from studio.core.resources import ROOT
from studio.models.catalogue import Model
from studio.models.tokens import Question

log = logging.getLogger(__name__)
Answer = Callable[[tuple[int, int] | None], None]
PATIENCE_MS = 5_000
"""A tokenizer that takes longer is broken or malicious."""
ENDING_MS = 2_000
"""Time for the process to end, which a slow drive may delay."""
START_MS = 10_000
"""Extra time for a cold start of the process."""
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from studio.core.child_signals import leave_to_the_parent
leave_to_the_parent()
from studio.models.tokens import serve
serve()
"""


class TokenCounter(QObject):
    """Asks ``studio.models.tokens`` in a child process, which is started on first use and ends with this object.

    If the process dies or times out, the answer is None; the next question starts a new process.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Answer] = []
        self._closed = False
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.errorOccurred.connect(self._failed)
        self._process.finished.connect(self._ended)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._process.kill)

    def count(self, model: Model, text: str, then: Answer) -> None:
        """Call ``then`` with ``count_tokens(model, text)``."""
        if self._closed:
            return
        starting = self._process.state() == QProcess.ProcessState.NotRunning
        if not self._waiting:
            self._patience.start(PATIENCE_MS + START_MS if starting else PATIENCE_MS)
        self._waiting.append(then)
        if starting:
            with held_back():
                self._process.start(sys.executable, ["-c", PROGRAM, str(ROOT)])
        self._process.write(json.dumps(msgspec.to_builtins(Question(model, text))).encode() + b"\n")

    def close(self) -> None:
        """End the process; pending questions are not answered."""
        self._closed = True
        self._waiting.clear()
        self._patience.stop()
        self._process.closeWriteChannel()
        self._process.kill()
        self._process.waitForFinished(ENDING_MS)

    def _read(self) -> None:
        while self._process.canReadLine() and self._waiting:
            counted = json.loads(bytes(self._process.readLine().data()))
            then = self._waiting.pop(0)
            if self._waiting:
                self._patience.start(PATIENCE_MS)
            else:
                self._patience.stop()
            then(tuple(counted) if counted is not None else None)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._ended()

    def _ended(self) -> None:
        self._read()
        unanswered, self._waiting = self._waiting, []
        if unanswered:
            log.warning("the process that counts tokens ended: %s", self._process.errorString())
        for then in unanswered:
            then(None)

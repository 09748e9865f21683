"""The worker thread: lends itself to an engine and turns what that says into a Qt signal."""

from PySide6.QtCore import QObject, QThread, Signal

from studio.core.override import override
from studio.engine.protocol import Engine


class Worker(QThread):
    """A thread that belongs to one engine from ``start`` to ``close``.

    ``said`` carries every ``studio.core.events.Message``. It is emitted in the worker's thread: receivers in the
    window connect with ``Qt.QueuedConnection``.
    """

    said = Signal(object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.setObjectName("engine")

    @override
    def run(self) -> None:
        """Serve until the engine is closed. Called by Qt in the new thread."""
        self.engine.serve(self.said.emit)

    def close(self, seconds: float | None = None) -> bool:
        """End the engine and wait for the thread, ``seconds`` at most. Returns whether it has ended."""
        self.engine.close()
        return self.wait() if seconds is None else self.wait(round(seconds * 1000))

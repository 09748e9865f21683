"""What is measured in a window's process of its own: ``window.py NAME [ARGUMENTS]`` prints one line of JSON."""

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

BEAT_MS = 2
PATIENCE = 240.0
WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class Painted(QObject):
    """Calls ``then`` when ``window`` was painted for the first time and its event loop is free again."""

    def __init__(self, window: QMainWindow, then: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._then = window, then
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the painting."""
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._then)
        return False


class Heart:
    """Beats in the window's event loop and keeps the milliseconds between two beats."""

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._last) * 1000)
        self._last = now

    def found(self) -> dict[str, float]:
        """The longest gap since the last call, and the one that 99 of 100 stay below."""
        ordered, self._gaps = sorted(self._gaps), []
        return {"longest": ordered[-1], "p99": ordered[int(len(ordered) * 0.99)]}


def until(true: Callable[[], object]) -> None:
    """Serve the event loop until ``true()`` is."""
    end = time.monotonic() + PATIENCE
    waker = QTimer()
    waker.start(1)
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the program did not come so far")
        QCoreApplication.processEvents(WAIT)


def pause(seconds: float) -> None:
    """Serve the event loop for a while."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


def tell(**found: Any) -> None:
    """Say what was found and end at once: how a program ends is not measured here."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)


def memory() -> dict[str, float]:
    """Megabytes of this process."""
    import psutil

    info = psutil.Process().memory_full_info()
    return {"rss": info.rss / 1e6, "uss": info.uss / 1e6}


def begun() -> Any:
    """The studio with its engine ready."""
    from studio.shell.start import Studio

    app = QApplication([])
    studio = Studio(app)
    studio.show()
    until(lambda: studio.services.engine.state == "ready")
    return studio


# -- what can be measured ----------------------------------------------------------------------------------------------


def bare() -> None:
    """A window with nothing in it, until it is painted."""
    _app = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(QLabel("Triptych"))
    window.resize(1280, 800)
    _painted = Painted(window, lambda: tell(**memory()))
    window.show()
    _app.exec()


def cold() -> None:
    """The studio's window, until it is painted."""
    gc.disable()  # as the way in does
    from studio.shell.start import Studio

    app = QApplication([])
    studio = Studio(app)
    _painted = Painted(studio.window, tell)
    studio.show()
    app.exec()


def gaps() -> None:
    """The event loop's gaps while the child starts, loads a model and makes pictures; then while nothing happens."""
    from studio.shell.start import Studio

    app = QApplication([])
    studio = Studio(app)
    studio.show()
    pause(0.5)
    heart = Heart()
    until(lambda: studio.services.engine.state == "ready")
    start = heart.found()
    room = studio.window.panel("image")
    room.prompt.set_text("a red balloon over teal mountains at sunset")
    room.form.set_values({"steps": 40, "count": 4})
    pause(0.3)
    heart.found()
    room.make()
    (run,) = studio.tracker.line
    until(lambda: run.over)
    work = heart.found()
    pause(3)
    tell(start=start, work=work, idle=heart.found(), state=run.state)


def gaps_in_thread() -> None:
    """The same gaps where a thread of the window's own process imports what the engine needs."""
    app = QApplication([])
    window = QMainWindow()
    window.show()
    pause(0.5)
    heart = Heart()

    def load() -> None:
        import diffusers
        import torch

        del torch, diffusers

    thread = threading.Thread(target=load)
    thread.start()
    until(lambda: not thread.is_alive())
    del app
    tell(start=heart.found())


def stop() -> None:
    """How long a stop takes to be acknowledged, and then to free the worker, against the time of one step."""
    studio = begun()
    room = studio.window.panel("image")
    room.prompt.set_text("a red balloon over teal mountains at sunset")
    room.form.set_values({"steps": 150})
    said, free, steps = [], [], []
    for _ in range(9):
        room.make()
        run = studio.tracker.line[-1]
        at: list[float] = []
        run.progress.connect(lambda done, total, stage, at=at: at.append(time.perf_counter()) if done else None)
        until(lambda at=at: len(at) >= 20)
        begin = time.perf_counter()
        QTest.keyClick(room.prompt.edit, Qt.Key.Key_Escape)
        until(lambda: studio.window._bar.stop.text() == "Stopping…")
        said.append((time.perf_counter() - begin) * 1000)
        ended: list[float] = []
        run.cancelled.connect(lambda ended=ended: ended.append(time.perf_counter()))
        until(lambda ended=ended: ended)
        free.append((ended[0] - begin) * 1000)
        steps.append((at[19] - at[2]) * 1000 / 17)
    tell(acknowledged=median(said), worst=max(said), free=median(free), step=median(steps))


def slider() -> None:
    """From a key on a slider of the latent room to the new frame on the window."""
    studio = begun()
    studio.window.enter("latent")
    room = studio.window.panel()
    until(lambda: not room.map.map.missing(1))
    pause(1)
    came: list[float] = []
    room.frames.live.connect(lambda *_: came.append(time.perf_counter()))
    handle, times = room.settings.form.control("psi").slider, []
    for number in range(60):
        room._stale.stop()
        came.clear()
        begin = time.perf_counter()
        QTest.keyClick(handle, Qt.Key.Key_Left if number % 2 else Qt.Key.Key_Right)
        until(lambda: came)
        times.append((came[0] - begin) * 1000)
        room._stale.stop()  # the map's own pictures are another matter
    tell(frame=median(times[10:]))


def filled() -> None:
    """The memory of the window's process with the whole library shown."""
    studio = begun()
    studio.window.enter("library")
    room = studio.window.panel()
    want = studio.library.count()
    until(lambda: len(room.grid.keys()) == want)
    for row in range(0, want, 10):
        room.grid.scrollTo(room.grid.model().index(row, 0))
        pause(0.02)
    pause(1)
    tell(items=want, **memory())


if __name__ == "__main__":
    {one.__name__: one for one in (bare, cold, gaps, gaps_in_thread, stop, slider, filled)}[sys.argv[1]]()

"""Ctrl+C in the terminal and termination signals close the window as its close button does."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from studio.core.child_signals import ASKING


@contextlib.contextmanager
def closing_on_signals(close: Callable[[], object], parent: QObject) -> Iterator[None]:
    """While inside, termination signals call ``close`` in the main thread, inside Qt's event loop.

    Python runs handlers only between bytecodes, and an idle Qt loop executes none: each signal is also written to a
    socket, whose notifier wakes Python. ``close`` is queued in the loop: the interrupted code may hold a lock that it
    needs, and closing a window before the loop runs doesn't end it.
    """
    heard, told = socket.socketpair()
    for end in (heard, told):
        end.setblocking(False)
    notifier = QSocketNotifier(heard.fileno(), QSocketNotifier.Type.Read, parent)
    notifier.activated.connect(lambda: heard.recv(64))
    soon = partial(QTimer.singleShot, 0, parent, close)
    before = {number: signal.signal(number, lambda *_: soon()) for number in _asking()}
    told_before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(told_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        notifier.deleteLater()
        heard.close()
        told.close()


def _asking() -> list[signal.Signals]:
    """Without SIGHUP where it is ignored (nohup)."""
    hangup = getattr(signal, "SIGHUP", None)
    return [one for one in ASKING if one != hangup or signal.getsignal(one) != signal.SIG_IGN]

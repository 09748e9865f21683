"""Ctrl+C and the system's wish for an end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import signal, sys
from PySide6.QtCore import QCoreApplication, QTimer
from studio.shell.signals import closing_on_signals

if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has it ignored, and so do its children
app = QCoreApplication([])
with closing_on_signals(lambda: app.exit(7), app):
    QTimer.singleShot(0, lambda: print("ready", flush=True))
    status = app.exec()
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
sys.exit(status)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_signal_ends_an_idle_event_loop(number: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(number)
            assert process.wait(20) == 7
        finally:
            process.kill()


BUSY = """
import os, signal, sys, threading
from PySide6.QtCore import QCoreApplication, QTimer
from studio.shell.signals import closing_on_signals

app, lock = QCoreApplication([]), threading.Lock()

def work():
    with lock:
        os.kill(os.getpid(), signal.SIGTERM)

def close():
    with lock:
        app.exit(7)

with closing_on_signals(close, app):
    QTimer.singleShot(0, work)
    status = app.exec()
sys.exit(status)
"""


@pytest.mark.skipif(os.name == "nt", reason="as above")
def test_a_signal_waits_until_what_python_does_is_done() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", BUSY], cwd=root) as process:
        try:
            assert process.wait(30) == 7
        finally:
            process.kill()


EARLY = """
import os, signal, sys
from contextlib import contextmanager
from studio.shell import start

@contextmanager
def heard_early(close, parent, closing=start.closing_on_signals):
    with closing(close, parent):
        os.kill(os.getpid(), signal.SIGTERM)
        yield

if __name__ == "__main__":
    start.closing_on_signals = heard_early
    sys.exit(start.main([]))
"""


@pytest.mark.skipif(os.name == "nt", reason="as above")
def test_a_signal_before_the_loop_runs_ends_the_program_too(tmp_path: Path, home: Path) -> None:
    program = tmp_path / "early.py"
    program.write_text(EARLY, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, str(program)], env=environment) as process:
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()

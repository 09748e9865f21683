"""What holds for every test: offline, offscreen, and a home of its own."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.engine_config import DEFAULTS, configure
from studio.core.offline import go_offline
from tests.patient import PatientBot

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # each process of the suite has one core
os.environ["QT_QPA_PLATFORM"] = os.environ.get("TRIPTYCH_TEST_PLATFORM", "offscreen")
go_offline()

# The same examples at every run. To look for new ones: pytest --hypothesis-profile=default
hypothesis.settings.register_profile("steady", derandomize=True)
hypothesis.settings.load_profile("steady")


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """A person's hands and eyes."""
    return PatientBot(request)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the tests that passed at their second try only (``--reruns``)."""
    failed = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.getreports(kind)}
    unsteady = sorted({report.nodeid for report in terminalreporter.getreports("rerun")} - failed)
    if unsteady:
        terminalreporter.section("unsteady: passed at the second try", yellow=True)
        for name in unsteady:
            terminalreporter.line(name)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """What the studio tells its processes, and this one, ends with the test."""
    with mock.patch.dict(os.environ):
        yield
    configure(DEFAULTS)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home for the studio's files; the user's own folders are never touched."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TRIPTYCH_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the machine's own loopback can be reached."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test wanted the network: {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder one that nobody may look into, not even an administrator."""

    def forbid(folder: Path) -> None:
        real = os.stat

        def stat(path: str | Path, **options: bool) -> os.stat_result:
            if folder in Path(path).parents:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return real(path, **options)

        monkeypatch.setattr(os, "stat", stat)

    return forbid


@pytest.fixture(scope="session", autouse=True)
def _empty_clipboard() -> Iterator[None]:
    """Qt's offscreen platform crashes at the end of a program that leaves something on its clipboard."""
    yield
    if isinstance(QGuiApplication.instance(), QGuiApplication):
        QGuiApplication.clipboard().clear()

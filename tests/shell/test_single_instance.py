"""One window on one library: a second start says so, brings the first one forward, and touches nothing."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSysInfo, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.shell import holder
from studio.shell import single_instance as module
from studio.shell.single_instance import SingleInstance
from studio.shell.start import _open_anyway
from tests.opened import LEFT, in_dialog
from tests.shell.conftest import Opened

ROOT = Path(__file__).resolve().parents[2]
SECOND = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from PySide6.QtCore import Qt
from studio.shell import single_instance
from studio.shell.start import main
said = []
def answer():
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        said.append(box.text())
        button = next((one for one in box.buttons() if one.text() == sys.argv[1]), box.buttons()[0])
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
app = QApplication([])
timer = QTimer()
timer.timeout.connect(answer)
timer.start(10)
single_instance.PATIENCE = float(sys.argv[2])
print(json.dumps([main([]), said]))
"""
HOLDER = """
import sys, time
from pathlib import Path
from studio.shell.single_instance import SingleInstance
instance = SingleInstance(Path(sys.argv[1]))
print(instance.take(), flush=True)
time.sleep(60)
"""
OPEN_ALREADY = "This library is already open in another Triptych window."


@pytest.fixture
def data(home: Path) -> Path:
    return home / "data"


@pytest.fixture
def first(data: Path) -> Iterator[SingleInstance]:
    instance = SingleInstance(data)
    assert instance.take()
    yield instance
    instance.leave()


def start_again(home: Path, answer: str, patience: float = 30.0) -> "subprocess.Popen[str]":
    """Start the program a second time, with a person who answers its question."""
    return subprocess.Popen(
        [sys.executable, "-c", SECOND, answer, str(patience)],
        env={**os.environ, "TRIPTYCH_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(program: "subprocess.Popen[str]") -> Any:
    """The exit status and what was said."""
    told, _ = program.communicate(timeout=60)
    return json.loads(told)


def test_there_is_one_seat(first: SingleInstance, data: Path) -> None:
    second = SingleInstance(data)
    assert not second.take()
    first.leave()
    assert second.take()
    second.leave()


def lock_of(process: int, machine: str = "othermachine", machine_id: str = "0123456789abcdef", boot: str = "0") -> str:
    """As QLockFile writes it."""
    return f"{process}\n{Path(sys.executable).resolve().name}\n{machine}\n{machine_id}\n{boot}\n"


def here(process: int, boot: str | None = None) -> str:
    """The lock of a process of this machine."""
    machine_id, boot_id = (bytes(one.data()).decode() for one in (QSysInfo.machineUniqueId(), QSysInfo.bootUniqueId()))
    return lock_of(process, QSysInfo.machineHostName(), machine_id, boot or boot_id)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\0" * 20, b"garbage", b"4711", "猫".encode(), b"\n\n\n\n", b"9" * 100_000),
        *(lock_of(4711).encode(), lock_of(os.getpid()).encode(), here(os.getpid()).encode()),
        *(here(os.getppid(), boot="an earlier start").encode(), here(2**22 + 1).encode()),
    ],
    ids=itertools.count(),  # numbers of processes are others in each process of the suite
)
def test_a_lock_that_nobody_can_have_is_taken_over(data: Path, content: bytes) -> None:
    """Of another machine or container, of one that ended with the power, of a process with our number; or no lock."""
    (data / "window").mkdir(parents=True)
    (data / "window" / "lock").write_bytes(content)
    instance = SingleInstance(data)
    assert instance.take()
    assert not SingleInstance(data).take()
    instance.leave()


def test_a_lock_of_a_living_process_of_this_machine_is_respected(data: Path) -> None:
    """Also on a disk that knows no locks of the system's."""
    (data / "window").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        (data / "window" / "lock").write_text(here(living.pid), encoding="utf-8")
        assert not SingleInstance(data).take()
        assert living.stdin is not None
        living.stdin.write(b"\n")
    instance = SingleInstance(data)
    assert instance.take()
    instance.leave()


@pytest.mark.parametrize("content", ["", lock_of(4711)])
def test_what_holds_the_lock_lives_whatever_its_file_says(data: Path, first: SingleInstance, content: str) -> None:
    """As one in another container does, on the same folder."""
    (data / "window" / "lock").write_text(content, encoding="utf-8")
    assert not SingleInstance(data).take()


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_is_no_lock_at_all_is_moved_away(data: Path, kind: str, tmp_path: Path) -> None:
    lock = data / "window" / "lock"
    lock.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(lock)
    elif kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to(tmp_path / "gone")
    instance = SingleInstance(data)
    assert instance.take()
    assert not SingleInstance(data).take()
    instance.leave()


def test_a_folder_full_of_things_in_its_place_is_said(data: Path) -> None:
    (data / "window" / "lock" / "mine").mkdir(parents=True)
    with pytest.raises(StudioError, match="lock is in the way"):
        SingleInstance(data).take()


@pytest.fixture
def on_the_network(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that several machines see; the lock of another one is in it."""
    monkeypatch.setattr(holder, "_is_shared", lambda lock: True)
    (data / "window").mkdir(parents=True)
    (data / "window" / "lock").write_text(lock_of(4711, "<b>studio-7"), encoding="utf-8")
    return data


@pytest.mark.parametrize("answer", ["Open it here", "Cancel"])
def test_a_window_on_another_machine_is_said_and_may_be_overruled(
    qapp: QApplication, on_the_network: Path, answer: str
) -> None:
    instance, said = SingleInstance(on_the_network), list[str]()
    assert not instance.take()

    def reply(box: QMessageBox) -> None:
        said.append(box.text())
        assert box.textFormat() == Qt.TextFormat.PlainText
        QTest.mouseClick(next(one for one in box.buttons() if one.text().replace("&", "") == answer), LEFT)

    opened: list[bool] = []
    in_dialog(lambda: opened.append(_open_anyway(qapp, instance)), reply)
    assert said == ["This library seems to be open in Triptych on another machine: <b>studio-7."]
    assert opened == [answer == "Open it here"]
    assert SingleInstance(on_the_network).take() is False
    instance.leave()


def test_every_library_has_its_own(first: SingleInstance, tmp_path: Path) -> None:
    other = SingleInstance(tmp_path / "another")
    assert other.take()
    other.leave()


def test_the_seat_of_a_program_that_was_killed_is_taken_over(data: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        instance = SingleInstance(data)
        assert not instance.take()
        holder.send_signal(signal.SIGKILL)
    assert instance.take()
    instance.leave()


def test_a_place_that_takes_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(StudioError, match="data"):
        SingleInstance(tmp_path / "data")


def test_calls_that_nobody_waits_for_are_forgotten(qtbot: QtBot, first: SingleInstance, data: Path) -> None:
    (data / "window" / "1.call").touch()
    first.listen(lambda: pytest.fail("nobody called"))
    qtbot.wait(50)
    assert not list((data / "window").glob("*.call"))


def test_nobody_there_to_hear(first: SingleInstance, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    assert not SingleInstance(data).call()
    assert not list((data / "window").glob("*.call"))


@pytest.mark.qt_log_ignore("This plugin does not support")  # raising a window wants more than there is without a screen
def test_a_second_start_brings_the_window_forward_and_touches_nothing(qtbot: QtBot, opened: Opened, home: Path) -> None:
    library = opened.library.paths
    instance = SingleInstance(library.data)
    assert instance.take()
    instance.listen(opened.window.come_forward)
    opened.window.showMinimized()
    before = {file: file.stat().st_mtime_ns for file in library.data.rglob("*") if file.is_file()}
    program = start_again(Path(os.environ["TRIPTYCH_HOME"]), "Bring it forward")
    qtbot.waitUntil(lambda: program.poll() is not None, timeout=60_000)
    instance.leave()
    assert ended(program) == [0, [OPEN_ALREADY]]
    assert not opened.window.isMinimized()
    after = {file: file.stat().st_mtime_ns for file in before if file.exists()}
    assert after.items() >= {file: time for file, time in before.items() if file.name != "lock"}.items()


def test_a_window_that_does_not_answer_is_said(first: SingleInstance, home: Path) -> None:
    status, said = ended(start_again(home, "Bring it forward", patience=0.1))
    assert status == 1
    assert said[0] == OPEN_ALREADY
    assert said[1].startswith("The other window isn't responding.")


def test_the_person_may_leave_it_at_that(first: SingleInstance, home: Path) -> None:
    assert ended(start_again(home, "Cancel")) == [0, [OPEN_ALREADY]]

"""Garbage: what is dropped in a cycle ends in the window's thread."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.app.garbage import Garbage


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[Garbage]:
    gc.collect()
    made = Garbage()
    yield made
    made.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


class Dropped(QObject):
    """Holds itself; tells which thread destroys it."""

    def __init__(self, ends: list[threading.Thread]) -> None:
        super().__init__()
        self._me, self._ends = self, ends

    def __del__(self) -> None:
        self._ends.append(threading.current_thread())


def make_much() -> None:
    """As many objects as make Python collect every generation."""
    for _ in range(300):
        [[] for _ in range(1000)]


def busy_thread() -> None:
    thread = threading.Thread(target=make_much)
    thread.start()
    thread.join()


def test_another_thread_destroys_nothing_of_the_windows(qtbot: QtBot, garbage: Garbage) -> None:
    ends: list[threading.Thread] = []
    for _ in range(1000):
        Dropped(ends)
    busy_thread()
    assert ends == []
    qtbot.waitUntil(lambda: len(ends) == 1000)
    assert set(ends) == {threading.main_thread()}


def test_what_is_spared_is_not_looked_at_again(garbage: Garbage) -> None:
    ends: list[threading.Thread] = []
    Dropped(ends)
    garbage.spare()
    gc.collect()
    assert ends == []
    garbage.close()
    gc.collect()
    assert len(ends) == 1

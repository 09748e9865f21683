"""What is shown anew for every job leaves no memory behind: Qt's own, which Python's garbage knows nothing of."""

import ctypes
import gc
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.core.fields import Field
from studio.ui.banner import Banner
from studio.ui.chips import Flow, chip
from studio.ui.details import Details
from studio.ui.text_fields import Texts


class _Heap(ctypes.Structure):
    """What glibc's mallinfo2 tells."""

    _fields_ = [(name, ctypes.c_size_t) for name in (*"abcdefg", "used", "free", "top")]


def _used() -> int:
    """Bytes of the heap that are in use; without what Qt may keep of icons."""
    gc.collect()
    QPixmapCache.clear()
    asked = ctypes.CDLL(None).mallinfo2
    asked.restype = _Heap
    return int(asked().used)


def _made_anew(number: int) -> None:
    part = QWidget()
    row = Flow(part)
    for _ in range(4):
        row.addWidget(chip(str(number), "A chip"))
    part.deleteLater()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="asks glibc")
@pytest.mark.parametrize("kind", ["details", "banner", "texts", "chips"])
def test_what_is_renewed_leaves_no_memory_behind(qtbot: QtBot, kind: str) -> None:
    details, banner = Details("Details"), Banner()
    texts = Texts(Field(name="stop", type="texts", default=(), title="Stop at", help="Stop there"))
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    for shown in (details, banner, texts):
        column.addWidget(shown)
    window.show()
    ways = [("Try again", "Once more", lambda: None), ("Leave it", "No more", lambda: None)]
    renew: Callable[[int], object] = {
        "details": lambda number: details.set_rows([("Seed", str(number)), ("Model", "m")]),
        "banner": lambda number: banner.show_notice(str(number), actions=ways),
        "texts": lambda number: texts.set_value((str(number), "b", "c")),
        "chips": _made_anew,
    }[kind]
    held = []
    for number in range(600):
        renew(number)
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if number % 200 == 199:
            held.append(_used())
    assert held[2] - held[1] < 200 * 100, "an item of a layout takes 88 bytes, and each time there are two at least"

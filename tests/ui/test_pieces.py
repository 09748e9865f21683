"""The smaller pieces: banner, run bar, model box, details, section, cards, actions, pixels."""

from typing import Protocol

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QStandardItemModel
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.core.values import Asset
from studio.ui import run_bar
from studio.ui.actions import Action, add_actions
from studio.ui.banner import Banner
from studio.ui.details import Details
from studio.ui.layout import OneLine, Section, breakable, card, label, primary, side, tool
from studio.ui.model_box import ModelBox, ModelOption
from studio.ui.pixels import to_pixmap, to_qimage
from studio.ui.run_bar import RunBar
from tests.ui.accessible import clipped, lacking

LONG_PATH = "/home/someone/Pictures/Triptych/2026-11-23/a_very_long_name_made_from_a_prompt_without_any_spaces_0001.png"


class Around(Protocol):
    def __call__(self, *parts: QWidget, width: int = 300) -> QWidget: ...


@pytest.fixture
def around(qtbot: QtBot) -> Around:
    """Shows parts in a window that lives as long as the test."""
    windows: list[QWidget] = []

    def show(*parts: QWidget, width: int = 300) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        column = QVBoxLayout(window)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        window.resize(width, 500)
        window.show()
        return window

    return show


def button(widget: QWidget, text: str) -> QPushButton:
    return next(part for part in widget.findChildren(QPushButton) if part.text() == text)


# -- banner ----------------------------------------------------------------------------------------------------------


def test_a_banner_says_it_offers_ways_out_and_goes(around: Around, qtbot: QtBot) -> None:
    banner = Banner()
    window = around(banner)
    assert banner.message == ""
    done: list[str] = []
    banner.show_notice(
        f"{LONG_PATH} can't be read.",
        detail="Traceback",
        actions=[("Again", "Try again", lambda: done.append("again"))],
    )
    assert banner.message == f"{LONG_PATH} can't be read."
    assert clipped(window) == []
    assert lacking(window) == []
    qtbot.mouseClick(button(banner, "Again"), Qt.MouseButton.LeftButton)
    assert done == ["again"]
    assert banner.message == ""


def test_a_banner_unfolds_and_copies_its_details(around: Around, qtbot: QtBot) -> None:
    banner = Banner()
    window = around(banner)
    banner.show_notice("It failed.", detail="the last words")
    qtbot.keyClick(button(banner, "Details"), Qt.Key.Key_Space)
    assert lacking(window) == []
    qtbot.mouseClick(button(banner, "Copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It failed.\n\nthe last words"
    banner.show_notice("Only a note.", tone="note")
    assert not button(banner, "Details").isVisible()
    assert banner.property("tone") == "note"


# -- run bar ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(run_bar.time, "monotonic", lambda: now[0])
    return now


def words_of(bar: RunBar) -> str:
    return next((part.text() for part in bar.findChildren(QLabel) if part.isVisible()), "")


def test_the_run_bar_tells_steps_rate_and_time_left(around: Around, qtbot: QtBot, clock: list[float]) -> None:
    bar = RunBar()
    window = around(bar, width=700)
    bar.show_progress(0, 30, "Step")
    clock[0] += 9
    bar.show_progress(18, 30, "Step")
    assert words_of(bar) == "Step 18 / 30 · 2.0 it/s · 6 s left"
    assert clipped(window) == []
    assert lacking(window) == []


def test_of_several_pictures_the_run_bar_tells_which_and_how_long(
    around: Around, qtbot: QtBot, clock: list[float]
) -> None:
    bar = RunBar()
    around(bar, width=700)
    bar.follow(64)
    bar.show_progress(0, 9600, "Step")
    clock[0] += 6.6
    bar.show_progress(288, 9600, "Step")
    assert words_of(bar) == "Picture 2 of 64 · 3 min 33 s left"
    bar.show_progress(300, 9600, "Decoding")
    assert words_of(bar) == "Picture 2 of 64 · 3 min 25 s left"
    bar.show_progress(9600, 9600, "Step")
    assert words_of(bar).startswith("Picture 64 of 64")


def test_another_stage_is_measured_anew_and_an_endless_one_has_no_numbers(
    around: Around, qtbot: QtBot, clock: list[float]
) -> None:
    bar = RunBar()
    around(bar)
    bar.show_progress(0, 0, "Loading")
    assert words_of(bar) == "Loading…"
    clock[0] += 60
    bar.show_progress(1, 10, "Step")
    assert words_of(bar) == "Step 1 / 10"
    clock[0] += 1
    bar.show_progress(2, 10, "Step")
    assert words_of(bar) == "Step 2 / 10 · 1.0 it/s · 8 s left"


def test_the_run_bar_cancels_says_so_and_rests(around: Around, qtbot: QtBot) -> None:
    bar = RunBar()
    around(bar)
    bar.show_progress(1, 10, "Step")
    with qtbot.waitSignal(bar.cancelled):
        qtbot.mouseClick(bar.stop, Qt.MouseButton.LeftButton)
    bar.set_stopping(True, stuck=False)
    assert not bar.stop.isEnabled()
    bar.set_stopping(True, stuck=True)
    with qtbot.waitSignal(bar.cancelled):
        qtbot.keyClick(bar.stop, Qt.Key.Key_Space)
    bar.idle()
    assert not bar.stop.isVisible()
    assert words_of(bar) == ""


def test_the_run_bar_says_how_long_it_had_no_news(around: Around, qtbot: QtBot, clock: list[float]) -> None:
    bar = RunBar()
    around(bar)
    bar._clock.setInterval(1)
    bar.show_progress(3, 20, "Step")
    qtbot.wait(20)
    assert bar._words.text() == "Step 3 / 20"
    clock[0] += 185
    qtbot.waitUntil(lambda: bar._words.text() == "Step 3 / 20 · no progress for 3 min")
    bar.show_progress(4, 20, "Step")
    assert "no news" not in bar._words.text()
    bar.idle()
    assert not bar._clock.isActive()


def test_the_run_bar_counts_what_waits(around: Around, qtbot: QtBot) -> None:
    bar = RunBar()
    around(bar)
    bar.set_waiting(2, 0, paused=False)
    assert bar.queue.text() == "2 queued"
    bar.set_waiting(2, 1, paused=True)
    assert bar.queue.text() == "2 queued · 1 unfinished · paused"
    with qtbot.waitSignal(bar.queue_asked):
        qtbot.mouseClick(bar.queue, Qt.MouseButton.LeftButton)


# -- model box -------------------------------------------------------------------------------------------------------

MODELS = [
    ModelOption("starter:scenes", "Starter Scenes", "128 px · bundled"),
    ModelOption("/m/broken", "Broken", usable=False, reason="model_index.json is missing"),
    ModelOption("/m/sdxl", "SDXL", "6.9 GB"),
]


def test_models_are_chosen_by_keyboard_past_those_that_cannot_be_used(around: Around, qtbot: QtBot) -> None:
    box = ModelBox()
    window = around(box, width=600)
    box.set_models(MODELS)
    with qtbot.assertNotEmitted(box.chosen):
        box.set_value("starter:scenes")
    with qtbot.waitSignal(box.chosen) as chosen:
        qtbot.keyClick(box.box, Qt.Key.Key_Down)
    assert chosen.args == ["/m/sdxl"]
    assert lacking(window) == []


def test_a_model_that_cannot_be_used_is_grey_and_says_why(around: Around, qtbot: QtBot) -> None:
    box = ModelBox()
    around(box)
    box.set_models(MODELS)
    items = box.box.model()
    assert isinstance(items, QStandardItemModel)
    assert not items.item(1).isEnabled()
    assert box.box.itemData(1, Qt.ItemDataRole.ToolTipRole) == "model_index.json is missing"


def test_the_chosen_model_stays_while_it_is_there(around: Around, qtbot: QtBot) -> None:
    box = ModelBox()
    around(box)
    box.set_models(MODELS)
    box.set_value("/m/sdxl")
    box.set_models(list(reversed(MODELS)))
    assert box.value() == "/m/sdxl"
    box.set_models(MODELS[:1])
    assert box.value() == ""
    box.set_models([])
    assert not box.box.isEnabled()


# -- details ---------------------------------------------------------------------------------------------------------


def test_details_are_shown_without_overflow_and_copied_as_they_were(around: Around, qtbot: QtBot) -> None:
    details = Details("Details")
    window = around(details, width=240)
    details.set_rows([("Prompt", "a red balloon " * 20), ("Nothing", ""), ("File", LONG_PATH)])
    shown = [part for part in details.findChildren(QLabel) if part.isVisible()]
    assert "Nothing" not in [part.text() for part in shown]
    assert clipped(window) == []
    assert window.width() == 240
    path = next(part for part in shown if part.accessibleName().startswith("File"))
    path.setFocus()
    qtbot.keyClick(path, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == LONG_PATH
    path.setSelection(0, 60)
    qtbot.keyClick(path, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    part = QGuiApplication.clipboard().text()
    assert len(part) < len(LONG_PATH)
    assert LONG_PATH.startswith(part)


def test_details_of_nothing_say_so(around: Around, qtbot: QtBot) -> None:
    details = Details("Details")
    around(details)
    details.set_rows([("Seed", "1")])
    details.set_rows([])
    assert "Nothing is selected." in [part.text() for part in details.findChildren(QLabel) if part.isVisible()]


# -- layout ----------------------------------------------------------------------------------------------------------


def test_a_section_opens_by_mouse_and_keyboard_and_shortens_its_title(around: Around, qtbot: QtBot) -> None:
    content = label("inside")
    section = Section("Scheduler · hi-res · LoRA · ControlNet · and much more", "More settings", content)
    window = around(section, width=200)
    assert section.head.text().endswith("…")
    assert clipped(window) == []
    assert lacking(window) == []
    assert not content.isVisible()
    qtbot.mouseClick(section.head, Qt.MouseButton.LeftButton)
    assert content.isVisible()
    qtbot.keyClick(section.head, Qt.Key.Key_Space)
    assert not content.isVisible()


@pytest.mark.parametrize("edge", ["left", "right"])
def test_a_side_never_scrolls_sideways(qtbot: QtBot, edge: str) -> None:
    frame, content, foot = side(edge, 300)
    qtbot.addWidget(frame)
    content.addWidget(card(label("A sentence that is longer than the side is wide, surely.", wrap=True), title="Card"))
    content.addStretch(1)
    foot.addWidget(primary("Generate", "Ctrl+Enter", "Make the picture"))
    frame.resize(300, 400)
    frame.show()
    assert frame.width() == 300
    assert clipped(frame) == []
    assert lacking(frame) == []


def test_long_words_can_be_broken_and_short_ones_stay() -> None:
    assert breakable("a red balloon") == "a red balloon"
    broken = breakable(LONG_PATH)
    assert broken.replace("\u200b", "") == LONG_PATH
    assert max(len(piece) for piece in broken.split("\u200b")) <= 30


# -- actions ---------------------------------------------------------------------------------------------------------


def test_actions_work_by_their_keys(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    done: list[str] = []
    made = add_actions(window, [Action("make", "Make", "Ctrl+Return", lambda: done.append("made"))])
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert done == ["made"]
    made["make"].trigger()
    assert done == ["made", "made"]


# -- pixels ----------------------------------------------------------------------------------------------------------


def test_pixels_of_an_asset() -> None:
    asset = Asset(kind="pixels", data=bytes(range(18)), width=3, height=2)
    image = to_qimage(asset)
    assert (image.width(), image.height()) == (3, 2)
    assert image.pixelColor(2, 1) == QColor(15, 16, 17)
    assert to_pixmap(asset).toImage().pixelColor(1, 0) == QColor(3, 4, 5)
    assert to_pixmap(asset, 6).width() == 6


# -- the helpers themselves ------------------------------------------------------------------------------------------


def test_what_lacks_words_is_found(around: Around, qtbot: QtBot) -> None:
    bare = QPushButton()
    window = around(bare, tool("star", "Star it"))
    assert lacking(window) == ["QPushButton “”: no tooltip", "QPushButton “”: no accessible name"]


def test_what_is_cut_is_found(around: Around, qtbot: QtBot) -> None:
    small = QPushButton("Translate and summarise")
    small.setFixedWidth(40)
    squeezed = label("A sentence of several words that needs more than a line.", wrap=True)
    squeezed.setFixedSize(90, 14)
    window = around(small, squeezed)
    outside = QLabel("outside", window)
    outside.move(280, 10)
    outside.show()
    assert len(clipped(window)) == 3


def test_a_line_without_room_is_shortened_and_its_tooltip_says_all(qtbot: QtBot) -> None:
    line = OneLine(Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(line)
    line.set_words("Autosaved to a folder that lies very deep · 12 items", "Why there")
    line.resize(120, 20)
    line.show()
    assert "…" in line.text()
    assert line.text().endswith("items")
    assert line.toolTip() == f"{line.whole()}\nWhy there"
    assert clipped(line) == []
    line.resize(line.sizeHint())
    assert line.text() == line.whole()
    assert line.toolTip() == "Why there"

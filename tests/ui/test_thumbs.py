"""Film strip and grid: lazily loaded, by keyboard and mouse, thousands of things at once."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.ui.film_strip import FilmStrip
from studio.ui.grid import Grid
from studio.ui.thumb_model import THUMB
from studio.ui.thumbs import Thumb, ThumbView
from tests.ui.accessible import lacking

GREEN = QColor("#20a040")


class Pictures:
    """A provider that notes what it is asked for, and answers at once or when it is told to."""

    def __init__(self, at_once: bool = True) -> None:
        self.asked: list[str] = []
        self.waiting: dict[str, Callable[[QImage | None], None]] = {}
        self.at_once = at_once

    def __call__(self, key: str, edge: int, ready: Callable[[QImage | None], None]) -> None:
        self.asked.append(key)
        if self.at_once:
            ready(green())
        else:
            self.waiting[key] = ready


def green() -> QImage:
    image = QImage(60, 40, QImage.Format.Format_RGB888)
    image.fill(GREEN)
    return image


def things(count: int) -> list[Thumb]:
    return [Thumb(f"k{number}", f"/tmp/{number}.png", f"thing {number}") for number in range(count)]


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def grid(qtbot: QtBot, pictures: Pictures) -> Grid:
    grid = Grid(pictures)
    qtbot.addWidget(grid)
    grid.resize(600, 460)
    grid.show()
    return grid


@pytest.fixture
def strip(qtbot: QtBot, pictures: Pictures) -> FilmStrip:
    strip = FilmStrip(pictures)
    qtbot.addWidget(strip)
    strip.resize(500, strip.height())
    strip.show()
    return strip


def centre(view: ThumbView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def test_only_what_is_in_sight_is_asked_for(grid: Grid, pictures: Pictures, qtbot: QtBot) -> None:
    grid.set_thumbs(things(20_000))
    qtbot.waitUntil(lambda: len(pictures.asked) > 8)
    assert len(pictures.asked) < 60
    assert set(pictures.asked) < {thing.key for thing in things(60)}
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: "k19999" in pictures.asked)
    assert len(pictures.asked) < 120


def test_a_picture_that_came_is_painted_and_not_asked_for_again(grid: Grid, pictures: Pictures, qtbot: QtBot) -> None:
    grid.set_thumbs(things(3))
    qtbot.waitUntil(lambda: len(pictures.asked) == 3)
    spot = centre(grid, 1)
    assert grid.viewport().grab().toImage().pixelColor(spot) == GREEN
    grid.set_thumbs(list(reversed(things(3))))
    grid.viewport().grab()
    assert sorted(pictures.asked) == ["k0", "k1", "k2"]


def test_a_picture_may_come_late_or_never(qtbot: QtBot) -> None:
    pictures = Pictures(at_once=False)
    grid = Grid(pictures)
    qtbot.addWidget(grid)
    grid.resize(600, 300)
    grid.show()
    grid.set_thumbs(things(3))
    qtbot.waitUntil(lambda: len(pictures.waiting) == 3)
    grid.drop(["k0"])
    pictures.waiting["k0"](green())
    pictures.waiting["k1"](None)
    pictures.waiting["k2"](green())
    assert grid.viewport().grab().toImage().pixelColor(centre(grid, 1)) == GREEN


def test_several_are_selected_with_shift_and_all_with_ctrl_a(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(10))
    told: list[list[str]] = []
    grid.chosen.connect(told.append)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 1))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, centre(grid, 3))
    assert told[-1] == ["k1", "k2", "k3"]
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(grid.selected()) == 10


def test_arrow_keys_move_along_and_down(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(40))
    grid.select(["k0"])
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.selected() == ["k1"]
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    across = grid.viewport().width() // 140
    assert grid.selected() == [f"k{1 + across}"]


def test_selecting_by_program_says_nothing_and_survives_a_refresh(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(10))
    with qtbot.assertNotEmitted(grid.chosen):
        grid.select(["k4", "gone"])
        grid.set_thumbs([Thumb(t.key, t.path, t.title, starred=t.key == "k4") for t in things(10)])
    assert grid.selected() == ["k4"]
    assert grid.model().index(4, 0).data(THUMB).starred


def test_a_refresh_keeps_the_place(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(1000))
    grid.viewport().grab()
    grid.verticalScrollBar().setValue(3000)
    grid.set_thumbs(things(999))
    assert grid.verticalScrollBar().value() == 3000


@pytest.mark.parametrize(
    ("key", "signal"), [(Qt.Key.Key_Delete, "delete_asked"), (Qt.Key.Key_S, "star_asked")], ids=["delete", "star"]
)
def test_keys_ask(grid: Grid, qtbot: QtBot, key: Qt.Key, signal: str) -> None:
    grid.set_thumbs(things(5))
    with qtbot.assertNotEmitted(getattr(grid, signal)):
        qtbot.keyClick(grid, key)
    grid.select(["k1", "k2"])
    with qtbot.waitSignal(getattr(grid, signal)) as asked:
        qtbot.keyClick(grid, key)
    assert asked.args == [["k1", "k2"]]


def test_enter_and_a_double_click_open(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(5))
    grid.select(["k3"])
    with qtbot.waitSignal(grid.opened) as opened:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert opened.args == ["k3"]
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 1))
    with qtbot.waitSignal(grid.opened) as opened:
        qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 1))
    assert opened.args == ["k1"]


def test_the_menu_is_asked_for_what_is_under_the_mouse(grid: Grid, qtbot: QtBot) -> None:
    grid.set_thumbs(things(5))
    grid.select(["k0", "k1"])
    with qtbot.waitSignal(grid.menu_asked) as asked:
        grid.customContextMenuRequested.emit(centre(grid, 1))
    assert asked.args is not None
    assert asked.args[0] == ["k0", "k1"]
    with qtbot.waitSignal(grid.menu_asked) as asked:
        grid.customContextMenuRequested.emit(centre(grid, 4))
    assert asked.args is not None
    assert asked.args[0] == ["k4"]


def test_files_are_dragged_out(grid: Grid) -> None:
    grid.set_thumbs(things(5))
    model = grid.model()
    assert model.flags(model.index(1, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    mime = model.mimeData([model.index(1, 0), model.index(3, 0)])
    assert [url.toLocalFile() for url in mime.urls()] == ["/tmp/1.png", "/tmp/3.png"]


def test_things_are_added_changed_and_dropped(strip: FilmStrip) -> None:
    strip.set_thumbs(things(3))
    strip.select(["k1"])
    strip.add(Thumb("new", "/tmp/new.png"))
    assert strip.keys() == ["new", "k0", "k1", "k2"]
    assert strip.selected() == ["k1"]
    strip.change(Thumb("k1", "/tmp/1.png", "renamed"))
    assert strip.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole) == "renamed"
    strip.drop(["k0", "k2", "gone"])
    assert strip.keys() == ["new", "k1"]


def test_the_strip_is_one_row_and_the_wheel_moves_along(strip: FilmStrip, qtbot: QtBot) -> None:
    strip.set_thumbs(things(100))
    strip.viewport().grab()
    tops = {strip.visualRect(strip.model().index(row, 0)).top() for row in range(100)}
    assert len(tops) == 1
    assert strip.visualRect(strip.model().index(0, 0)).bottom() < strip.viewport().height() + 8
    assert strip.horizontalScrollBar().maximum() > 5000
    strip.select(["k99"])
    assert strip.horizontalScrollBar().value() > 5000


def test_one_thing_of_the_strip_is_chosen_by_keyboard(strip: FilmStrip, qtbot: QtBot) -> None:
    strip.set_thumbs(things(10))
    strip.select(["k0"])
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert chosen.args == [["k1"]]


@pytest.mark.parametrize("badge", ["", "text", "clip"])
def test_marks_are_painted(grid: Grid, badge: str) -> None:
    grid.set_thumbs([Thumb("k", "/tmp/k", "Once upon a time", badge=badge)])
    plain = grid.viewport().grab().toImage()
    grid.change(Thumb("k", "/tmp/k", "Once upon a time", starred=True, badge=badge))
    assert grid.viewport().grab().toImage() != plain


def test_what_is_selected_is_told_in_order_of_rows(grid: Grid) -> None:
    grid.set_thumbs(things(30))
    selection = grid.selectionModel()
    for row in (20, 3, 9):
        selection.select(grid.model().index(row, 0), selection.SelectionFlag.Select)
    assert grid.selected() == ["k3", "k9", "k20"]
    assert grid.model().rowCount(QModelIndex()) == 30


def test_both_say_what_they_are(grid: Grid, strip: FilmStrip) -> None:
    assert lacking(grid) == []
    assert lacking(strip) == []
